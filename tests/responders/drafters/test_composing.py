"""What a customer reads in a composed reply."""

from itertools import product

import pytest

from monitor.domain.records import Flag, Kind, Severity
from responders.bar import check, passes
from responders.bar.closeness import TOO_CLOSE, closest
from responders.drafters.composing import ComposingDrafter
from responders.drafters.grasp import language
from responders.ports import DraftRefused, Fact, Level, Promise, Voice
from tests.responders.briefs import APP, CHARGED_TWICE, LANGUAGES, PARCEL, POSTS, SHATTERED, VAGUE, brief

DRAFTER = ComposingDrafter()
PLATFORMS = ("x", "mastodon", "bluesky", "reddit", "review")
FLAG_SETS = ((), *((flag,) for flag in Flag if flag is not Flag.SELF_HARM))
MANDATES = ((), *((Promise(kind),) for kind in ("refund", "replacement", "voucher", "callback")))
FACTS = ((), (Fact("checked", confirmed_by="billing"),))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("post", range(len(POSTS)))
def test_the_bar_finds_nothing_in_any_reply(lang: str, post: int) -> None:
    text = POSTS[post][lang]
    for number, (platform, flags, kind) in enumerate(product(PLATFORMS, FLAG_SETS, Kind)):
        voice = Voice(
            "Acme",
            signature=("", "Maria")[number % 2],
            contact=("DM", "care@acme.example", "")[number % 3],
            formal=number % 4 > 1,
        )
        about = brief(
            lang,
            text=text,
            platform=platform,
            flags=flags,
            kind=kind,
            voice=voice,
            severity=Severity(number % 4),
            mandate=MANDATES[number % 5],
            facts=FACTS[number % 7 == 0],
            waiting_hours=(None, 30.0)[number % 11 == 0],
            seed=f"{lang} {post} {number}",
        )
        draft = DRAFTER.draft(about).text
        assert [finding for finding in check(draft, about) if finding.level is not Level.ADVISE] == [], draft


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("post", [CHARGED_TWICE, APP, VAGUE])
@pytest.mark.parametrize("platform", ["x", "reddit"])
def test_forty_customers_with_one_complaint_get_forty_replies(lang: str, post: dict[str, str], platform: str) -> None:
    told: tuple[str, ...] = ()
    for number in range(40):
        about = brief(lang, text=post[lang], platform=platform, seed=str(number), told_others=told)
        draft = DRAFTER.draft(about).text
        assert closest(draft, told) < TOO_CLOSE
        told = (draft, *told)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_hundred_customers_in_a_row_never_read_what_the_last_fifty_read(lang: str) -> None:
    told: tuple[str, ...] = ()
    for number in range(200):
        about = brief(lang, seed=str(number), told_others=told[:50])
        draft = DRAFTER.draft(about).text
        assert passes(check(draft, about))
        told = (draft, *told)
    assert len(set(told)) == 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_forty_thankful_customers_get_forty_answers(lang: str) -> None:
    told: tuple[str, ...] = ()
    for number in range(40):
        draft = DRAFTER.draft(brief(lang, kind=Kind.THANKS, text=":)", seed=str(number), told_others=told)).text
        assert closest(draft, told) < TOO_CLOSE
        told = (draft, *told)


def things(lang: str, topic: str) -> tuple[str, ...]:
    return next(one.things for one in language(lang).pack.topics if one.name == topic)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("post", "topic"),
    [(CHARGED_TWICE, "double_charge"), (SHATTERED, "danger"), (APP, "app"), (PARCEL, "not_delivered")],
)
def test_the_reply_names_what_went_wrong(lang: str, post: dict[str, str], topic: str) -> None:
    draft = DRAFTER.draft(brief(lang, text=post[lang], platform="reddit")).text.lower()
    stems = [thing.split("[")[0].lower() for thing in things(lang, topic)]
    assert any(stem in draft for stem in stems), draft


@pytest.mark.parametrize(
    ("lang", "wait"), [("en", "9 days"), ("pl", "9 dni"), ("el", "9 μέρες"), ("fa", "۹ روز"), ("ar", "9 أيام")]
)
def test_the_reply_names_how_long_the_customer_waits(lang: str, wait: str) -> None:
    assert wait in DRAFTER.draft(brief(lang, platform="reddit")).text


@pytest.mark.parametrize(
    "text", ["My phone broke after 2 days", "I ordered 3 weeks ago and it works", "a 5 year old kettle broke"]
)
def test_a_number_of_days_that_was_not_spent_waiting_is_left_alone(text: str) -> None:
    draft = DRAFTER.draft(brief(text=text, platform="reddit")).text
    assert not any(digit in draft for digit in "235")


@pytest.mark.parametrize(("lang", "since"), [("en", "since Monday"), ("pl", "od poniedziałku"), ("el", "από τη Δευτέρα"), ("fa", "از دوشنبه"), ("ar", "منذ يوم الاثنين")])  # fmt: skip
def test_the_reply_names_since_when(lang: str, since: str) -> None:
    assert since.lower() in DRAFTER.draft(brief(lang, text=PARCEL[lang], platform="reddit")).text.lower()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_somebody_who_may_be_hurt_is_asked_after_first_and_not_thanked(lang: str) -> None:
    pack = language(lang).pack
    for seed in map(str, range(20)):
        about = brief(lang, text=SHATTERED[lang], flags=(Flag.SAFETY,), platform="reddit", seed=seed)
        draft = DRAFTER.draft(about).text
        assert any(draft.startswith(ask) or ask.split("[")[0] in draft[:30] for ask in pack.lines["safe_ask"]), draft
        assert passes(check(draft, about))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_promised_without_a_mandate_and_the_refund_with_one(lang: str) -> None:
    for seed in map(str, range(20)):
        with_refund = brief(lang, platform="reddit", seed=seed, mandate=(Promise("refund"),))
        draft = DRAFTER.draft(with_refund)
        assert passes(check(draft.text, with_refund))
        assert "refund" in draft.note
        assert "unfounded_promise" in {finding.rule for finding in check(draft.text, brief(lang, platform="reddit"))}
        plain = brief(lang, platform="reddit", seed=seed)
        assert passes(check(DRAFTER.draft(plain).text, plain))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_guilt_is_owned_only_when_it_is_confirmed(lang: str) -> None:
    for seed in map(str, range(20)):
        said = brief(lang, seed=seed, facts=(Fact("charged twice"),))
        assert "admission" not in {finding.rule for finding in check(DRAFTER.draft(said).text, said)}
        known = brief(lang, seed=seed, facts=(Fact("charged twice", confirmed_by="billing"),))
        draft = DRAFTER.draft(known)
        assert "confirmed" in draft.note
        assert passes(check(draft.text, known))


def test_a_confirmed_fact_in_the_customers_language_is_told() -> None:
    fact = "Two charges were made on Friday, and one of them was ours to stop"
    text = DRAFTER.draft(brief(platform="reddit", facts=(Fact(fact, confirmed_by="billing"),))).text
    assert f"{fact}." in text


def test_an_owners_answer_that_blames_is_not_passed_on() -> None:
    draft = DRAFTER.draft(brief(platform="reddit", owner_answer="Our courier lost the parcel on the way to the depot."))
    assert "courier" not in draft.text
    assert "not quoted" in draft.note


def test_a_confirmed_fact_in_another_language_is_left_to_the_reviewer() -> None:
    draft = DRAFTER.draft(brief("pl", facts=(Fact("The charge was made twice by our side", confirmed_by="billing"),)))
    assert "charge" not in draft.text
    assert "not quoted" in draft.note


def test_handle_and_signature_stand_where_the_platform_expects_them() -> None:
    voice = Voice("Acme", signature="Maria")
    assert DRAFTER.draft(brief(voice=voice, platform="mastodon")).text.startswith("@anna ")
    reddit = DRAFTER.draft(brief(voice=voice, platform="reddit")).text
    assert "@anna" not in reddit
    assert reddit.endswith("^Maria")


def test_the_reviewer_gets_it_shorter_and_in_other_words() -> None:
    long = DRAFTER.draft(brief(platform="reddit")).text
    short = DRAFTER.draft(brief(platform="reddit", ask="shorter, please")).text
    other = DRAFTER.draft(brief(platform="reddit", ask="mention the cat")).text
    assert len(short) < len(long)
    assert DRAFTER.draft(brief(platform="reddit", ask="shorter", voice=Voice("Acme", signature="Maria"))).text.endswith(
        "^Maria"
    )
    assert len({long, short, other}) == 3


@pytest.mark.parametrize(
    ("lang", "informal", "formal"), [("pl", {"Ci", "Masz", "Ty."}, {"Państwu", "Państwo"}), ("el", {"σου"}, {"σας"})]
)
def test_the_voice_sets_the_form_of_address(lang: str, informal: set[str], formal: set[str]) -> None:
    def said(*, formally: bool) -> str:
        voice = Voice("Acme", contact="DM", formal=formally)
        return " ".join(DRAFTER.draft(brief(lang, voice=voice, platform="reddit", seed=str(n))).text for n in range(30))

    assert any(f" {word}" in said(formally=False) for word in informal)
    assert not any(f" {word} " in said(formally=False) for word in formal)
    assert any(f" {word}" in said(formally=True) for word in formal)


def test_too_little_room_is_refused_rather_than_cut() -> None:
    with pytest.raises(DraftRefused, match="too little room"):
        DRAFTER.draft(brief(limit=40))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_is_whole_and_filled(lang: str) -> None:
    for number in range(60):
        about = brief(lang, text=POSTS[number % len(POSTS)][lang], seed=str(number), limit=180 + number)
        text = DRAFTER.draft(about).text
        assert text[-1] in ".!?؟;", text
        assert not set("{}[]|") & set(text)


def test_a_post_without_detail_is_said_to_need_one() -> None:
    assert "concrete" in DRAFTER.draft(brief(text=VAGUE["en"])).note
    assert not DRAFTER.draft(brief()).note


def test_the_classifiers_topic_helps_where_the_words_do_not() -> None:
    text = DRAFTER.draft(brief(text="unbelievable", topics=("billing",), platform="reddit")).text.lower()
    assert any(thing in text for thing in things("en", "billing"))


@pytest.mark.parametrize("seed", range(12))
def test_a_third_week_is_not_called_one_week(seed: int) -> None:
    about = brief("pl", text="Trzeci tydzień czekam na zwrot pieniędzy.", seed=str(seed))
    assert "1 tydzień" not in DRAFTER.draft(about).text
