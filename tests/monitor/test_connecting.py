"""Connecting an account: begun, taken once by the one who began it, checked, set, and let go."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from monitor import connecting
from monitor.connecting import Begun
from monitor.domain.errors import BadInput, NotAllowed, NotFound, RetryLater, SourceRefused
from monitor.domain.records import Login, Quota, Usage
from monitor.logins import Logins
from monitor.ports import Connector, Field, Standing, Started
from monitor.store import accounts, spending, watches
from monitor.store.engine import Store
from monitor.vault import Vault
from tests import builders

VAULT = Vault(b"key")
BACK = "https://desk.example/accounts/connected"
ALLOWED = Login("mastodon", "https://social.example", "vela", "77", {"token": "hush"}, {"scopes": "read write"})

MAY_READ = Standing("vela", "77", can_read=True, can_reply=False, notes=("It may not reply yet.",))


@dataclass
class Platform:
    """A platform that lets everybody in as `login` once they have been to its page."""

    login: Login = ALLOWED
    leads_to: str = "https://social.example/authorize?state="
    standing: Standing = MAY_READ
    refuses: Exception | None = None
    told: list[str] = field(default_factory=list)

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            Field("host", "Server", default="https://social.example"),
            Field("client_id", "Client id"),
            Field("password", "Password", secret=True, required=False),
        )

    def begin(self, given: Mapping[str, str], redirect_url: str, state: str) -> Started | Login:
        if given["password"]:
            return self.login
        return Started(self.leads_to + state, {"verifier": "hush-verifier", "back": redirect_url})

    def finish(self, kept: Mapping[str, str], answer: Mapping[str, str]) -> Login:
        if answer.get("error"):
            message = "The sign-in was called off."
            raise SourceRefused(message)
        assert kept == {"verifier": "hush-verifier", "back": BACK}
        return self.login

    def check(self, login: Login) -> Standing:
        self.told.append(login.secret["token"])
        if self.refuses:
            raise self.refuses
        return self.standing

    def runs_out(self, login: Login, now: datetime) -> bool:
        return False

    def refresh(self, login: Login) -> Login:
        return login

    def revoke(self, login: Login) -> None:
        if self.refuses:
            raise self.refuses
        self.told.append(f"revoked {login.secret['token']}")


@dataclass
class Office:
    """A brand whose lead connects accounts."""

    store: Store
    house: builders.House
    now: datetime
    platform: Platform = field(default_factory=Platform)

    @property
    def lead(self) -> int:
        assert self.house.lead.user_id
        return self.house.lead.user_id

    def load(self, name: str) -> Connector | None:
        return self.platform if name == "mastodon" else None

    def defaults(self, name: str) -> Mapping[str, str]:
        return {"host": "https://default.example"}

    def start(self, given: Mapping[str, str] | None = None, user: int | None = None) -> Begun | int:
        asked = {"client_id": "app-1"} if given is None else given
        who = user or self.lead
        return connecting.start(
            self.store, VAULT, self.platform, self.house.brand_id, "mastodon", asked, BACK, who, self.now
        )

    def begun(self) -> str:
        begun = self.start()
        assert isinstance(begun, Begun)
        return begun.state

    def finish(self, state: str, user: int | None = None, **answer: str) -> int:
        back = connecting.take(self.store, VAULT, state, user or self.lead, self.now)
        return connecting.finish(self.store, VAULT, self.load, back, {"state": state, **answer}, self.now)

    def connected(self) -> int:
        return self.finish(self.begun(), code="c")

    def account(self, account_id: int) -> accounts.AccountRow:
        with self.store.reading() as work:
            return accounts.get(work, account_id)

    def check(self, account_id: int) -> Standing:
        logins = Logins(self.store, VAULT, self.defaults, self.load, "test")
        return connecting.check(self.store, logins, self.load, account_id, self.now)

    def watch(self, account_id: int, **values: object) -> int:
        with self.store.unit_of_work() as work:
            query = {"kind": "mentions"}
            made = watches.add(work, self.house.brand_id, "mastodon", query, self.now, account_id=account_id)
            watches.change(work, made, **{"name": "ours", **values})
            return made

    def watched(self, watch_id: int) -> watches.WatchRow:
        with self.store.reading() as work:
            found = watches.get(work, watch_id)
        assert found
        return found


@pytest.fixture
def office(store: Store, now: datetime) -> Office:
    return Office(store, builders.house(store, now, is_demo=False), now)


def test_a_sign_in_leads_to_the_platform_and_back_to_an_account(office: Office) -> None:
    begun = office.start()
    assert isinstance(begun, Begun)
    assert begun.url == f"https://social.example/authorize?state={begun.state}"
    account = office.account(office.finish(begun.state, code="c"))
    assert (account.handle, account.external_id, account.host) == ("vela", "77", "https://social.example")
    assert (account.publisher, account.active, account.error) == ("mastodon", True, "")
    assert account.secret
    assert b"hush" not in account.secret
    assert VAULT.unlock(account.secret) == '{"token": "hush"}'


def test_where_no_page_of_the_platform_is_needed_the_account_is_there_at_once(office: Office) -> None:
    made = office.start({"client_id": "app-1", "password": "hush"})
    assert isinstance(made, int)
    assert office.account(made).handle == "vela"


def test_an_answer_counts_once(office: Office) -> None:
    state = office.begun()
    office.finish(state, code="c")
    with pytest.raises(BadInput, match="finished before"):
        office.finish(state, code="c")
    with pytest.raises(BadInput, match="begin again"):
        office.finish("made up", code="c")


def test_an_answer_comes_within_fifteen_minutes_or_not_at_all(office: Office) -> None:
    early, late = office.begun(), office.begun()
    office.now += timedelta(minutes=14, seconds=59)
    office.finish(early, code="c")
    office.now += timedelta(seconds=1)
    with pytest.raises(BadInput, match="15 minutes"):
        office.finish(late, code="c")


def test_nobody_connects_with_somebody_elses_answer(office: Office) -> None:
    state = office.begun()
    second = office.house.second.user_id
    with pytest.raises(NotAllowed, match="somebody else"):
        office.finish(state, user=second, code="c")
    assert office.finish(state, code="c"), "and the one who began it still can"


def test_what_a_command_began_is_finished_by_the_command(office: Office) -> None:
    begun = connecting.start(
        office.store,
        VAULT,
        office.platform,
        office.house.brand_id,
        "mastodon",
        {"client_id": "a"},
        BACK,
        None,
        office.now,
    )
    assert isinstance(begun, Begun)
    with pytest.raises(NotAllowed, match="into the terminal"):
        connecting.take(office.store, VAULT, begun.state, office.lead, office.now)
    assert connecting.take(office.store, VAULT, begun.state, None, office.now).platform == "mastodon"


def test_neither_the_state_nor_the_verifier_lies_open_in_the_database(office: Office) -> None:
    state = office.begun()
    with office.store.reading() as work:
        rows = str(work.exec_driver_sql("SELECT * FROM connecting").all())
    assert state not in rows
    assert "hush-verifier" not in rows


def test_what_was_typed_comes_back_without_its_secrets(office: Office) -> None:
    state = office.begun()
    back = connecting.take(office.store, VAULT, state, office.lead, office.now)
    assert back.given == {"host": "https://social.example", "client_id": "app-1"}
    assert "hush" not in repr(back)
    with pytest.raises(SourceRefused, match="called off"):
        connecting.finish(office.store, VAULT, office.load, back, {"error": "access_denied"}, office.now)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({}, "client_id"),
        ({"client_id": "a", "host": "file:///etc/passwd"}, "host"),
        ({"client_id": "a", "host": "gopher://social.example"}, "host"),
        ({"client_id": "a", "host": "https://me:pass@social.example"}, "host"),
        ({"client_id": "a", "host": "http://"}, "host"),
        ({"client_id": "a\x00b"}, "client_id"),
        ({"client_id": "a" * 5000}, "client_id"),
    ],
)
def test_what_cannot_be_is_named_by_its_field(office: Office, given: dict[str, str], where: str) -> None:
    with pytest.raises(BadInput) as wrong:
        office.start(given)
    assert wrong.value.where == where


def test_a_platform_cannot_lead_the_browser_into_a_script(office: Office) -> None:
    office.platform.leads_to = "javascript:alert(1)//"
    with pytest.raises(BadInput, match="address of the web"):
        office.start()


def test_signing_in_again_renews_the_account_and_its_watches_go_on(office: Office) -> None:
    first = office.connected()
    waiting = office.watch(first, remedy="reconnect", next_poll_at=office.now + timedelta(hours=1))
    connecting.set_options(office.store, first, {"visibility": "public"}, None, office.now)
    with office.store.unit_of_work() as work:
        accounts.change(work, first, error="The token was revoked.")
    office.platform.login = replace(ALLOWED, secret={"token": "newer"}, options={"visibility": "", "scopes": "read"})
    assert office.connected() == first
    account = office.account(first)
    assert account.secret
    assert "newer" in VAULT.unlock(account.secret)
    assert (account.error, account.options) == ("", {"scopes": "read", "visibility": "public"})
    row = office.watched(waiting)
    assert (row.account_id, row.next_poll_at) == (first, office.now)


def test_a_new_name_there_is_the_same_account_and_another_person_is_another(office: Office) -> None:
    first = office.connected()
    office.platform.login = replace(ALLOWED, handle="@vela_care")
    assert office.connected() == first
    assert office.account(first).handle == "vela_care"
    office.platform.login = replace(ALLOWED, handle="vela_polska", external_id="78")
    assert office.connected() != first


def test_an_app_that_only_reads_answers_nobody(office: Office) -> None:
    office.platform.login = replace(ALLOWED, handle="", external_id="")
    office.connected()
    with office.store.reading() as work:
        assert accounts.answering(work, office.house.brand_id, "mastodon") is None


def test_checking_keeps_what_the_platform_says_and_what_it_used_up(office: Office) -> None:
    made = office.connected()
    usage = Usage((Quota("all", 300, 299, 60.0),))
    office.platform.standing = replace(office.platform.standing, handle="vela_care", usage=usage)
    assert office.check(made).notes == ("It may not reply yet.",)
    account = office.account(made)
    assert account.standing == {"can_read": True, "can_reply": False, "notes": ["It may not reply yet."]}
    assert (account.handle, account.checked_at) == ("vela_care", office.now)
    with office.store.reading() as work:
        assert [one.remaining for one in spending.quotas(work, account.scope)] == [299]


def test_a_refusal_is_kept_with_the_account_and_a_passing_fault_is_not(office: Office) -> None:
    made = office.connected()
    office.platform.refuses = RetryLater("The network is down.")
    with pytest.raises(RetryLater):
        office.check(made)
    assert office.account(made).error == ""
    office.platform.refuses = SourceRefused("The token was revoked.")
    with pytest.raises(SourceRefused):
        office.check(made)
    assert office.account(made).error == "The token was revoked."
    office.platform.refuses = None
    office.check(made)
    assert office.account(made).error == ""


def test_an_account_nobody_signed_in_to_cannot_be_checked(office: Office) -> None:
    with pytest.raises(BadInput, match="not connected"):
        office.check(office.house.account_id)
    with pytest.raises(NotFound):
        office.check(999)


def test_letting_go_gives_the_access_back_and_forgets_it(office: Office) -> None:
    made = office.connected()
    watch = office.watch(made)
    assert connecting.let_go(office.store, VAULT, office.load, office.defaults, made, office.now) == ""
    assert office.platform.told == ["revoked hush"]
    account = office.account(made)
    assert (account.secret, account.active) == (None, False)
    assert office.watched(watch).paused


def test_letting_go_forgets_even_where_the_platform_cannot_be_told(office: Office) -> None:
    made = office.connected()
    office.platform.refuses = RetryLater("social.example cannot be reached.")
    left = connecting.let_go(office.store, VAULT, office.load, office.defaults, made, office.now)
    assert "take the access away" in left
    assert office.account(made).secret is None


def test_an_old_watch_waits_no_longer_once_the_cap_is_raised(office: Office) -> None:
    made = office.connected()
    later = office.now + timedelta(days=9)
    watch = office.watch(made, remedy="raise_cap", next_poll_at=later)
    with office.store.unit_of_work() as work:
        accounts.change(work, made, cap_micros=5_000_000)
    connecting.set_options(office.store, made, {}, 4_000_000, office.now)
    assert office.watched(watch).next_poll_at == later
    connecting.set_options(office.store, made, {}, 50_000_000, office.now)
    assert office.watched(watch).next_poll_at == office.now


def test_what_a_platform_says_of_an_account_is_kept_as_it_can_be_shown(office: Office) -> None:
    made = office.finish(office.begun())
    office.platform.standing = replace(MAY_READ, handle="vela\0", notes=("half \ud83d of it", "long " * 10_000) * 50)
    notes = office.check(made).notes
    assert len(notes) == 30
    assert max(map(len, notes)) == 1000
    "".join(notes).encode()
