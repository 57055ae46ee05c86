"""Which words moved the judge: who may ask, and what a page says when nobody can tell."""

from monitor.domain.lifecycle import Role
from monitor.judging import explaining
from monitor.store import explanations
from tests.api.pages.conftest import Town, said
from tests.api.pages.test_judge import post_of
from tests.making import ToldJudge


def test_an_observer_asks_for_nothing_and_their_page_does_not_either(place: Town) -> None:
    case_id, post = place.case_of("tired_buyer"), post_of(place, "tired_buyer")
    watching = place.browser(Role.OBSERVER)
    assert f'action="/mentions/{post}/why"' in place.browser().get(f"/cases/{case_id}").text
    assert f'action="/mentions/{post}/why"' not in watching.get(f"/cases/{case_id}").text
    assert watching.post(f"/mentions/{post}/why").status_code == 403
    with place.house.store.reading() as work:
        assert not explanations.waiting(work)


def test_of_a_verdict_of_another_judge_it_is_said_that_its_words_are_not_known(place: Town) -> None:
    case_id, post = place.case_of("tired_buyer"), post_of(place, "tired_buyer")
    client = place.browser()
    client.post(f"/mentions/{post}/why")
    explaining.answer_next(place.house.store, ToldJudge(version="another-1"), place.house.clock())
    waits = client.get(f"/mentions/{post}/why?tries=1")
    assert "Judged by another judge then; its words are not known." in said(waits)
    assert waits.headers["hx-retarget"] == f"#post-{post}", "and nothing is asked any more"
    assert "Which words moved the judge?" not in said(client.get(f"/cases/{case_id}"))


def test_figures_and_checks_are_for_the_same_people_by_program_as_by_page(place: Town) -> None:
    watching = place.browser(Role.OBSERVER)
    for path in ("/judge", "/checks", "/api/v1/brands/acme/judge", "/api/v1/checks"):
        assert watching.get(path).status_code == 403, path
        assert place.browser().get(path).status_code == 200, path
