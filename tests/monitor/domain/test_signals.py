import time

import pytest

from monitor.domain.records import Flag, Kind, Severity
from monitor.domain.signals import find_flags, find_topics, needs_reply, tell_kind, tell_severity

URGENT = [
    (Flag.SAFETY, "The kettle exploded and my hand is burnt, we are in hospital", "exploded"),
    (Flag.SAFETY, "Po waszym obiedzie całe biuro ma zatrucie, karetka w drodze", "zatrucie"),
    (Flag.SAFETY, "Η κόρη μου τραυματίστηκε από την καρέκλα σας", "τραυματίστηκε"),
    (Flag.SAFETY, "بچه‌ام از غذای شما مسموم شد", "مسموم"),
    (Flag.SAFETY, "اشتعلت الشاشة في غرفة ابني", "اشتعلت"),
    (Flag.SAFETY, "Meine Frau wurde durch das Regal verletzt", "verletzt"),
    (Flag.SAFETY, "Утюг загорелся у меня в руках", "загорелся"),
    (Flag.LEGAL, "You will hear from my lawyer", "lawyer"),
    (Flag.LEGAL, "To się skończy w sądzie", "w sądzie"),
    (Flag.LEGAL, "Θα κινηθώ με δικηγόρο", "δικηγόρο"),
    (Flag.LEGAL, "با وکیل پیگیری می‌کنم", "وکیل"),
    (Flag.LEGAL, "سأرفع دعوى عليكم في المحكمة", "دعوى"),
    (Flag.DISCRIMINATION, "Your guard was openly racist to my husband", "racist"),
    (Flag.DISCRIMINATION, "Jawna dyskryminacja przy wejściu", "dyskryminacja"),
    (Flag.PRIVACY, "I can see another customer's invoices, is this a data breach", "another customer's"),
    (Flag.PRIVACY, "διέρρευσαν τα στοιχεία μας", "διέρρευσαν"),
    (Flag.MONEY, "You charged twice for one ticket", "charged twice"),
    (Flag.MONEY, "To zwykłe oszustwo", "oszustwo"),
    (Flag.MONEY, "از حسابم دو بار کسر شد", "دو بار کسر"),
    (Flag.MONEY, "خصمتم مرتين من بطاقتي", "خصمتم مرتين"),
    (Flag.PRESS, "I am a journalist and would like a comment", "journalist"),
    (Flag.SELF_HARM, "after this bill i want to die", "want to die"),
    (Flag.SELF_HARM, "nie chcę żyć przez was", "nie chcę żyć"),
]


@pytest.mark.parametrize(("flag", "text", "words"), URGENT)
def test_an_urgent_post_is_flagged_with_the_words_that_say_so(flag: Flag, text: str, words: str) -> None:
    hits = {hit.flag: text[hit.span.start : hit.span.end] for hit in find_flags(text)}
    assert words in hits.get(flag, ""), hits


@pytest.mark.parametrize(
    "text",
    [
        "Nobody was injured, only the box is dented",
        "No lawyer needed, thank you",
        "Keine Verletzung, nur ein Schreck",
        "Nikt nie został ranny",
        "کسی مجروح نشد",
        "Kimse zehirlenmedi, merak etmeyin",
        "χωρίς τραυματισμούς ευτυχώς",
        "What a lovely morning in the shop",
        "",
        "🔥🔥🔥",
    ],
)
def test_what_is_denied_or_not_said_is_not_urgent(text: str) -> None:
    assert find_flags(text) == ()


def test_a_denial_before_a_but_does_not_hide_what_follows() -> None:
    flags = [hit.flag for hit in find_flags("It was not expensive but my son was injured")]
    assert flags == [Flag.SAFETY, Flag.CHILD]


def test_one_flag_is_raised_once_and_several_at_once() -> None:
    flags = [hit.flag for hit in find_flags("Scam, scam, scam! My lawyer will call you.")]
    assert sorted(flags) == [Flag.LEGAL, Flag.MONEY]


def test_accents_case_and_invisible_signs_do_not_hide_a_flag() -> None:
    text = "ΤΡΑΥΜΑΤΙΣΤΗΚΕ και η l\u200baw\u200byer μου"
    assert [hit.flag for hit in find_flags(text)] == [Flag.SAFETY, Flag.LEGAL]
    (_, legal) = find_flags(text)
    assert text[legal.span.start : legal.span.end] == "l\u200baw\u200byer"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Do you ship to Crete", Kind.QUESTION),
        ("Open on Sunday?", Kind.QUESTION),
        ("Πότε ανοίγετε;", Kind.QUESTION),
        ("هل يوجد توصيل", Kind.QUESTION),
        ("فروشگاه تا کی باز است؟", Kind.QUESTION),
        ("Czy wysyłacie do Gdyni?", Kind.QUESTION),
        ("Thanks to the team in Leeds", Kind.THANKS),
        ("Dziękuję za pomoc", Kind.THANKS),
        ("Ευχαριστώ πολύ!", Kind.THANKS),
        ("شكرا جزيلا", Kind.THANKS),
        ("خیلی ممنون", Kind.THANKS),
        ("Danke! Super, oder?", Kind.THANKS),
        ("Many thanks; all good now", Kind.THANKS),
        ("Walking past the new shop", Kind.NONE),
        ("see https://example.org/?a=b today", Kind.NONE),
        ("", Kind.NONE),
    ],
)
def test_what_is_no_complaint_is_a_question_thanks_or_nothing(text: str, kind: Kind) -> None:
    assert tell_kind(text, is_complaint=False) is kind


def test_thanks_and_a_question_inside_a_complaint_leave_it_a_complaint() -> None:
    assert tell_kind("Thanks for losing my bag. Where is it?", is_complaint=True) is Kind.COMPLAINT


def test_small_talk_needs_no_reply_unless_it_is_urgent() -> None:
    assert needs_reply(Kind.QUESTION, ())
    assert needs_reply(Kind.THANKS, ())
    assert not needs_reply(Kind.NONE, ())
    assert needs_reply(Kind.NONE, find_flags("a gas leak at your shop"))


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("My parcel is with the courier", "delivery"),
        ("Kurier nie dowiózł paczki", "delivery"),
        ("η παραγγελία μου", "delivery"),
        ("the refund on my invoice", "billing"),
        ("خدمة العملاء لا ترد", "staff"),
        ("اپلیکیشن باز نمی‌شود", "website"),
        ("Ich möchte kündigen", "cancellation"),
        ("mi maleta llegó dañada", "lost"),
        ("nothing in particular", "other"),
    ],
)
def test_a_post_is_filed_under_what_it_is_about(text: str, topic: str) -> None:
    assert topic in find_topics(text)


def test_threats_are_graver_than_anger_and_anger_than_a_plain_report() -> None:
    grades = [
        tell_severity(text, 0.9, find_flags(text))
        for text in ("I will sue you", "this is pathetic", "the lid of the jar was loose")
    ]
    assert grades == [Severity.BLAME, Severity.ACCUSATION, Severity.DISAPPROVAL]
    assert tell_severity("the lid of the jar was loose", 0.6) is Severity.MISMATCH


@pytest.mark.parametrize("piece", ["A", "AAAA ", "AAAA", "!", "AB1"])
def test_long_shouting_is_read_in_no_time(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    tell_severity(text, 0.6)  # folded once
    started = time.process_time()
    tell_severity(text, 0.6)
    assert time.process_time() - started < 0.1
