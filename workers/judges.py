"""The judges of a process: the one in use, followed as people choose it, and for a while the one of a trial."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from monitor import logs
from monitor.judging import trying
from monitor.ports import Classifier
from monitor.store.engine import Store

Load = Callable[[str], Classifier]

_TRY_AGAIN_AFTER = timedelta(minutes=1)  # and twice as long each time: a try costs two loads
_LONGEST_WAIT = timedelta(hours=1)
_KEEP_EVERY = 20.0  # seconds
_PATIENCE = 2.0  # seconds a task waits for a trial's model: what waits to be judged waits no longer

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class _Broken:
    """A judge that could not be loaded, and when to try again."""

    model: str
    wait: timedelta
    until: datetime


class Judges:
    """Loads the judge in use on first need, and another one as soon as another is chosen."""

    def __init__(self, store: Store, load: Load, set_model: str, clock: Callable[[], datetime]) -> None:
        """`set_model` is what the operator set; it is asked for again whenever the chosen one cannot be used."""
        self._store, self._load, self._set_model, self._clock = store, load, set_model, clock
        self._held: tuple[str, Classifier] | None = None
        self._broken: _Broken | None = None

    def in_use(self) -> Classifier:
        """Return the judge that is in use now. Raises `BadInput` when the one the operator set cannot be loaded."""
        with self._store.reading() as work:
            chosen = trying.judge_in_use(work, self._set_model)
        broken = self._broken if self._broken and self._broken.model == chosen else None
        wanted = self._set_model if broken and self._clock() < broken.until else chosen
        if self._held and self._held[0] == wanted:
            return self._held[1]
        self._held = None  # the old one goes before the new one comes
        try:
            self._held = wanted, self._load(wanted)
            self._broken = broken if wanted != chosen else None
        except Exception as error:
            if wanted == self._set_model:
                raise
            # Its folder may be gone. Somebody must judge, so the operator's choice does.
            _log.error("the judge that took over cannot be loaded", model=wanted, why=str(error))
            pause = min(2 * broken.wait, _LONGEST_WAIT) if broken else _TRY_AGAIN_AFTER
            self._broken = _Broken(wanted, pause, self._clock() + pause)
            self._held = self._set_model, self._load(self._set_model)
        return self._held[1]


class OnTrial:
    """Loads the judge of a trial in a thread of its own, since it may come from far away (see `trying.Loader`)."""

    def __init__(self, load: Load, keep_every: float = _KEEP_EVERY) -> None:
        """Load nothing yet. `keep_every` is in seconds."""
        self._load, self._keep_every = load, keep_every
        self._loading: tuple[str, Future[Classifier]] | None = None
        self._let_go = Event()

    def begun(self, model: str) -> bool:
        """Tell whether this model is being loaded, or is here."""
        return self._loading is not None and self._loading[0] == model

    def begin(self, model: str, keep: Callable[[], bool]) -> None:
        """Start loading a model, in place of any other. `keep` is called now and then while it is held, until False."""
        self.free()
        self._let_go = Event()
        Thread(target=_keep_until, args=(self._let_go, self._keep_every, keep), daemon=True).start()
        threads = ThreadPoolExecutor(1, "trial")
        self._loading = model, threads.submit(self._load, model)
        threads.shutdown(wait=False)

    def take(self) -> Classifier | None:
        """Return the judge, None while it is being loaded. Raises what went wrong."""
        if self._loading is None:
            return None
        _, loading = self._loading
        wait([loading], _PATIENCE)
        return loading.result() if loading.done() else None

    def free(self) -> None:
        """Let go of it. A load under way ends by itself, and nobody keeps what it brings."""
        self._loading = None
        self._let_go.set()


def _keep_until(let_go: Event, every: float, keep: Callable[[], bool]) -> None:
    while not let_go.wait(every):
        try:
            if not keep():
                return
        except Exception as error:  # noqa: BLE001  the outermost frame of its thread: the database may be back soon
            _log.warning("the lease of the trial was not renewed", why=str(error))
