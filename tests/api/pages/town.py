"""A small town of customers: posts in several languages, some of them nasty to show, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import assessment, intake
from monitor.domain.records import Author, Engagement, Flag, FlagHit, Kind, Post, Sentiment, Severity, Span, Verdict
from monitor.store.engine import Store
from responders import drafting
from responders.ports import Brief, DraftRefused, DraftText


@dataclass(frozen=True)
class Customer:
    """Somebody who wrote: what, when, and what a careful judge makes of it."""

    handle: str
    text: str
    minutes_ago: float
    platform: str = "mastodon"
    lang: str = "en"
    kind: Kind = Kind.COMPLAINT
    severity: Severity = Severity.DISAPPROVAL
    flag: tuple[Flag, str] | None = None  # and the words that set it
    topics: tuple[str, ...] = ()
    followers: int | None = None
    views: int | None = None
    reply: str = ""
    probability: float = 0.93
    thread: str = ""
    name: str = ""

    @property
    def external_id(self) -> str:
        return f"{self.handle}-{self.minutes_ago}"


SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> your shop page breaks when I paste this. Third order lost!"
BIDI = "My invoice says \u202e00.5 EUR\u202c but I paid \u2067500\u2069. \u202eWho reads these backwards?"
LONG = "I have written all of it down, day by day. " + "The parcel was here, then it was there, and nobody knew. " * 880

PEOPLE = (
    Customer("anna_k", name="Anna K.", text="The oven door you sold us burst while my son stood next to it. There is glass in his hair. Nobody has called back for nine days.", minutes_ago=21, platform="x", severity=Severity.BLAME, flag=(Flag.SAFETY, "burst while my son stood next to it"), topics=("safety", "no_answer"), followers=48_000, views=12_400, reply="@anna_k Your son stood beside a door that burst, and we left you nine days without a call. We are sorry; that was ours to prevent. Are you both unhurt? A person from our safety team calls you today. Please do not use the oven."),
    Customer("tired_buyer", "Charged twice for one order, and the refund “is being processed” since May. It is my rent.", 11, "reddit", severity=Severity.ACCUSATION, flag=(Flag.MONEY, "Charged twice"), topics=("charged_twice", "refund"), followers=310, reply="Being charged twice and waiting since May is not what you should get from us, least of all with your rent. We are checking both payments now and will write here what we find. Thank you for not letting it rest."),
    Customer("sami_q", name="سامي القاسم", text="التطبيق لا يفتح منذ التحديث الأخير، وأنا بحاجة إلى تذكرتي غدًا صباحًا. راسلتكم مرتين ولم يرد أحد!", minutes_ago=150, lang="ar", topics=("app", "no_answer"), followers=900, reply="نعتذر يا سامي: تعطّل التطبيق بعد تحديثنا، ولم نرد على رسالتيك. هذا خطأ منا. نعمل الآن على إصلاحه، وسنرسل لك تذكرتك هنا قبل الصباح حتى لا تنتظر التطبيق."),
    Customer("nasrin_t", "سه هفته است منتظر بسته‌ام هستم و هر بار می‌گویند «فردا». خسته شدم.", 95, lang="fa", topics=("delivery",), followers=120, reply="نسرین عزیز، سه هفته انتظار و هر بار شنیدن «فردا» حق شما نبود. متأسفیم. همین حالا دنبال بسته‌تان هستیم و نتیجه را همین‌جا می‌نویسیم."),
    Customer("eleni_m", "Τρίτη φορά που ακυρώνετε την πτήση το βράδυ πριν. Έχασα την κηδεία του θείου μου.", 40, "x", lang="el", severity=Severity.ACCUSATION, topics=("cancelled",), followers=5_200, views=6_900, reply="@eleni_m Χάσατε την κηδεία του θείου σας επειδή ακυρώσαμε ξανά την πτήση. Λυπούμαστε βαθιά· η ευθύνη είναι δική μας. Σας γράφουμε σήμερα προσωπικά για την επιστροφή."),
    Customer("marek.w", "Kurier zostawił paczkę na deszczu, książki są do wyrzucenia. Reklamacja? „Proszę czekać 30 dni”.", 33, lang="pl", topics=("delivery", "damaged"), followers=70, reply="Panie Marku, Pana książki zmokły, bo paczka stała na deszczu, a my kazaliśmy Panu czekać 30 dni. Przepraszamy. Sprawdzamy to dziś i napiszemy tutaj, co robimy."),
    Customer("jo.bright", "Waited 50 minutes on the line, was cut off, waited 50 more. What is the point of a support number?", 200, topics=("waiting",), followers=1_500, reply="Fifty minutes, cut off, and fifty more: you had every right to expect better of us, and we are sorry. Tell us here what it was about and we answer here, so that you need not call again."),
    Customer("lena_f", "Der Fahrer war freundlich, aber die Waschmaschine läuft aus. Dritter Termin geplatzt.", 18, lang="de", topics=("repair",), followers=40, views=300),
    Customer("h4x_shop", SCRIPT, 66, topics=("website",), followers=12),
    Customer("rtl_pete", BIDI, 70, topics=("invoice",), followers=12),
    Customer("diarist", LONG, 75, "reddit", topics=("delivery",), followers=3),
    Customer("claire.d", "Votre magasin m'a refusé l'entrée avec mon chien guide. J'en parle à mon avocate.", 9, "bluesky", lang="fr", severity=Severity.BLAME, flag=(Flag.LEGAL, "mon avocate"), topics=("access",), followers=15_000, views=2_000),
    Customer("pilar_v", "Pedí talla 38 y llegó 42 por segunda vez. ¿Alguien mira los pedidos?", 160, lang="es", severity=Severity.MISMATCH, topics=("wrong_item",), followers=210, reply="Pilar, dos veces la talla equivocada: lo sentimos, fallamos nosotros. Le mandamos hoy la 38 y recogemos las otras sin coste para usted."),
    Customer("olu.a", "Booked a cot for the baby, got a chair. Night ruined.", 52, "x", topics=("booking",), followers=800, views=900, reply="@olu.a A chair in place of a cot, with a baby and a whole night before you. We are sorry; we got your booking wrong. A cot is being set up now."),
    Customer("ines_p", "O comboio atrasou duas horas e não havia água.", 58, lang="pt", topics=("delay",), followers=400),
    Customer("quiet_lu", "ordered blue, got green, whatever", 220, "reddit", severity=Severity.MISMATCH, topics=("wrong_item",)),
    Customer("tomasz", "Czy sklep w Gdyni jest otwarty w niedzielę?", 30, lang="pl", kind=Kind.QUESTION, severity=Severity.MISMATCH, probability=0.08),
    Customer("dora", "Does the travel card work on the night bus too?", 44, kind=Kind.QUESTION, severity=Severity.MISMATCH, probability=0.1),
    Customer("happy_h", "Your colleague at the station ran after me with my forgotten bag. Thank you!", 50, kind=Kind.THANKS, severity=Severity.MISMATCH, probability=0.02),
    Customer("رها", "ممنون از خانم پشت پیشخوان که با حوصله کمک کرد.", 61, lang="fa", kind=Kind.THANKS, severity=Severity.MISMATCH, probability=0.03),
    Customer("newsbot", "Acme opens a new store in Porto next spring.", 90, kind=Kind.NONE, severity=Severity.MISMATCH, probability=0.01),
    Customer("walker", "Walked past the new Acme store, the queue was around the block.", 91, kind=Kind.NONE, severity=Severity.MISMATCH, probability=0.37),
    Customer("old_post", "Last week's hotline was a nightmare, an hour of music.", 9_000, topics=("waiting",)),
)  # fmt: skip


class Judge:
    """A classifier that knows every post of the town by heart."""

    version = "town-1"

    def __init__(self, people: Sequence[Customer] = PEOPLE) -> None:
        self._known = {one.text: one for one in people}

    def assess(self, texts: Sequence[str], hints: Sequence[str] = (), layers: object = ()) -> list[Verdict]:
        return [self._verdict(self._known[text], text) for text in texts]

    def _verdict(self, one: Customer, text: str) -> Verdict:
        hits: tuple[FlagHit, ...] = ()
        if one.flag:
            start = text.index(one.flag[1])
            hits = (FlagHit(one.flag[0], Span(start, start + len(one.flag[1]))),)
        angry = one.kind is Kind.COMPLAINT
        feeling = Sentiment(0.9, 0.1, 0.0) if angry else Sentiment(0.1, 0.5, 0.4)
        needs = one.kind is not Kind.NONE
        return Verdict(
            one.lang, one.probability, angry, one.kind, feeling, one.severity, needs, hits, one.topics, self.version
        )

    def why(self, text: str, layer: object = None) -> tuple[Span, ...]:
        return ()


class Writer:
    """A drafter with one reply for some customers, and none for the others."""

    version = "town-1"

    def draft(self, brief: Brief) -> DraftText:
        found = next((one for one in PEOPLE if one.text == brief.text and one.reply), None)
        if found is None:
            message = "A person must write this one."
            raise DraftRefused(message)
        return DraftText(found.reply, found.lang, self.version)


def post_of(one: Customer, now: datetime) -> Post:
    """What a platform hands over."""
    return Post(
        one.platform,
        one.external_id,
        one.text,
        Author(one.handle, one.handle, one.name, one.followers),
        now - timedelta(minutes=one.minutes_ago),
        url=f"https://{one.platform}.example/{one.minutes_ago}",
        thread=one.thread,
        engagement=Engagement(views=one.views),
    )


def move_in(
    store: Store, brand_id: int, now: datetime, people: Sequence[Customer] = PEOPLE, *, drafts: bool = True
) -> None:
    """Let these people write, be judged, and be drafted for."""
    intake.add_posts(store, brand_id, [post_of(one, now) for one in people], now)
    judge = Judge([*PEOPLE, *people])
    while assessment.assess_batch(store, judge, now):
        pass
    while drafts and drafting.draft_batch(store, Writer(), now):
        pass
