from datetime import timedelta

import pytest

from monitor.domain.lifecycle import CaseState, Role
from monitor.domain.records import Flag, Severity
from monitor.store import brands, cases, drafts
from tests.api.pages.conftest import Town, in_order, said
from tests.api.pages.town import Customer

GOOD = (
    "We are sorry: fifty minutes and then cut off is not what you should get from us. "
    "Finding out what went wrong is on us, and we are looking into it now. We will write to you here as soon as we know."
)


def _approve(place: Town, case_id: int, text: str | None = None, role: Role = Role.AGENT, **more: str) -> int:
    row = place.draft(case_id)
    form = {"revision": row.revision, "text": row.text if text is None else text, **more}
    return place.browser(role).post(f"/cases/{case_id}/approve", data=form).status_code


def test_a_case_shows_customer_conversation_and_reply(place: Town) -> None:
    case_id = place.case_of("anna_k")
    page = place.browser().get(f"/cases/{case_id}")
    words = said(page)
    assert in_order(words, ["late 13 min", "safety · blames us", "Anna K.", "48,000", "The conversation", "The reply"])
    assert '<mark class="flag" title="safety">burst while my son stood next to it</mark>' in page.text
    assert 'target="_blank" rel="noreferrer noopener">open on X</a>' in page.text
    assert str(place.draft(case_id).text) in words.replace(" .", ".")
    assert "confirmed: nothing yet" in words.replace("Confirmed nothing", "confirmed: nothing")


def test_flags_are_marked_where_they_stand_even_after_emoji_and_rtl(place: Town) -> None:
    text = "🙁🙁 اشتروا بعناية: charged twice for one kettle"
    place.writes(Customer("emo", text, 4, flag=(Flag.MONEY, "charged twice"), severity=Severity.ACCUSATION))
    page = place.browser().get(f"/cases/{place.case_of('emo')}").text
    assert 'title="money taken">charged twice</mark> for one kettle' in page


def test_a_nasty_post_is_text_on_the_page_of_its_case(place: Town) -> None:
    page = place.browser().get(f"/cases/{place.case_of('h4x_shop')}").text
    assert "<script>document" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,hi", "https://", "//evil.example", " https://x"]
)
def test_a_link_that_is_not_plain_http_is_not_a_link(place: Town, url: str) -> None:
    case_id = place.case_of("marek.w")
    with place.house.store.unit_of_work() as work:
        cases.note(work, case_id, answer_url=url, state=CaseState.REPLIED)
    page = place.browser().get(f"/cases/{case_id}").text
    assert f'href="{url}"' not in page
    assert "Answered by hand" in page


def test_approving_sends_exactly_what_was_read_after_the_time_to_undo(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    assert _approve(place, case_id, GOOD) == 303
    case, row = place.case(case_id), place.draft(case_id)
    assert (case.state, row.text, row.revision) == (CaseState.APPROVED, GOOD, 2)
    assert case.send_after == place.house.clock() + timedelta(seconds=10)
    words = said(place.browser().get(f"/cases/{case_id}"))
    assert "Sending to @jo.bright" in words
    assert "Undo" in words
    assert "Next: @eleni_m" in words
    with place.house.store.reading() as work:
        assert drafts.approval(work, case_id).draft_id == row.id


def test_an_unchanged_text_is_approved_without_a_new_revision(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    place.browser().post(f"/cases/{case_id}/save", data={"revision": 1, "text": GOOD.replace(". ", ".\r\n")})
    assert _approve(place, case_id, GOOD.replace(". ", ".\r\n")) == 303
    assert place.draft(case_id).revision == 2


def test_undo_brings_it_back_to_the_desk(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    _approve(place, case_id, GOOD)
    client = place.browser()
    assert client.get(f"/cases/{case_id}/panel").status_code == 200
    assert client.post(f"/cases/{case_id}/undo").status_code == 303
    assert place.case(case_id).state is CaseState.IN_REVIEW
    again = client.get(f"/cases/{case_id}/panel")
    assert (again.status_code, again.headers["hx-refresh"]) == (204, "true")


def test_what_was_typed_survives_a_colleagues_quicker_save(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    place.browser(Role.LEAD).post(f"/cases/{case_id}/save", data={"revision": 1, "text": "Theirs <b>came</b> first."})
    mine = "Mine, with </textarea><script>nasty()</script> in it.\n\nAnd a second line."
    answer = place.browser().post(f"/cases/{case_id}/save", data={"revision": 1, "text": mine})
    assert answer.status_code == 409
    box = answer.text.split('<textarea id="text"')[1].split("</textarea>")[0]
    assert "Mine, with &lt;/textarea&gt;&lt;script&gt;" in box
    assert "\n\nAnd a second line." in box
    assert "There is a newer revision (2) than the one you read (1)." in said(answer)
    assert "What is saved now (version 2, by Lead ) Theirs <b>came</b> first." in said(answer)
    assert 'name="revision" value="2"' in answer.text, "having seen theirs, saving again is possible"
    assert place.draft(case_id).text == "Theirs <b>came</b> first."


def test_what_was_typed_survives_a_dismissal_that_was_refused(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    form = {"reason": "", "other": "", "text": "Half a sentence that I"}
    answer = place.browser().post(f"/cases/{case_id}/dismiss", data=form)
    assert answer.status_code == 422
    assert "Half a sentence that I" in answer.text
    assert place.case(case_id).state is CaseState.IN_REVIEW


def test_a_blocked_text_is_refused_to_an_agent_and_kept(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    bad = "We are sorry you feel that way. Please delete your post."
    answer = place.browser().post(f"/cases/{case_id}/approve", data={"revision": 1, "text": bad})
    assert answer.status_code == 409
    assert "Not approved." in said(answer)
    assert "A lead may overrule it with a reason." in said(answer)
    assert place.case(case_id).state is CaseState.IN_REVIEW
    assert place.draft(case_id).text == bad
    assert _approve(place, case_id, bad, overrule="because") == 409, "an agent cannot overrule"


def test_a_lead_overrules_with_a_reason_only(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    bad = GOOD + " Please delete your post."
    page = place.browser(Role.LEAD).post(f"/cases/{case_id}/approve", data={"revision": 1, "text": bad})
    assert page.status_code == 409
    assert 'name="overrule"' in page.text
    assert _approve(place, case_id, bad, Role.LEAD, overrule="They asked us to help them remove it.") == 303
    assert place.case(case_id).state is CaseState.APPROVED


def test_a_delicate_case_takes_a_second_person(place: Town) -> None:
    place.writes(Customer("burned", "The kettle burned my hand.", 2, severity=Severity.BLAME))
    case_id = place.case_of("burned")
    place.browser().post(f"/cases/{case_id}/save", data={"revision": 0, "text": GOOD})
    overrule = "Read twice."
    assert _approve(place, case_id, role=Role.LEAD, overrule=overrule) == 303
    assert place.case(case_id).state is CaseState.IN_REVIEW
    mine = place.browser(Role.LEAD).get(f"/cases/{case_id}")
    assert "You approved this." in said(mine)
    assert "disabled>Waits for a second person" in mine.text
    theirs = place.browser(Role.ADMIN).get(f"/cases/{case_id}")
    assert "Lead approved this. It is delicate: read it as the second pair of eyes." in said(theirs)
    assert "Approve as the second" in said(theirs)
    assert _approve(place, case_id, role=Role.LEAD, overrule=overrule) == 409
    assert _approve(place, case_id, role=Role.ADMIN, overrule=overrule) == 303
    assert place.case(case_id).state is CaseState.APPROVED


def test_the_check_while_typing_writes_nothing(place: Town) -> None:
    case_id = place.case_of("eleni_m")
    client = place.browser()
    answer = client.post(f"/cases/{case_id}/check", data={"text": "Please delete your post. " + "We are sorry. " * 30})
    assert "too long" in said(answer)
    assert '<mark class="block"' in answer.text
    assert "delete your post" in answer.text
    assert place.draft(case_id).revision == 1
    markup = client.post(f"/cases/{case_id}/check", data={"text": "<img src=x> delete your post"})
    assert "<img" not in markup.text


def test_the_page_says_when_the_customer_writes_again(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    case = place.case(case_id)
    client = place.browser()
    news = f"/cases/{case_id}/news?state={case.state}&revision={case.revision}&latest={case.latest_mention_id}"
    assert said(client.get(news)) == ""
    place.writes(Customer("jo.bright", "And now the line is dead altogether.", 0))
    assert said(client.get(news)).startswith("The customer wrote again.")
    answer = client.post(f"/cases/{case_id}/approve", data={"revision": 1, "text": place.draft(case_id).text})
    assert answer.status_code == 409
    assert "The customer wrote again after this" in said(answer)
    assert in_order(said(client.get(f"/cases/{case_id}")), ["Waited 50 minutes", "And now the line is dead"])


def test_a_text_answers_only_what_its_writer_read(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    client = place.browser()
    assert 'name="posts" value="1"' in client.get(f"/cases/{case_id}").text
    place.writes(Customer("jo.bright", "And now the line is dead altogether.", 0))
    form = {"revision": 1, "posts": 1, "text": GOOD}
    for what in ("approve", "save"):
        answer = client.post(f"/cases/{case_id}/{what}", data=form)
        assert answer.status_code == 409
        assert "The customer wrote again, or changed a post, after you opened this." in said(answer)
    assert place.draft(case_id).revision == 1
    assert place.case(case_id).state is CaseState.IN_REVIEW
    assert 'name="posts" value="2"' in answer.text, "having read it, saving again is possible"
    assert client.post(f"/cases/{case_id}/save", data={**form, "posts": 2}).status_code == 303


def test_the_page_says_when_a_colleague_saves_or_takes_it(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    case = place.case(case_id)
    colleague = place.browser(Role.LEAD)
    colleague.post(f"/cases/{case_id}/save", data={"revision": 1, "text": GOOD})
    colleague.post(f"/cases/{case_id}/claim")
    news = f"/cases/{case_id}/news?state={case.state}&revision={case.revision}&latest={case.latest_mention_id}"
    words = said(place.browser().get(news))
    assert "Lead saved another version of the reply." in words
    assert "Lead is on it." in words


def test_asking_again_goes_back_for_another_draft(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    answer = place.browser().post(f"/cases/{case_id}/ask-again", data={"reason": "shorter", "other": ""})
    assert answer.status_code == 303
    case = place.case(case_id)
    assert (case.state, case.draft_wanted) == (CaseState.OPEN, True)
    assert "Another draft is being written" in said(place.browser().get(f"/cases/{case_id}"))


def test_a_question_to_the_owner_and_the_answer(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    client = place.browser()
    client.post(f"/cases/{case_id}/escalate", data={"question": "Why is the line <cut>?"})
    assert "Why is the line <cut>?" in said(client.get(f"/cases/{case_id}"))
    assert "its owner was asked" in said(client.get("/?tab=escalated"))
    empty = client.post(f"/cases/{case_id}/owner-answer", data={"answer": " "})
    assert empty.status_code == 422
    client.post(f"/cases/{case_id}/owner-answer", data={"answer": "A switch failed; it was replaced."})
    assert place.case(case_id).state is CaseState.OPEN
    assert "A switch failed; it was replaced." in said(client.get(f"/cases/{case_id}"))


def test_answered_by_hand_where_no_account_answers(place: Town) -> None:
    case_id = place.case_of("claire.d")
    client = place.browser()
    assert "No account of ours answers on Bluesky." in said(client.get(f"/cases/{case_id}"))
    bad = client.post(f"/cases/{case_id}/by-hand", data={"link": "javascript:alert(1)", "text": "kept"})
    assert bad.status_code == 422
    assert "kept" in bad.text
    link = "https://bluesky.example/answer/1"
    assert client.post(f"/cases/{case_id}/by-hand", data={"link": link}).status_code == 303
    page = client.get(f"/cases/{case_id}")
    assert "Answered by hand" in said(page)
    assert f'href="{link}"' in page.text


def test_an_observer_reads_and_is_offered_nothing(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    client = place.browser(Role.OBSERVER)
    page = client.get(f"/cases/{case_id}").text
    assert "<textarea" not in page
    assert f'action="/cases/{case_id}' not in page
    for what in ("approve", "save"):
        refused = client.post(f"/cases/{case_id}/{what}", data={"revision": 1, "text": GOOD})
        assert refused.status_code == 403
    assert place.case(case_id).state is CaseState.IN_REVIEW
    assert place.draft(case_id).revision == 1
    assert "This is one" not in client.get("/?tab=aside").text


def test_only_what_may_happen_now_is_offered(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    client = place.browser()
    client.post(f"/cases/{case_id}/dismiss", data={"reason": "spam or an insult only"})
    page = client.get(f"/cases/{case_id}")
    assert "Dismissed. spam or an insult only" in said(page)
    assert f'action="/cases/{case_id}/' not in page.text
    answer = client.post(f"/cases/{case_id}/undo")
    assert answer.status_code == 409
    assert "Cannot undo a case that is dismissed." in said(answer)


def test_an_unknown_case_is_a_calm_404(place: Town) -> None:
    answer = place.browser().get("/cases/999999")
    assert answer.status_code == 404
    assert "There is no case number 999999." in said(answer)
    assert place.browser().get("/cases/nonsense").status_code == 422


def test_told_others_and_earlier_cases_are_shown(place: Town) -> None:
    _approve(place, place.case_of("jo.bright"), GOOD)
    words = said(place.browser().get(f"/cases/{place.case_of('marek.w')}"))
    assert "Told others lately We are sorry: fifty minutes" in words
    assert "first case with us" in words


def test_the_undo_window_of_the_brand_is_used(place: Town) -> None:
    with place.house.store.unit_of_work() as work:
        brands.change(work, place.brand_id, settings={"undo_s": 45})
    case_id = place.case_of("jo.bright")
    _approve(place, case_id, GOOD)
    assert place.case(case_id).send_after == place.house.clock() + timedelta(seconds=45)


def test_the_words_of_the_use_case_reach_the_page(place: Town) -> None:
    case_id = place.case_of("claire.d")
    answer = place.browser().post(f"/cases/{case_id}/save", data={"revision": 0, "text": "   "})
    assert answer.status_code == 422
    assert "The reply is empty. Nothing was saved." in said(answer)


def test_a_very_long_thread_shows_its_newest_posts(place: Town) -> None:
    case_id = place.case_of("jo.bright")
    place.writes(*(Customer("jo.bright", f"Still waiting, call {n}.", 3 - n / 100) for n in range(103)))
    words = said(place.browser().get(f"/cases/{case_id}"))
    assert "4 older posts are not shown." in words
    assert in_order(words, ["Still waiting, call 3.", "Still waiting, call 102."])
    assert "Waited 50 minutes" not in words
