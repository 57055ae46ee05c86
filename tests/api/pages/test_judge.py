"""The pages of the judge: a person's word, why, checks, and how often it is right."""

from datetime import timedelta
from html import escape
from urllib.parse import quote

import pytest
from sqlalchemy import insert, update

from api.pages.judge import sentences
from monitor.domain.lifecycle import CaseState, Role
from monitor.domain.records import Span
from monitor.judging import explaining
from monitor.judging.scores import Counts
from monitor.store import brands, cases, corrections, layers, mentions
from monitor.store.tables import assessment, sampled
from tests.api.conftest import House
from tests.api.pages.conftest import HTML, Town, in_order, said
from tests.api.pages.town import Judge

WORDS = "Charged twice"


def post_of(place: Town, handle: str) -> int:
    return place.case(place.case_of(handle)).latest_mention_id


def aside_of(place: Town, handle: str) -> int:
    with place.house.store.reading() as work:
        (row,) = mentions.set_aside(work, brand_id=None, place=None, search=handle)
    return row.id


def word_on(place: Town, mention_id: int) -> corrections.CorrectionRow | None:
    with place.house.store.reading() as work:
        return corrections.standing_of(work, mention_id)


def drawn(place: Town, *handles: str) -> list[int]:
    """Draw these people's posts to be checked."""
    ids = [aside_of(place, one) for one in handles]
    row = {"brand_id": place.brand_id, "probability": 0.5, "drawn_at": place.house.clock()}
    with place.house.store.unit_of_work() as work:
        work.execute(insert(sampled), [{**row, "mention_id": one} for one in ids])
    return ids


# --- a person's word ----------------------------------------------------------------------------------------------


def test_not_a_complaint_and_the_case_is_dismissed_in_one_step(place: Town) -> None:
    case_id, post = place.case_of("quiet_lu"), post_of(place, "quiet_lu")
    client = place.browser()
    form = client.get(f"/mentions/{post}?back={quote('/?tab=complaints')}")
    assert "Not a complaint: dismiss the case" in said(form)
    answer = client.post(f"/mentions/{post}/correct", data={"said": "dismiss", "back": "/?tab=complaints"})
    assert answer.headers["location"] == "/?tab=complaints"
    assert place.case(case_id).state is CaseState.DISMISSED
    page = said(client.get(f"/cases/{case_id}"))
    assert "You said: not a complaint undo" in page
    assert "Dismissed. not a complaint" in page


def test_what_was_said_stays_in_view_until_it_is_undone(place: Town) -> None:
    post, client = post_of(place, "marek.w"), place.browser()
    client.post(f"/mentions/{post}/correct", data={"said": "none", "back": "/"})
    assert place.case(place.case_of("marek.w")).state is CaseState.IN_REVIEW, "the case is kept"
    assert "You said: not a complaint" in said(client.get("/"))
    assert "Agent said: not a complaint" in said(place.browser(Role.LEAD).get("/"))
    row = word_on(place, post)
    assert row
    answer = client.post(f"/corrections/{row.id}/undo", data={"back": "/"})
    assert answer.headers["location"] == "/"
    assert "said: not a complaint" not in said(client.get("/"))
    assert word_on(place, post) is None


def test_how_strongly_and_about_what_are_said_in_words(place: Town) -> None:
    post, client = post_of(place, "jo.bright"), place.browser()
    words = said(client.get(f"/mentions/{post}"))
    assert "something was not as expected disappointed accuses us blames us or threatens" in words
    assert "a product fault billing and refunds staff and service" in words
    client.post(f"/mentions/{post}/correct", data={"said": "details", "severity": "2", "topics": ["staff", "delay"]})
    row = word_on(place, post)
    assert row
    assert row.word == (None, 2, ("delay", "staff"))
    assert "You said: accuses us, about delay, staff and service" in said(client.get("/"))


def test_saying_nothing_new_is_told_so(place: Town) -> None:
    post = post_of(place, "pilar_v")
    answer = place.browser().post(f"/mentions/{post}/correct", data={"said": "details", "severity": "0"})
    assert answer.status_code == 422
    assert "Say what is wrong" in said(answer)


def test_this_is_one_opens_a_case_and_teaches(place: Town) -> None:
    post, client = aside_of(place, "walker"), place.browser()
    answer = client.post(f"/mentions/{post}/open")
    assert answer.headers["location"] == f"/cases/{place.case_of('walker')}"
    row = word_on(place, post)
    assert row
    assert row.is_complaint is True
    assert "You said: a complaint" in said(client.get(answer.headers["location"]))


def test_a_complaint_without_a_case_is_given_one(place: Town) -> None:
    post, client = aside_of(place, "walker"), place.browser()
    assert client.post(f"/api/v1/mentions/{post}/corrections", json={"is_complaint": True}).status_code == 201
    assert "Open a case Not a complaint" in said(client.get(f"/mentions/{post}"))
    answer = client.post(f"/mentions/{post}/correct", data={"said": "one"})
    assert answer.headers["location"] == f"/cases/{place.case_of('walker')}"


def test_a_question_is_a_complaint_when_a_person_says_so(place: Town) -> None:
    client = place.browser()
    client.post(f"/mentions/{post_of(place, 'dora')}/correct", data={"said": "one"})
    assert "night bus" in said(client.get("/?tab=complaints"))


def test_an_observer_sees_what_was_said_and_says_nothing(place: Town) -> None:
    post = post_of(place, "marek.w")
    place.browser().post(f"/mentions/{post}/correct", data={"said": "none"})
    watching = place.browser(Role.OBSERVER)
    page = watching.get("/").text
    assert "not a complaint" in page
    assert "/undo" not in page
    assert "wrong?" not in page
    assert watching.post(f"/mentions/{post}/correct", data={"said": "one"}).status_code == 403
    assert watching.get("/judge").status_code == 403


def test_the_way_back_stays_here(place: Town) -> None:
    post = post_of(place, "marek.w")
    answer = place.browser().post(f"/mentions/{post}/correct", data={"said": "none", "back": "//evil.example"})
    assert answer.headers["location"] == "/"


def test_why_it_is_no_complaint_is_said_and_can_be_disagreed_with(place: Town) -> None:
    post = aside_of(place, "newsbot")
    with place.house.store.unit_of_work() as work:
        work.execute(update(assessment).where(assessment.c.mention_id == post).values(noise="news"))
    client = place.browser()
    assert "not a complaint because it is news about the brand" in said(client.get("/?tab=aside"))
    page = said(client.get(f"/mentions/{post}"))
    assert in_order(page, ["surely not a complaint · not a complaint because it is news", "This is one: open a case"])


# --- why ----------------------------------------------------------------------------------------------------------


class Knows(Judge):
    """Says of each text that its first and its last word moved it."""

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        first, last = text.index(" "), text.rindex(" ") + 1
        return (Span(0, first, 1.0), Span(last, len(text), 0.2))


def test_the_words_that_moved_the_judge_are_marked_once_known(place: Town) -> None:
    case_id, post = place.case_of("tired_buyer"), post_of(place, "tired_buyer")
    client = place.browser()
    assert "Which words moved the judge?" in said(client.get(f"/cases/{case_id}"))
    assert client.post(f"/mentions/{post}/why").headers["location"] == f"/cases/{case_id}"
    waits = client.get(f"/mentions/{post}/why?tries=1", headers={"hx-request": "true"})
    assert "is looking for the words" in said(waits)
    assert "hx-retarget" not in waits.headers
    assert explaining.answer_next(place.house.store, Knows(), place.house.clock()) == 1
    page = client.get(f"/cases/{case_id}").text
    assert '<mark class="flag m3" title="money taken, moved the judge most">Charged</mark>' in page
    assert '<mark class="flag" title="money taken"> twice</mark>' in page
    assert '<mark class="m1" title="moved the judge a little">rent.</mark>' in page
    assert "Moved by: Charged , rent" in said(client.get(f"/cases/{case_id}"))
    assert client.get(f"/mentions/{post}/why?tries=1").headers["hx-retarget"] == f"#post-{post}"


def test_words_are_marked_in_arabic_where_they_stand(place: Town) -> None:
    post, client = post_of(place, "sami_q"), place.browser()
    client.post(f"/mentions/{post}/why")
    explaining.answer_next(place.house.store, Knows(), place.house.clock())
    page = client.get(f"/cases/{place.case_of('sami_q')}").text
    assert '<mark class="m3" title="moved the judge most">التطبيق</mark>' in page
    assert "<bdi>التطبيق</bdi>" in page


# --- checks -------------------------------------------------------------------------------------------------------


def test_the_queue_asks_for_checks_in_one_line(place: Town) -> None:
    assert "Is this a complaint? 2 to check" not in said(place.browser().get("/"))
    drawn(place, "newsbot", "walker")
    assert "Is this a complaint? 2 to check , so that what the judge misses is seen." in said(place.browser().get("/"))
    assert "to check" not in said(place.browser(Role.OBSERVER).get("/"))


def test_a_check_is_answered_and_the_next_comes(place: Town) -> None:
    first, second = drawn(place, "newsbot", "walker")
    client = place.browser()
    page = said(client.get("/checks"))
    assert "Acme opens a new store" in page
    assert "surely not" not in page, "what the judge thought does not lead"
    answer = client.post(f"/checks/{first}", data={"said": "no"})
    page = said(client.get(answer.headers["location"]))
    assert in_order(page, ["You said: not a complaint undo", "Walked past the new Acme store", "1 to check"])
    answer = client.post(f"/checks/{second}", data={"said": "yes"})
    page = said(client.get(answer.headers["location"]))
    assert in_order(page, ["Nothing to check", "You said: a complaint", f"Case {place.case_of('walker')} was opened"])


def test_a_check_is_skipped_and_comes_again(place: Town) -> None:
    first, _ = drawn(place, "newsbot", "walker")
    client = place.browser()
    assert f'href="/checks?skip={first}"' in client.get("/checks").text
    page = said(client.get(f"/checks?skip={first},nonsense"))
    assert "Walked past" in page
    assert "Acme opens" in said(client.get("/checks"))


def test_an_answer_taken_back_is_asked_again_among_those_of_the_brand(place: Town) -> None:
    first, second = drawn(place, "newsbot", "walker")
    client = place.browser()
    which = f"brand={place.brand_id}"
    answer = client.post(f"/checks/{first}", data={"said": "no", "skip": str(second), "brand": str(place.brand_id)})
    page = client.get(answer.headers["location"])
    back = f"/checks?skip={second}&{which}"
    assert f'name="back" value="{escape(back)}"' in page.text
    row = word_on(place, first)
    assert row
    answer = client.post(f"/corrections/{row.id}/undo", data={"back": back})
    assert answer.headers["location"] == back
    assert "Acme opens" in said(client.get(back))


def test_what_was_not_drawn_is_not_answered(place: Town) -> None:
    answer = place.browser().post(f"/checks/{aside_of(place, 'walker')}", data={"said": "yes"})
    assert answer.status_code == 404
    assert "Nobody was asked to check" in said(answer)


# --- how often it is right ----------------------------------------------------------------------------------------


def test_precision_and_recall_are_shown_with_what_they_rest_on(place: Town) -> None:
    client = place.browser()
    assert "Nobody has decided enough yet to say." in said(client.get("/judge"))
    for handle in ("marek.w", "jo.bright", "pilar_v"):
        client.post(f"/mentions/{post_of(place, handle)}/correct", data={"said": "one"})
    client.post(f"/mentions/{post_of(place, 'quiet_lu')}/correct", data={"said": "dismiss"})
    page = said(client.get("/judge"))
    assert "Too early to say: of 4 decided, 3 were complaints." in page
    assert "Recall cannot be told before" in page
    (first,) = drawn(place, "newsbot")
    client.post(f"/checks/{first}", data={"said": "no"})
    answer = client.get("/judge")
    assert "Recall is estimated from 1 of the posts it laid aside" in said(answer)
    assert answer.text.count("<svg") == 2
    assert "week of 2 Mar: 75 % (30 to 95)" in answer.text
    assert in_order(said(answer), ["Language", "English", "all languages"])
    assert "Polish" in said(client.get("/judge?lang=pl"))


def test_a_figure_is_said_of_a_hundred_once_it_is_one() -> None:
    assert sentences(Counts(right=75, wrong=25)) == ["Of 100 posts it takes for complaints, about 75 (66 to 82) are."]
    assert sentences(Counts()) == []


def test_a_brand_without_posts_and_a_house_without_brands_say_so(house: House) -> None:
    assert "There is nothing to judge yet." in said(house.browser().get("/judge", headers=HTML))
    house.brand()
    assert "Nobody has decided enough yet to say." in said(house.browser().get("/judge", headers=HTML))
    assert house.browser().get("/judge?brand=99", headers=HTML).status_code == 404


def layered(place: Town) -> None:
    """A layer in use, one from before, and one that was refused."""
    now = place.house.clock()
    figures = {"before": {"complaint": {"posts": 80, "right": 61}}, "after": {"complaint": {"posts": 80, "right": 74}}}
    both = {"base": "town-1", "learned_from": 240, "held_back": 80, "scores": {**figures, "kept": ["complaint"]}}
    with place.house.store.unit_of_work() as work:
        layers.add(work, place.brand_id, now, **both, state="retired", promoted_at=now)
        layers.add(work, place.brand_id, now, state="refused", reason="Complaint: it is no better than before.")
        layers.add(work, place.brand_id, now, **both, state="in_use", promoted_at=now - timedelta(days=3))


def test_what_was_taught_is_shown_and_a_lead_goes_back(place: Town) -> None:
    layered(place)
    page = said(place.browser().get("/judge"))
    assert in_order(page, ["Layer 3 is in use. It learned from 240 posts", "61 of 80 right before, 74 after"])
    assert "it is no better than before" in page
    assert "Go back" not in page, "that is for leads"
    lead = place.browser(Role.LEAD)
    assert "Go back to layer 1" in said(lead.get("/judge"))
    answer = lead.post(f"/judge/{place.brand_id}/use", data={"number": "1"})
    assert answer.headers["location"] == f"/judge?brand={place.brand_id}#taught"
    page = said(lead.get("/judge"))
    assert "Layer 1 is in use" in page
    assert "Go back to the judge alone" in page
    lead.post(f"/judge/{place.brand_id}/use", data={"number": ""})
    assert "nothing learned is in use" in said(lead.get("/judge"))


def test_a_refused_layer_cannot_be_used_and_agents_switch_none(place: Town) -> None:
    layered(place)
    answer = place.browser(Role.LEAD).post(f"/judge/{place.brand_id}/use", data={"number": "2"})
    assert answer.status_code == 409
    assert "was never in use" in said(answer)
    assert place.browser().post(f"/judge/{place.brand_id}/use", data={"number": "1"}).status_code == 403


def test_learning_now_wants_something_to_learn_from(place: Town) -> None:
    client = place.browser()
    assert "From 20 on there is something to learn from" in said(client.get("/judge"))
    answer = client.post(f"/judge/{place.brand_id}/learn")
    assert answer.status_code == 409
    assert "0 posts were corrected so far" in said(answer)


@pytest.mark.parametrize("path", ["/checks", "/judge", "/mentions/1"])
def test_the_forms_carry_the_secret_of_the_session(place: Town, path: str) -> None:
    drawn(place, "newsbot")
    page = place.browser(Role.LEAD).get(path).text
    assert page.count('method="post"') == page.count('name="csrf_token" value="') > 0
    client = place.browser()
    del client.headers["x-csrf-token"]
    assert client.post("/mentions/1/correct", data={"said": "none"}).status_code == 403


def test_figures_are_there_for_programs(place: Town) -> None:
    client = place.house.program()
    place.browser().post(f"/mentions/{post_of(place, 'marek.w')}/correct", data={"said": "one"})
    found = client.get("/api/v1/brands/acme/judge").json()
    assert (found["all"]["right"], found["all"]["decided"]) == (1, 1)
    assert found["all"]["precision"]["value"] == 1
    assert found["all"]["recall"] is None
    assert [one["lang"] for one in found["by_language"]][:2] == ["en", "pl"] or "pl" in str(found["by_language"])
    assert len(found["by_week"]) == 8
    assert client.get("/api/v1/brands/nobody/judge").status_code == 404
    with place.house.store.unit_of_work() as work:
        brands.create(work, "bolt", "Bolt", place.house.clock())
        assert cases.desk_count(work, "complaints") == 16
    assert client.get("/api/v1/brands/bolt/judge?weeks=4").json()["by_language"] == []
