"""Cases that the platform, or the person themselves, will not have answered from here."""

import re
from dataclasses import replace

from monitor import forgetting
from monitor.domain.lifecycle import CaseState, Role
from monitor.store import cases
from responders import replying
from tests.api.pages import town
from tests.api.pages.conftest import Town, in_order, said

CLOSED = "The author lets only people they follow reply."


def closes(place: Town, handle: str) -> int:
    """Let the platform take no reply to somebody."""
    case_id = place.case_of(handle)
    with place.house.store.unit_of_work() as work:
        cases.note(work, case_id, by_hand=CLOSED)
    return case_id


def test_a_case_to_answer_by_hand_says_why_and_how_instead_of_offering_to_approve(place: Town) -> None:
    case_id = closes(place, "jo.bright")
    page = place.browser().get(f"/cases/{case_id}")
    assert in_order(said(page), [CLOSED, "Open the post on Mastodon", "Copy the reply", "I answered by hand"])
    assert 'id="approve"' not in page.text
    assert f'action="/cases/{case_id}/save"' in page.text
    assert str(place.draft(case_id).text).splitlines()[0] in said(page)


def test_approving_it_all_the_same_is_refused_even_for_a_lead(place: Town) -> None:
    case_id = closes(place, "jo.bright")
    row = place.draft(case_id)
    for role in (Role.AGENT, Role.LEAD):
        form = {"revision": row.revision, "text": row.text, "overrule": "It matters."}
        answer = place.browser(role).post(f"/cases/{case_id}/approve", data=form)
        assert answer.status_code == 409
        assert CLOSED in said(answer)
    assert place.case(case_id).state is CaseState.IN_REVIEW


def test_the_api_says_it_too(place: Town) -> None:
    case_id = closes(place, "jo.bright")
    program, browser = place.house.program(), place.house.browser()
    assert program.get(f"/api/v1/cases/{case_id}").json()["by_hand"] == CLOSED
    revision = place.draft(case_id).revision
    answer = browser.post(f"/api/v1/cases/{case_id}/approve", json={"revision": revision})
    assert (answer.status_code, CLOSED in answer.json()["detail"]) == (409, True)


def test_a_person_who_wants_no_answer_is_written_down_and_a_lead_can_undo_it(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    agent, lead = place.browser(), place.browser(Role.LEAD)
    assert "Do not answer this person" in said(agent.get(f"/cases/{case_id}"))
    form = {"reason": "they asked us to stop", "text": "kept"}
    assert agent.post(f"/cases/{case_id}/opt-out", data=form).status_code == 303
    words = said(agent.get(f"/cases/{case_id}"))
    assert replying.OPTED_OUT in words
    assert "Do not answer this person" not in words
    assert "Ask again" not in words, "nothing invites an answer"
    assert '<textarea id="text"' not in agent.get(f"/cases/{case_id}").text
    assert f"/settings/brand/{place.brand_id}#opt-outs" in lead.get(f"/cases/{case_id}").text
    assert "wrote down not to answer this person" in words
    settings = lead.get(f"/settings/brand/{place.brand_id}")
    assert in_order(said(settings), ["Who is not answered", "@jo.bright", "they asked us to stop", "Agent"])
    author = place.case(case_id).author_id
    undo = f"/settings/brand/{place.brand_id}/opt-outs/{author}/undo"
    assert agent.post(undo).status_code == 403
    assert lead.post(undo).status_code == 303
    assert "Nobody asked us to stay away." in said(lead.get(f"/settings/brand/{place.brand_id}"))
    assert 'id="approve"' in agent.get(f"/cases/{case_id}").text


def test_a_program_writes_it_down_and_an_observer_does_not(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    body = {"reason": "they asked us to stop"}
    refused = place.house.program(Role.OBSERVER).post(f"/api/v1/cases/{case_id}/opt-out", json=body)
    assert refused.status_code == 403
    assert place.house.program().post(f"/api/v1/cases/{case_id}/opt-out", json=body).status_code == 200
    assert place.house.program().get(f"/api/v1/cases/{case_id}").json()["opted_out"] is True


def test_an_edited_post_shows_its_new_words_and_that_it_was_edited(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    customer = next(one for one in town.PEOPLE if one.handle == "jo.bright")
    post = replace(town.post_of(customer, place.house.clock()), text="They called me back. All is well.")
    with place.house.store.unit_of_work() as work:
        assert forgetting.edited(work, place.case(case_id).latest_mention_id, post, place.house.clock())
    words = said(place.browser().get(f"/cases/{case_id}"))
    assert "edited just now" in words
    assert "They called me back. All is well." in words
    assert "Waited 50 minutes" not in words
    assert "changed or deleted a post, after this draft" in words
    assert "saw that a post was edited" in words


def test_a_text_written_before_the_post_was_edited_is_not_saved_as_if_it_answered_the_edit(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    client = place.browser()
    opened = client.get(f"/cases/{case_id}").text
    found = re.search(r'name="posts" value="(\d+)"', opened)
    heard = re.search(r'hx-get="(/cases/\d+/news[^"]*)"', opened)
    assert found
    assert heard
    customer = next(one for one in town.PEOPLE if one.handle == "jo.bright")
    post = replace(town.post_of(customer, place.house.clock()), text="They called me back. All is well.")
    with place.house.store.unit_of_work() as work:
        forgetting.edited(work, place.case(case_id).latest_mention_id, post, place.house.clock())
    assert "A post was changed or deleted." in said(client.get(heard[1].replace("&amp;", "&")))
    typed = "Fifty minutes on the line: we are sorry."
    form = {"revision": place.draft(case_id).revision, "text": typed}
    for what in ("save", "approve"):
        answer = client.post(f"/cases/{case_id}/{what}", data={**form, "posts": found[1]})
        assert answer.status_code == 409
        assert "changed a post, after you opened this" in said(answer)
        assert typed in said(answer), "what was typed is kept on the page"


def test_a_post_that_is_gone_leaves_no_words_on_any_page(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    with place.house.store.unit_of_work() as work:
        forgetting.forget(work, place.brand_id, "mastodon", ["jo.bright-200"], place.house.clock())
    client = place.browser()
    words = said(client.get(f"/cases/{case_id}"))
    assert in_order(words, ["The post is gone", "found the post deleted"])
    for path in ("/", f"/cases/{case_id}", "/outbox", "/?tab=aside", f"/api/v1/cases/{case_id}"):
        assert "fifty" not in client.get(path).text.lower(), path
        assert "Waited 50 minutes" not in client.get(path).text, path
    assert "jo.bright" not in said(client.get("/"))
