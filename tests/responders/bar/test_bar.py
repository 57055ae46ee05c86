"""What the bar lets through and what it stops."""

from time import process_time

import pytest

from monitor.domain.records import Flag, Kind
from responders.bar import check, passes
from responders.bar.language import detect
from responders.ports import Brief, Fact, Level, Promise, Voice
from tests.responders.briefs import LANGUAGES, OWNING, brief


def rules(text: str, about: Brief) -> set[str]:
    return {finding.rule for finding in check(text, about)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_reply_that_owns_the_check_passes_without_a_word(lang: str) -> None:
    assert check(OWNING[lang], brief(lang)) == ()


@pytest.mark.parametrize(
    ("lang", "evasion"),
    [
        ("en", "We are sorry you feel that way."),
        ("en", "We apologize if anyone was offended."),
        ("en", "We regret any inconvenience this may have caused."),
        ("en", "Sorry for any confusion."),
        ("pl", "Przykro nam, że tak się czujesz."),
        ("pl", "Przepraszamy, jeśli ktoś poczuł się urażony."),
        ("pl", "Przepraszamy za wszelkie niedogodności."),
        ("el", "Λυπόμαστε που αισθάνεστε έτσι."),
        ("el", "Ζητάμε συγγνώμη αν κάποιος ενοχλήθηκε."),
        ("el", "Λυπούμαστε για την όποια ταλαιπωρία."),
        ("fa", "متاسفیم که چنین احساسی دارید."),
        ("fa", "اگر کسی ناراحت شده عذرخواهی می‌کنیم."),
        ("fa", "بابت هرگونه ناراحتی پوزش می‌خواهیم."),
        ("ar", "نأسف لأنكم تشعرون بذلك."),
        ("ar", "نعتذر إذا شعر أحد بالإساءة."),
        ("ar", "نعتذر عن أي إزعاج قد سببناه."),
    ],
)
def test_an_apology_for_feelings_is_stopped(lang: str, evasion: str) -> None:
    text = f"{OWNING[lang]} {evasion}"
    found = [finding for finding in check(text, brief(lang)) if finding.rule == "non_apology"]
    assert found
    assert found[0].level is Level.BLOCK
    assert found[0].span is not None
    assert text[slice(*found[0].span)] in evasion


@pytest.mark.parametrize("fine", ["We are sorry you had to wait.", "We are sorry that you were charged twice."])
def test_being_sorry_for_what_happened_is_an_apology(fine: str) -> None:
    assert "non_apology" not in rules(fine, brief())


@pytest.mark.parametrize(
    ("lang", "blaming"),
    [
        ("en", "You should have read the terms."),
        ("en", "Our courier lost it."),
        ("en", "This was due to a system error."),
        ("en", "One of it was the mistake of our employee."),
        ("pl", "To wina kuriera."),
        ("pl", "Nasz pracownik popełnił błąd."),
        ("pl", "Należało to sprawdzić wcześniej."),
        ("el", "Φταίει ο κούριερ."),
        ("el", "Έπρεπε να διαβάσετε τους όρους."),
        ("el", "Έγινε λόγω τεχνικού σφάλματος."),
        ("fa", "تقصیر پیک است."),
        ("fa", "به دلیل خطای سیستم پیش آمد."),
        ("ar", "هذا خطأ المندوب."),
        ("ar", "السبب خطأ من النظام."),
    ],
)
def test_blame_is_stopped_whoever_gets_it(lang: str, blaming: str) -> None:
    assert "blame" in rules(f"{OWNING[lang]} {blaming}", brief(lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_complaint_needs_responsibility_and_repair(lang: str) -> None:
    thanks = {"en": "Thank you for writing to us about this.", "pl": "Dziękujemy, że o tym piszesz do nas tak szczerze.", "el": "Ευχαριστούμε που μας γράψατε γι' αυτό.", "fa": "ممنون که این را برای ما نوشتید.", "ar": "شكرًا على هذه الرسالة الصريحة."}  # fmt: skip
    findings = check(thanks[lang], brief(lang))
    assert {"missing_responsibility", "missing_repair"} <= {finding.rule for finding in findings}
    assert not passes(findings)
    assert passes(check(thanks[lang], brief(lang, kind=Kind.THANKS)))


def test_a_language_without_phrases_is_not_accused_of_missing_parts() -> None:
    german = "Das ist nicht in Ordnung, und wir sind dran. Wir melden uns hier mit dem, was wir finden."
    assert check(german, brief("de")) == ()


@pytest.mark.parametrize(
    ("lang", "promise"),
    [
        ("en", "We will refund you."),
        ("en", "You will get your money back within 24 hours."),
        ("en", "We'll send you a voucher."),
        ("pl", "Zwrócimy pieniądze."),
        ("pl", "Odpowiemy w ciągu 24 godzin."),
        ("el", "Θα σας επιστρέψουμε τα χρήματα."),
        ("el", "Θα απαντήσουμε μέχρι την Παρασκευή."),
        ("fa", "پول شما را برمی‌گردانیم."),
        ("fa", "تا فردا جواب می‌دهیم."),
        ("ar", "سنعيد المبلغ إليكم."),
        ("ar", "سنرد خلال 24 ساعة."),
    ],
)
def test_a_promise_that_nobody_allowed_is_stopped(lang: str, promise: str) -> None:
    assert "unfounded_promise" in rules(f"{OWNING[lang]} {promise}", brief(lang))


@pytest.mark.parametrize(
    ("lang", "harmless"),
    [
        ("en", "Thank you for writing today."),
        ("pl", "Dzień dobry, dziękujemy za dzisiejszy wpis."),
        ("el", "Ευχαριστούμε που μας γράψατε σήμερα."),
        ("fa", "ممنون که امروز نوشتید."),
        ("ar", "شكرًا على رسالتكم اليوم."),
    ],
)
def test_a_day_that_is_no_promise_is_let_through(lang: str, harmless: str) -> None:
    assert check(f"{OWNING[lang]} {harmless}", brief(lang)) == ()


@pytest.mark.parametrize(
    ("lang", "promise"),
    [("en", "We will write today."), ("pl", "Odpiszemy jeszcze dziś."), ("el", "Θα γράψουμε σήμερα."), ("fa", "امروز جواب می‌دهیم."), ("ar", "سنرد عليكم اليوم.")],
)  # fmt: skip
def test_today_is_a_date_where_it_is_promised(lang: str, promise: str) -> None:
    assert "unfounded_promise" in rules(f"{OWNING[lang]} {promise}", brief(lang))


def test_the_mandate_and_the_owner_allow_promises() -> None:
    refund = f"{OWNING['en']} We will refund 30 EUR."
    allowed = brief(mandate=(Promise("refund", "up to 50 EUR"),))
    assert check(refund, allowed) == ()
    assert "unfounded_amount" in rules(refund.replace("30", "80"), allowed)
    assert check(f"{OWNING['en']} We will refund you.", brief(owner_answer="Yes, refund them.")) == ()
    assert (
        check(f"{OWNING['en']} We answer within 48 hours.", brief(mandate=(Promise("date", "within 48 hours"),))) == ()
    )
    assert "unfounded_promise" in rules(
        "We answer within 24 hours.", brief(mandate=(Promise("date", "within 48 hours"),))
    )


def test_an_amount_that_the_customer_named_may_be_repeated() -> None:
    text = f"{OWNING['en']} 49.90 EUR is no small sum."
    assert "unfounded_amount" in rules(text, brief())
    assert check(text, brief(text="You took 49.90 EUR from me twice")) == ()


@pytest.mark.parametrize(
    "leak",
    ["jan.kowalski@mail.example", "+48 601 202 303", "PL61109010140000071219812874", "4111 1111 1111 1111", "order no. 8841253", "#A-884125", "شماره ۰۹۱۲۳۴۵۶۷۸۹"],
)  # fmt: skip
def test_personal_data_never_stands_in_public(leak: str) -> None:
    findings = [
        finding for finding in check(f"{OWNING['en']} We found {leak}", brief()) if finding.rule == "personal_data"
    ]
    assert findings
    assert findings[0].level is Level.BLOCK


def test_our_own_contact_years_and_small_numbers_are_not_personal_data() -> None:
    voice = Voice("Acme", contact="care@acme.example")
    assert check(f"{OWNING['en']} The details are safe at care@acme.example.", brief(voice=voice)) == ()
    assert "personal_data" not in rules("In 2026 we opened 24 shops and 1,250 people work there.", brief())
    assert "personal_data" not in rules("@anna@social.example hello there", brief(handle="anna@social.example"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_reply_in_another_language_is_stopped(lang: str) -> None:
    other = "pl" if lang != "pl" else "en"
    assert "wrong_language" in rules(OWNING[lang], brief(other))
    assert detect(OWNING[lang]) == lang


@pytest.mark.parametrize("short", ["", "Ok!", "@anna ^Maria", "Hotel Alpha", "👍"])
def test_the_language_of_a_very_short_text_is_left_open(short: str) -> None:
    assert detect(short) is None


def test_a_czech_reply_is_not_taken_for_polish() -> None:
    czech = "Omlouváme se, to je naše věc. Podíváme se na to a napíšeme vám sem, co se stalo a co s tím."
    assert "wrong_language" not in rules(czech, brief("cs"))


def test_the_same_words_to_another_customer_are_stopped_whatever_the_name_and_number() -> None:
    earlier = (
        "@peter Being charged 20 EUR twice is wrong. We are sorry; finding out why is on us. We are checking it now."
    )
    again = "@anna Being charged 35 EUR twice is wrong. We are sorry; finding out why is on us. We are checking it now."
    about = brief(told_others=(earlier,), text="charged me 35 EUR twice")
    assert "too_close" in rules(again, about)
    fresh = (
        "@anna A double charge should not happen. This one is up to us, sorry. We are tracing it and will write here."
    )
    assert check(fresh, about) == ()


@pytest.mark.parametrize(
    ("lang", "begging"),
    [
        ("en", "Please delete your post."),
        ("en", "Please leave us a good review."),
        ("pl", "Prosimy usunąć wpis."),
        ("el", "Παρακαλούμε σβήστε την ανάρτηση."),
        ("fa", "لطفاً پست را پاک کنید."),
        ("ar", "نرجو حذف المنشور."),
    ],
)
def test_nobody_is_asked_to_make_us_look_better(lang: str, begging: str) -> None:
    assert "asks_for_deletion" in rules(f"{OWNING[lang]} {begging}", brief(lang))


@pytest.mark.parametrize(("lang", "thanks"), [("en", "Thank you for the feedback."), ("pl", "Dziękujemy."), ("el", "Ευχαριστούμε."), ("fa", "ممنون."), ("ar", "شكرًا لكم.")])  # fmt: skip
def test_nobody_is_thanked_for_an_injury(lang: str, thanks: str) -> None:
    text = f"{OWNING[lang]} {thanks}"
    assert "thanks_for_injury" in rules(text, brief(lang, flags=(Flag.SAFETY,)))
    assert passes(check(text, brief(lang)))


def test_guilt_is_a_warning_until_somebody_confirmed_it() -> None:
    text = "That was our mistake, and we are sorry. We are putting it right now."
    assert [(finding.rule, finding.level) for finding in check(text, brief())] == [("admission", Level.WARN)]
    assert "admission" in rules(text, brief(facts=(Fact("I was charged twice"),)))
    assert check(text, brief(facts=(Fact("charged twice", confirmed_by="billing"),))) == ()


def test_the_reviewer_is_told_about_handles_links_and_press_office_words() -> None:
    text = f"@peter {OWNING['en']} Rest assured. See https://acme.example/help"
    findings = {finding.rule: finding.level for finding in check(text, brief())}
    assert findings == {"wrong_handle": Level.WARN, "stiff": Level.ADVISE, "link": Level.ADVISE}
    assert check(f"@anna @AcmeHelp {OWNING['en']}", brief()) == ()


def test_sending_the_customer_to_another_desk_without_help_is_a_warning() -> None:
    assert "sends_elsewhere" in rules("Please call our hotline.", brief(kind=Kind.QUESTION))
    assert "sends_elsewhere" not in rules(f"{OWNING['en']} Please send us a message.", brief())


@pytest.mark.parametrize("nothing", ["", "  ", "@anna", "@anna ^Maria 👍"])
def test_a_reply_without_words_is_stopped(nothing: str) -> None:
    assert not passes(check(nothing, brief(voice=Voice("Acme", signature="Maria"), kind=Kind.NONE)))


@pytest.mark.parametrize(
    "long", ["a" * 10_000, "1" * 10_000, "a." * 5_000, "@a" * 5_000, " " * 10_000, "sorry you " * 1_000]
)
def test_a_very_long_reply_is_judged_in_a_moment(long: str) -> None:
    started = process_time()
    check(long, brief(platform="reddit"))
    assert process_time() - started < 1
