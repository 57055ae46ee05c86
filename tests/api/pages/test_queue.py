from datetime import timedelta

import pytest

from monitor.domain.lifecycle import CaseState, Role
from monitor.domain.records import Kind
from monitor.store import brands, cases, ledger, users, watches
from tests.api.conftest import House
from tests.api.pages import town
from tests.api.pages.conftest import HTML, Town, in_order, said
from tests.api.pages.town import Customer


def test_nobody_sees_the_queue_without_signing_in(place: Town) -> None:
    answer = place.house.client(**HTML).get("/?tab=escalated")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2F%3Ftab%3Descalated"


def test_the_earliest_promise_comes_first_and_says_why(place: Town) -> None:
    words = said(place.browser().get("/"))
    assert in_order(
        words, ["late 32 min", "@eleni_m", "late 13 min", "@anna_k", "in 4 min", "u/tired_buyer", "in 90 min"]
    )
    assert "safety · blames us or threatens · ~12,000 people, rising" in words
    assert "Complaints 16 2 late" in words


def test_only_late_and_blocked_are_red(place: Town) -> None:
    late = place.browser().get("/").text
    assert late.count('class="clock late"') == 2
    for tab in ("others", "aside"):
        assert 'class="clock late"' not in place.browser().get(f"/?tab={tab}").text


def test_a_post_is_shown_as_text_whatever_it_contains(place: Town) -> None:
    page = place.browser().get("/").text
    assert "<script>document" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;document.title" in page
    assert 'dir="auto" lang="ar"' in page


def test_a_very_long_post_is_cut_in_the_queue(place: Town) -> None:
    page = place.browser().get("/").text
    assert len(page) < 100_000
    assert "The parcel was here, then it was there" in page


def test_thanks_and_questions_stand_apart(place: Town) -> None:
    client = place.browser()
    assert "Thank you!" not in said(client.get("/"))
    words = said(client.get("/?tab=others"))
    assert in_order(words, ["@happy_h", "@dora", "@tomasz"])


def test_the_queue_comes_in_pages_without_repeating_anybody(place: Town) -> None:
    place.writes(*(Customer(f"crowd{n}", f"Parcel {n} never came.", 5 + n / 10) for n in range(60)))
    client = place.browser()
    first = client.get("/").text
    link = first.split('id="more"')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    rest = client.get(link).text
    shown = [part.split('"')[0] for page in (first, rest) for part in page.split('id="case-')[1:]]
    assert len(shown) == len(set(shown)) == 76
    plain = first.split('id="more"><a href="')[1].split('"')[0].replace("&amp;", "&")
    assert 'id="case-' in client.get(plain).text, "it works without scripts too"


def test_a_colleague_who_is_on_it_is_named_until_the_claim_lapses(place: Town) -> None:
    case_id = place.case_of("marek.w")
    assert place.browser(Role.LEAD).post(f"/cases/{case_id}/claim").status_code == 204
    row = f"/queue/live?tab=complaints&ids={case_id}"
    assert "Lead is on it" in said(place.browser().get(row))
    assert "you are on it" in said(place.browser(Role.LEAD).get(row))
    place.browser().post(f"/cases/{case_id}/claim")
    assert "Lead is on it" in said(place.browser().get(row)), "a claim cannot be taken from a colleague"
    place.house.clock.forward(seconds=cases.CLAIM_FOR.total_seconds() + 1)
    assert "draft ready" in said(place.browser().get(row))


def test_the_live_part_leaves_out_what_no_longer_stands_there(place: Town) -> None:
    gone, stays = place.case_of("marek.w"), place.case_of("jo.bright")
    place.browser().post(f"/cases/{gone}/dismiss", data={"reason": "not about us"})
    page = place.browser().get(f"/queue/live?tab=complaints&ids={gone},{stays},nonsense").text
    assert f'id="case-{stays}"' in page
    assert f'id="case-{gone}"' not in page
    assert "15" in page.split('id="tabs"')[1].split("Questions")[0]


def test_one_brand_can_be_looked_at_alone(place: Town) -> None:
    with place.house.store.unit_of_work() as work:
        other = brands.create(work, "bolt", "Bolt", place.house.clock())
    town.move_in(place.house.store, other, place.house.clock(), [Customer("bo", "Bolt lost my bike.", 3)])
    client = place.browser()
    assert "@bo " in said(client.get("/?brand="))
    only = said(client.get(f"/?brand={other}"))
    assert "Bolt lost my bike." in only
    assert "@anna_k" not in only
    assert "Bolt lost my bike." not in said(client.get(f"/?brand={place.brand_id}"))


def test_an_empty_queue_says_that_everyone_was_answered(house: House) -> None:
    house.brand()
    words = said(house.browser().get("/", headers=HTML))
    assert "Everyone has been answered." in words


def test_a_source_that_does_not_answer_is_said_aloud(place: Town) -> None:
    now = place.house.clock()
    with place.house.store.unit_of_work() as work:
        watch = watches.add(work, place.brand_id, "replay", {}, now)
        watches.change(work, watch, last_good_at=now - timedelta(minutes=3))
    assert "All sources live · heard 3 min ago" in said(place.browser().get("/"))
    with place.house.store.unit_of_work() as work:
        watches.change(work, watch, last_error="The key was refused.")
    assert "1 of 1 sources is not heard: replay: The key was refused." in said(place.browser().get("/"))


def test_set_aside_says_how_sure_the_judge_was_and_can_be_searched(place: Town) -> None:
    client = place.browser()
    words = said(client.get("/?tab=aside"))
    assert in_order(
        words, ["Last week's hotline", "old when it arrived · surely a complaint", "probably not a complaint"]
    )
    found = said(client.get("/?tab=aside&q=PORTO"))
    assert "Acme opens a new store" in found
    assert "Walked past" not in found
    assert "Last week" not in said(client.get("/?tab=aside&place=not_complaint"))
    assert "Nothing set aside speaks of" in said(client.get("/?tab=aside&q=%25"))


def test_this_is_one_opens_a_case(place: Town) -> None:
    client = place.browser()
    page = client.get("/?tab=aside&q=walked").text
    mention = page.split('action="/mentions/')[1].split("/")[0]
    answer = client.post(f"/mentions/{mention}/open")
    assert answer.status_code == 303
    assert "Walked past the new Acme store" in said(client.get(answer.headers["location"]))
    case_id = int(answer.headers["location"].rsplit("/", 1)[1])
    assert place.case(case_id).state is CaseState.OPEN
    assert place.case(case_id).kind is Kind.COMPLAINT
    again = client.post(f"/mentions/{mention}/open")
    assert again.status_code == 409


def test_a_form_without_its_secret_changes_nothing(place: Town) -> None:
    case_id = place.case_of("marek.w")
    client = place.browser()
    del client.headers["X-CSRF-Token"]
    assert client.post(f"/cases/{case_id}/dismiss", data={"reason": "spam"}).status_code == 403
    assert client.post(f"/cases/{case_id}/claim").status_code == 403
    assert place.case(case_id).state is CaseState.IN_REVIEW
    form = {"reason": "spam", "csrf_token": client.get("/").text.split('name="csrf_token" value="')[1].split('"')[0]}
    assert client.post(f"/cases/{case_id}/dismiss", data=form).status_code == 303


def test_a_deleted_post_leaves_no_word_on_the_queue(place: Town) -> None:
    case_id = place.case_of("marek.w")
    with place.house.store.unit_of_work() as work:
        ledger.purge(work, place.case(case_id).latest_mention_id, place.house.clock())
    words = said(place.browser().get("/"))
    assert "The post was deleted by its author." in words
    assert "Kurier" not in words


def test_an_observer_is_on_no_case(place: Town) -> None:
    case_id = place.case_of("marek.w")
    assert place.browser(Role.OBSERVER).post(f"/cases/{case_id}/claim").status_code == 403
    assert place.case(case_id).claimed_by is None


@pytest.mark.parametrize(
    "path",
    ["/cases/{}", "/?brand={}", "/?after={}-1", "/queue/aside?before={}", "/outbox?person={}", "/ledger?brand={}"],
)
def test_a_number_that_nothing_can_have_is_not_our_fault(place: Town, path: str) -> None:
    assert place.browser().get(path.format("9" * 45)).status_code in {404, 422}


def test_light_and_dark_are_remembered(place: Town) -> None:
    client = place.browser()
    assert client.post("/theme", data={"theme": "dark", "back": "https://elsewhere.example"}).headers["location"] == "/"
    assert 'data-theme="dark"' in client.get("/").text
    client.post("/theme", data={"theme": "neon"})
    assert 'data-theme="auto"' in client.get("/").text


def test_pages_hold_no_inline_script_or_style(place: Town) -> None:
    client = place.browser(Role.ADMIN)
    case_id = place.case_of("anna_k")
    paths = (
        "/",
        "/?tab=aside",
        f"/cases/{case_id}",
        "/outbox",
        "/people",
        f"/settings/brand/{place.brand_id}",
        "/ledger",
    )
    for path in paths:
        page = client.get(path)
        assert page.status_code == 200, path
        markup = page.text.replace("&#39;", "'")
        assert "<style" not in markup
        assert " style=" not in markup
        assert " onclick=" not in markup
        assert all("src=" in part.split(">")[0] for part in markup.split("<script")[1:]), path
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"


def test_a_person_whose_right_ended_is_sent_to_the_sign_in(place: Town) -> None:
    client = place.browser()
    with place.house.store.unit_of_work() as work:
        users.change(work, place.house.ids[Role.AGENT], active=False)
    assert client.get("/").headers["location"].startswith("/sign-in")
