"""What every drafter in the registry must do."""

import pytest

from monitor.domain.errors import AppError, BadInput
from monitor.domain.records import Flag, Kind
from responders.bar import check, passes
from responders.bar.length import length, limit_for
from responders.drafters import DRAFTERS, load
from responders.ports import Drafter, DraftRefused
from tests.responders.briefs import APP, CHARGED_TWICE, LANGUAGES, brief


@pytest.fixture(params=sorted(DRAFTERS))
def drafter(request: pytest.FixtureRequest) -> Drafter:
    return load(str(request.param))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_a_draft_passes_the_bar_and_names_its_author(drafter: Drafter, lang: str, kind: Kind) -> None:
    about = brief(lang, kind=kind, text=APP[lang])
    draft = drafter.draft(about)
    assert passes(check(draft.text, about))
    assert (draft.lang, draft.version) == (lang, drafter.version)


@pytest.mark.parametrize("platform", ["x", "mastodon", "bluesky", "reddit", "review"])
def test_a_draft_fits_its_platform(drafter: Drafter, platform: str) -> None:
    text = drafter.draft(brief(platform=platform)).text
    assert 0 < length(text, platform) <= limit_for(platform)


def test_the_same_brief_gives_the_same_draft_and_another_seed_another(drafter: Drafter) -> None:
    first = drafter.draft(brief(seed="case 7"))
    assert drafter.draft(brief(seed="case 7")) == first
    assert len({drafter.draft(brief(seed=f"case {number}")).text for number in range(5)}) > 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_danger_to_a_life_is_left_to_a_person(drafter: Drafter, lang: str) -> None:
    with pytest.raises(DraftRefused, match="person"):
        drafter.draft(brief(lang, flags=(Flag.SELF_HARM,)))


@pytest.mark.parametrize("odd", ["", "   ", "\x00", "😡" * 400, "a" * 5_000, "{thing} {0} %s [a|b]", "١٢٣ 456 дней"])
def test_any_text_is_answered_or_refused_in_plain_words(drafter: Drafter, odd: str) -> None:
    try:
        assert drafter.draft(brief(text=odd)).text
    except AppError as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - either way out is right


@pytest.mark.parametrize("lang", LANGUAGES)
def test_personal_data_in_a_post_is_not_repeated(drafter: Drafter, lang: str) -> None:
    secret = "PL61109010140000071219812874 jan@mail.example +48601202303"
    text = drafter.draft(brief(lang, text=f"{CHARGED_TWICE[lang]} {secret}", platform="reddit")).text
    assert not any(part in text for part in secret.split())


def test_a_language_it_does_not_know_is_said_aloud(drafter: Drafter) -> None:
    draft = drafter.draft(brief("hu", text="Kétszer vontátok le a pénzt"))
    assert draft.lang == "hu" or "Hungarian" in draft.note


def test_an_unknown_drafter_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(BadInput, match="composing"):
        load("telepathy")
