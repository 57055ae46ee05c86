"""A judge of word lists: instant, the same everywhere, and honest about knowing little."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from monitor.classifiers import shifts
from monitor.classifiers.reading import identify, languages_in
from monitor.domain.folding import fold, word_pattern
from monitor.domain.lexicon import TOPICS
from monitor.domain.records import Flag, FlagHit, Kind, Sentiment, Span, Verdict
from monitor.domain.signals import READ_AT_MOST, find_flags, find_topics, needs_reply, tell_kind, tell_severity
from monitor.ports import Classifier, Layer

_UNHAPPY = word_pattern("""
    terrible, worst, awful, horrible, disgusting, disappoint*, unacceptable, useless, broken, faulty, rude, late, delayed, delay*, never arrived, still waiting, refund, scam*, not working, doesn't work, charged twice, overcharged,
    ridiculous, pathetic, lost my, damaged, wrong order, wrong item, cold food, no response, no reply, ignored, on hold, cancelled my, disgrace*, joke, angry, furious, fed up, complain*, problem*, rip off, fail*, ruined, hasn't arrived, missing, stale, burned, burnt
    fatalna, fatalny, fatalnie, okropn*, tragiczn*, najgorsz*, skandal*, beznadziejn*, rozczarowan*, spóźni*, opóźni*, zepsut*, uszkodzon*, nie działa*, nie doszł*, nie dotar*, reklamacj*, oszust*, oszukali*, żenada, dramat, niemił*, czekam, zwrotu, skarg*, brak odpowiedzi, zimne, zimna
    απαράδεκτ*, χάλια, χειρότερ*, απογοητευ*, άθλι*, καθυστέρ*, χαλασμέν*, δεν λειτουργεί, δεν δουλεύει, δεν ήρθε, δεν έφτασε, περιμένω, ντροπή, αίσχος, αγενή*, παράπονο, παράπονα, πρόβλημα, προβλήματα, απάτη, έκλεψαν, καμία απάντηση, κρύο
    افتضاح*, بد بود, خیلی بد, بدترین, ناراضی*, متاسفانه, متاسفم, خراب*, نرسید*, تاخیر*, دیر, سرد بود, شکایت*, مزخرف*, کلاهبردار*, بی ادب*, جواب نمی*, پاسخ نمی*, معطل*, ضعیف*, مشکل*, کار نمیکند, کار نمیکنه, پولم
    سيء*, سيئة, سيئه, سئ*, أسوأ, اسوء, اسوا, زفت, فاشل*, تأخير*, تأخر*, متأخر*, لا يعمل, ما يشتغل, لم يصل, لم تصل, ما وصل*, شكوى, مشكلة, مشكله, مشاكل, مخجل, رديء*, خايس, نصب, محد يرد, لا يرد*, ما يرد*, عطل*, بارد, بطيء, استرداد
    schlecht*, schlimm*, katastroph*, enttäusch*, unverschämt*, verspät*, kaputt*, defekt*, funktioniert nicht, nicht angekommen, warte seit, unfreundlich*, frechheit, ärger*, beschwer*, problem*, betrug, mies*
    déçu*, déception, honte*, nul, nulle, inadmissible, inacceptable, retard*, cassé*, ne marche pas, ne fonctionne pas, jamais reçu, pas reçu, attends, remboursement, arnaque*, scandaleu*, problème*, pire, catastrophe
    pésim*, horrible*, peor, decepcion*, vergüenza, inaceptable, retras*, roto, no funciona, no ha llegado, no llegó, esperando, reembolso, estafa*, queja*, problema*, mal servicio, fatal
    pessim*, delus*, vergogn*, inaccettabile, ritard*, rotto, rotta, non funziona, mai arrivat*, non è arrivat*, rimborso, truffa*, scandalos*, disservizio, problem*, orribil*, peggior*
    péssim*, decepcion*, vergonha, inaceitável, atras*, quebrad*, não funciona, não chegou, reembolso, estorno, golpe, descaso, reclam*, horrível, pior
    berbat, rezalet, kötü, hayal kırıklığı, gecik*, bozuk*, çalışmıyor, gelmedi, ulaşmadı, bekliyorum, iade*, mağdur*, şikayet*, sorun*, ilgisiz, saygısız
    slecht*, waardeloos, teleurgesteld, teleurstell*, schandalig, vertraging*, kapot*, werkt niet, niet aangekomen, wacht al, klacht*, probleem, problemen, belachelijk
    ужас*, отвратит*, плох*, худш*, разочаров*, позор*, задерж*, сломан*, не работает, не пришл*, не пришел, жду, хам*, обман*, жалоб*, возврат*, кошмар, проблем*, безобраз*
    खराब, ख़राब, घटिया, बकवास, बेकार, देरी, नहीं मिला, काम नहीं, शिकायत, धोखा, निराश, परेशान, समस्या, शर्म*
""")  # fmt: skip
_HAPPY = word_pattern("""
    great, love, excellent, awesome, amazing, perfect, best, happy, delighted, wonderful, fantastic, brilliant, super, świetn*, wspaniał*, polecam, zadowolon*, rewelacj*, υπέροχ*, τέλει*, άριστ*, εξαιρετικ*, συστήνω, καλύτερ*, عالی*, بهترین, خوشمزه, راضی*, خوب بود, ممتاز*, رائع*, أفضل, جميل*, حلو*,
    toll*, ausgezeichnet, perfekt, zufrieden, excellent*, parfait*, ravi*, génial*, excelente*, encant*, perfecto, genial, ottim*, perfett*, fantastic*, ótim*, maravilh*, harika, mükemmel, memnun*, geweldig, tevreden, uitstekend, отличн*, прекрасн*, супер, доволен, довольна, बढ़िया, शानदार, अच्छा, अच्छी
""")  # fmt: skip


class RulesClassifier:
    """Judges by words alone. For tests, demonstrations and machines that cannot hold a model."""

    version = "rules-1"

    def assess(
        self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[Layer | None] = ()
    ) -> list[Verdict]:
        """Return one verdict per text, in order."""
        given = zip(texts, chain(hints, repeat("")), chain(layers, repeat(None)), strict=False)
        return [self._verdict(text, hint, layer) for text, hint, layer in given]

    def features(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the log-odds of a complaint, what they were counted from, and which flags and topics were found."""
        rows = [_row(_Seen.of(text), find_topics(text)) for text in texts]
        return np.array(rows, np.float32).reshape(len(rows), _WIDTH)

    def why(self, text: str, layer: Layer | None = None) -> tuple[Span, ...]:
        """Return the unhappy words, all weighing the same: whatever a brand taught moves them alike."""
        del layer
        folded = fold(text[:READ_AT_MOST])
        return tuple(Span(*folded.span(*match.span())) for match in _UNHAPPY.finditer(folded.text))

    def _verdict(self, text: str, hint: str, layer: Layer | None) -> Verdict:
        seen, topics = _Seen.of(text), find_topics(text)
        heard = layer if layer is not None and layer.base == self.version else None
        shift = heard.shift(np.array(_row(seen, topics), np.float32)) if heard else {}
        complaint = shifts.sigmoid(seen.score + shifts.of_complaint(shift))
        kind = tell_kind(text, is_complaint=complaint >= 0.5)
        return Verdict(
            lang=identify(text, hint),
            complaint=complaint,
            is_complaint=kind is Kind.COMPLAINT,
            kind=kind,
            sentiment=_sentiment(seen.unhappy, seen.happy + seen.thanked),
            severity=shifts.severity(tell_severity(text, complaint, seen.flags), shift),
            needs_reply=needs_reply(kind, seen.flags),
            flags=seen.flags,
            topics=shifts.topics(topics, shift),
            version=self.version,
            layer_id=heard.id if heard and shift else None,
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was counted in a text, and what is made of it in log-odds."""

    unhappy: int
    happy: int
    thanked: bool
    flags: tuple[FlagHit, ...]

    @classmethod
    def of(cls, text: str) -> "_Seen":
        words = fold(text[:READ_AT_MOST]).text
        flags = find_flags(text, languages_in(text))
        thanked = tell_kind(text, is_complaint=False) is Kind.THANKS
        return cls(len(_UNHAPPY.findall(words)) + len(flags), len(_HAPPY.findall(words)), thanked, flags)

    @property
    def score(self) -> float:
        return 1.6 * self.unhappy - 1.2 * self.happy - 1.0 * self.thanked - 1.0


_WIDTH = 4 + len(Flag) + len(TOPICS)


def _row(seen: _Seen, topics: Sequence[str]) -> list[float]:
    found = {hit.flag for hit in seen.flags}
    counted = [seen.score, float(seen.unhappy), float(seen.happy), float(seen.thanked)]
    return [*counted, *(float(flag in found) for flag in Flag), *(float(topic in topics) for topic in TOPICS)]


def _sentiment(unhappy: int, happy: int) -> Sentiment:
    total = unhappy + happy + 1
    return Sentiment(negative=unhappy / total, neutral=1 / total, positive=happy / total)


def build(*, model: str = "", threads: int = 0, labels: str = "") -> Classifier:  # noqa: ARG001 - every factory takes the same options
    """Build the judge of word lists; it has no options."""
    return RulesClassifier()
