import pytest

from monitor.domain.lifecycle import CaseState, Role
from monitor.domain.records import Login
from monitor.store.accounts import AccountRow
from responders import publishing
from responders.ports import (
    CanReply,
    PublishDeferred,
    Publisher,
    PublishRefused,
    PublishUncertain,
    Receipt,
    Reply,
    Target,
)
from tests.api.pages.conftest import Town, said
from tests.api.pages.test_case import GOOD


class Platform:
    """A platform that does as it is told."""

    def __init__(self, result: Exception | Receipt) -> None:
        self._result = result

    def publish(self, reply: Reply) -> Receipt:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def find(self, reply: Reply) -> Receipt | None:
        return None

    def can_reply(self, target: Target, login: Login) -> CanReply:
        return CanReply(allowed=True)


def _send(place: Town, result: Exception | Receipt, handle: str = "jo.bright") -> int:
    return _approve(place, result, place.case_of(handle))


def _approve(place: Town, result: Exception | Receipt, case_id: int) -> int:
    client = place.browser(Role.LEAD)
    form = {"revision": place.draft(case_id).revision, "text": GOOD, "overrule": "Read twice."}
    assert client.post(f"/cases/{case_id}/approve", data=form).status_code == 303
    place.house.clock.forward(seconds=11)

    def load(account: AccountRow) -> Publisher:
        return Platform(result)

    publishing.publish_case(place.house.store, case_id, load, place.house.clock, dry_run=True)
    return case_id


def test_what_was_sent_stands_with_its_link_and_who_approved_it(place: Town) -> None:
    case_id = _send(place, Receipt("7", "https://social.example/7"))
    page = place.browser().get("/outbox")
    words = said(page)
    assert "just now We are sorry: fifty minutes" in words
    assert "to @jo.bright · Mastodon · Acme · approved by Lead" in words
    assert 'href="https://social.example/7" target="_blank" rel="noreferrer noopener"' in page.text
    assert "Correct" in words
    case = said(place.browser().get(f"/cases/{case_id}"))
    assert "Sent just now · open on Mastodon" in case
    assert "We as @acme_care , approved by Lead" in case


def test_the_dry_run_never_looks_like_the_real_thing(place: Town) -> None:
    case_id = _send(place, Receipt("7", simulated=True))
    assert "not really sent" in said(place.browser().get("/outbox"))
    assert "Sent on the dry-run platform: nobody outside has seen it." in said(place.browser().get(f"/cases/{case_id}"))


def test_a_refusal_says_why_and_keeps_the_text(place: Town) -> None:
    case_id = _send(place, PublishRefused("The account is suspended."))
    words = said(place.browser().get("/outbox"))
    assert "refused" in words
    assert "The account is suspended. The case waits in the queue." in words
    client = place.browser()
    case = said(client.get(f"/cases/{case_id}"))
    assert "Not sent. The account is suspended." in case
    assert GOOD in case
    assert "not sent: look why" in said(client.get("/"))
    assert client.post(f"/cases/{case_id}/back-to-review").status_code == 303
    assert place.case(case_id).state is CaseState.IN_REVIEW


def test_an_unclear_sending_says_what_is_known_and_what_happens_next(place: Town) -> None:
    case_id = _send(place, PublishUncertain("The platform did not answer in time."))
    words = said(place.browser().get("/outbox?state=uncertain"))
    assert "Mastodon did not say whether it arrived." in words
    assert "never sent twice" in words
    case = said(place.browser().get(f"/cases/{case_id}"))
    assert "It is unclear whether this was sent." in case
    assert "It will not be sent a second time." in case


def test_a_deferred_sending_says_when_it_is_tried_again(place: Town) -> None:
    case_id = _send(place, PublishDeferred("The platform asks for a pause.", after=300))
    assert "The platform asks for a pause. Tried again in 5 min." in said(place.browser().get("/outbox"))
    assert "Undo" in said(place.browser().get(f"/cases/{case_id}"))


def test_the_outbox_is_filtered_by_person_brand_and_state(place: Town) -> None:
    _send(place, Receipt("7"))
    client = place.browser()
    lead, agent = place.house.ids[Role.LEAD], place.house.ids[Role.AGENT]
    assert "fifty minutes" in said(client.get(f"/outbox?person={lead}&brand={place.brand_id}&state=sent"))
    for other in (f"person={agent}", "state=refused", f"brand={place.brand_id + 1}"):
        assert "Nothing like that has been said." in said(client.get(f"/outbox?{other}"))
    assert "fifty minutes" in said(client.get("/outbox?person=&brand=&state="))


def test_a_correction_begins_on_the_outbox(place: Town) -> None:
    case_id = _send(place, Receipt("7", "https://social.example/7"))
    client = place.browser()
    assert "Correct Withdraw" in said(client.get("/outbox"))
    assert "Withdraw" not in said(place.browser(Role.OBSERVER).get("/outbox"))
    assert client.post(f"/cases/{case_id}/correct").headers["location"] == f"/cases/{case_id}"
    words = said(client.get(f"/cases/{case_id}"))
    assert "a correction" in words
    assert GOOD in words
    assert client.post(f"/cases/{case_id}/withdraw", data={"reason": "wrong"}).status_code in {403, 409}


def test_a_sent_case_is_closed_with_what_became_of_it(place: Town) -> None:
    case_id = _send(place, Receipt("7"))
    client = place.browser()
    assert client.post(f"/cases/{case_id}/resolve", data={"outcome": "delighted"}).status_code == 422
    assert client.post(f"/cases/{case_id}/resolve", data={"outcome": "recovered"}).status_code == 303
    assert "Closed." in said(client.get(f"/cases/{case_id}"))


def test_an_empty_outbox_says_so(place: Town) -> None:
    assert "Nothing has been said yet." in said(place.browser().get("/outbox"))


@pytest.mark.parametrize("page", ["/outbox?before=nonsense", "/outbox?person=nobody"])
def test_a_broken_address_is_refused_calmly(place: Town, page: str) -> None:
    answer = place.browser().get(page)
    assert answer.status_code == 422
    assert "Nothing was done." in said(answer)


def test_a_withdrawal_says_that_it_takes_the_reply_down(place: Town) -> None:
    case_id = _send(place, Receipt("7", "https://social.example/7"))
    client = place.browser()
    assert client.post(f"/cases/{case_id}/withdraw", data={"reason": " "}).status_code == 422
    assert client.post(f"/cases/{case_id}/withdraw", data={"reason": "It named the wrong train."}).status_code == 303
    page = client.get(f"/cases/{case_id}")
    assert "Approving this takes the reply down. Nothing new is said." in said(page)
    assert "It named the wrong train." in said(page)
    assert " readonly" in page.text
    client.post(f"/cases/{case_id}/approve", data={"revision": 3, "text": GOOD})
    assert "Taking down the reply to @jo.bright" in said(client.get(f"/cases/{case_id}"))


def test_what_was_withdrawn_is_taken_down_and_not_said_to_stand_there(place: Town) -> None:
    case_id = _send(place, Receipt("7", "https://social.example/7"))
    client = place.browser()
    client.post(f"/cases/{case_id}/withdraw", data={"reason": "It named the wrong train."})
    page = client.get(f"/cases/{case_id}")
    assert "Take it down" in page.text
    assert 'id="save"' not in page.text, "there is nothing to write"
    _approve(place, Receipt("7", "https://social.example/7"), case_id)
    words = said(client.get(f"/cases/{case_id}"))
    assert "Taken down just now" in words
    assert "We took our reply down, approved by Lead" in words
    rows = client.get("/outbox").text.split('<li class="row"')[1:]
    assert "taken down" in rows[0]
    assert "https://social.example/7" not in rows[0]
    assert ">Withdraw<" not in rows[0]
