"""What `amends doctor` looks at. Each check says how it stands and, where it is not well, what to do."""

import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from api.running import valkey
from monitor import settings as settings_
from monitor.domain.errors import AppError
from monitor.domain.lifecycle import Role
from monitor.judging import trying
from monitor.settings import KEY_FILE, Settings
from monitor.store import brands, figures, operating, trials, users, watches
from monitor.store.engine import Store, Work
from monitor.store.watches import WatchRow
from monitor.vault import Vault
from responders.drafters import DRAFTERS

OK, WARN, FAIL = "ok", "warn", "fail"
_LITTLE, _TOO_LITTLE = 1 << 30, 100 << 20  # bytes free
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_CLOCK_MAY_DIFFER = timedelta(minutes=1)
_QUIET_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    level: str
    said: str
    do: str = ""


def checks(chosen: Settings, now: datetime, *, deep: bool) -> Iterator[Check]:
    """Look at everything; what depends on something that failed is left out."""
    yield from _variables()
    yield from _folder(chosen)
    yield _key(chosen)
    yield _public_url(chosen.public_url)
    yield from _broker(chosen)
    yield _drafter(chosen)
    if deep:
        yield _model(chosen)
    yield from _database(chosen, now, deep=deep)


def _variables() -> Iterator[Check]:
    for name, near in settings_.strays().items():
        do = f"Did you mean {near}?" if near else "Remove it, or see the list of settings."
        yield Check("settings", WARN, f"{name} is set, but there is no such setting.", do)


def _folder(chosen: Settings) -> Iterator[Check]:
    folder = chosen.data
    nearest = next(one for one in (folder, *folder.resolve().parents) if one.exists())
    if not nearest.is_dir() or not _writable(nearest):
        yield Check("data folder", FAIL, f"{nearest} cannot be written.", "Give it to the user Amends runs as.")
        return
    yield Check("data folder", OK, str(folder) if folder.exists() else f"{folder} will be made.")
    free = shutil.disk_usage(nearest).free
    level = FAIL if free < _TOO_LITTLE else WARN if free < _LITTLE else OK
    yield Check(
        "disk", level, f"{free / (1 << 30):.1f} GB free.", "" if level == OK else "Make room before it is full."
    )


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _key(chosen: Settings) -> Check:
    path = chosen.data / KEY_FILE
    if chosen.secret_key.get_secret_value():
        return Check("key", OK, "Set by AMENDS_SECRET_KEY. It is in no backup: keep it elsewhere too.")
    if not path.exists():
        return Check("key", OK, "Will be made when it is first needed.")
    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return Check("key", FAIL, f"Others on this machine can read {path}.", f"chmod 600 {path}")
    return Check("key", OK, f"{path}, readable by its owner only.")


def _public_url(url: str) -> Check:
    name = "public address"
    if not url:
        return Check(name, OK, "None is set: links lead to this machine.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment or parts.username:
        return Check(
            name, FAIL, f"{url} is no address for links.", "Write AMENDS_PUBLIC_URL like https://amends.example.com"
        )
    if parts.scheme == "http" and host not in _LOCAL:
        return Check(
            name,
            WARN,
            f"{url} is plain http: passwords and sessions can be read on the way.",
            "Put https in front of it.",
        )
    return Check(name, OK, url)


def _broker(chosen: Settings) -> Iterator[Check]:
    if chosen.broker:
        yield _answers(chosen.broker)
        return
    try:
        binary = valkey.find_binary()
        valkey.private_folder(chosen.data)
    except AppError as error:
        yield Check("broker", FAIL, str(error))
    else:
        yield Check("broker", OK, f"amends up starts its own: {binary.name}.")


def _answers(url: str) -> Check:
    import redis

    try:
        line = redis.Redis.from_url(
            url.replace("redis+socket://", "unix://"), socket_timeout=3, socket_connect_timeout=3
        )
        with line:
            line.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        what = f"It does not answer ({type(error).__name__})."
        return Check("broker", FAIL, what, "Check AMENDS_BROKER_URL, and that the server runs.")
    return Check("broker", OK, "It answers.")


def _drafter(chosen: Settings) -> Check:
    if chosen.drafter in DRAFTERS:
        return Check("drafter", OK, chosen.drafter)
    return Check(
        "drafter", FAIL, f"There is no drafter {chosen.drafter}.", f"Set AMENDS_DRAFTER to {' or '.join(DRAFTERS)}."
    )


def _model(chosen: Settings, model: str = "") -> Check:
    from monitor import classifiers

    try:
        judge = classifiers.load(model or chosen.model, labels=chosen.model_labels)
        judge.assess(["The parcel never arrived."])
    except AppError as error:
        return Check("model", FAIL, str(error))
    return Check("model", OK, f"{judge.version} judges.")


# --- in the database ------------------------------------------------------------------------------------------------


def _database(chosen: Settings, now: datetime, *, deep: bool) -> Iterator[Check]:
    if not chosen.database_url.get_secret_value() and not (chosen.data / settings_.DATABASE_FILE).exists():
        yield Check("database", OK, "There is none yet: amends up makes it.")
        return
    try:
        store = Store(chosen.database)
        status = operating.schema(store)
    except AppError as error:
        yield Check("database", FAIL, str(error))
        return
    try:
        if status != "current":
            do = "Install the newer Amends." if status == "newer" else "amends migrate"
            yield Check("database", FAIL, f"Its schema is {status}.", do)
            return
        yield Check("database", OK, "SQLite" if store.is_sqlite else "PostgreSQL")
        with store.reading() as work:
            yield from _judge(work, chosen, deep=deep)
            for look in _LOOKS:
                yield from look(work, chosen, now)
    finally:
        store.close()


def _secrets(work: Work, chosen: Settings, _now: datetime) -> Iterator[Check]:
    locked = operating.locked_secrets(work)
    if not locked:
        return
    vault = Vault(chosen.key())
    try:
        for one in locked:
            vault.unlock(one)
    except AppError as error:
        yield Check("stored secrets", FAIL, str(error))
    else:
        yield Check("stored secrets", OK, f"{len(locked)} open with the key.")


def _judge(work: Work, chosen: Settings, *, deep: bool) -> Iterator[Check]:
    taken, running = trials.in_state(work, "taken_over"), trials.in_state(work, "running")
    if taken is None:
        yield Check("judge", OK, f"{chosen.model} judges.")
    elif trying.chosen_by_settings(chosen.model):
        said = f"AMENDS_MODEL names {chosen.model}, and that wins: {taken.model}, which took over in trial {taken.id}, rests."
        yield Check("judge", WARN, said, "Unset AMENDS_MODEL, or: amends trial back")
    else:
        yield Check("judge", OK, f"{taken.model} judges: it took over in trial {taken.id}.")
        if deep and (found := _model(chosen, taken.model)).level == FAIL:
            yield Check("judge", FAIL, f"{found.said} {chosen.model} judges in its place.", "amends trial back")
    if running is not None:
        yield Check("trial", OK, f"{running.model} reads: {running.done:,} of {running.total:,} posts.")


def _clock(work: Work, _chosen: Settings, now: datetime) -> Iterator[Check]:
    newest = operating.newest_time(work)
    if newest is not None and newest > now + _CLOCK_MAY_DIFFER:
        what = f"It is {now:%Y-%m-%d %H:%M} UTC here, but something was stored at {newest:%Y-%m-%d %H:%M}."
        yield Check("clock", FAIL, what, "Set the clock: promises run by it.")
    else:
        yield Check("clock", OK, f"{now:%Y-%m-%d %H:%M} UTC")


def _people(work: Work, _chosen: Settings, _now: datetime) -> Iterator[Check]:
    admins = sum(one.role is Role.ADMIN and one.active for one in users.everyone(work))
    if admins:
        yield Check("people", OK, f"{admins} can let others in.")
    else:
        yield Check(
            "people",
            WARN,
            "Nobody can sign in as admin.",
            "Open the link that amends up prints, or: amends user invite --role admin",
        )


def _brands(work: Work, chosen: Settings, _now: datetime) -> Iterator[Check]:
    every = brands.all_brands(work)
    paged = {slug for _, slug, _, _ in operating.every_route(work)}
    for one in every:
        if not one.is_demo and one.slug not in paged:
            yield Check(f"brand {one.slug}", WARN, "Nobody is paged.", f'amends route add {one.slug} "PR lead"')
    own, demos = ([one for one in every if one.is_demo is is_demo] for is_demo in (False, True))
    if own and demos:
        yield Check("demo", WARN, "The demo is still there beside your brands.", "amends demo --remove")
    if own and chosen.dry_run:
        yield Check("dry run", WARN, "AMENDS_DRY_RUN is on: no reply reaches any platform.", "Unset it to go live.")


def _watches(work: Work, _chosen: Settings, now: datetime) -> Iterator[Check]:
    every = [one for one in watches.listed(work) if not one.paused]
    for one in every:
        if one.last_error:
            yield Check(
                f"watch {one.id}", WARN, f"{one.source}: {one.last_error}", f"Last good pull: {_ago(one, now)}."
            )
    well = sum(not one.last_error for one in every)
    if well:
        yield Check("watches", OK, f"{well} without errors.")


def _ago(one: WatchRow, now: datetime) -> str:
    if one.last_good_at is None:
        return "never"
    return f"{max(int((now - one.last_good_at).total_seconds()) // 60, 0)} minutes ago"


def _work(work: Work, _chosen: Settings, now: datetime) -> Iterator[Check]:
    beat = figures.lease_until(work, "relay")
    count, oldest = figures.waiting(work)
    if beat is not None and now - beat < _CLOCK_MAY_DIFFER:
        late = oldest is not None and now - oldest > _QUIET_FOR
        do = "Is the worker of the queue assess well? See its log." if late else ""
        yield Check("work", WARN if late else OK, f"Amends runs; {count:,} mentions wait to be judged.", do)
    else:
        level = WARN if count else OK
        yield Check(
            "work", level, f"Nothing runs now; {count:,} mentions wait to be judged.", "amends up" if count else ""
        )


_Look = Callable[[Work, Settings, datetime], Iterator[Check]]
_LOOKS: tuple[_Look, ...] = (_secrets, _clock, _people, _brands, _watches, _work)
