"""Briefs and posts of our own for the tests of the bar and of the drafters."""

from dataclasses import replace

from monitor.domain.records import Kind, Severity
from responders.bar.length import limit_for
from responders.ports import Brief, Voice

LANGUAGES = ("en", "pl", "el", "fa", "ar")

CHARGED_TWICE = {
    "en": "You charged me twice and nobody answers, I have been waiting for nine days",
    "pl": "Pobraliście opłatę dwa razy i brak odpowiedzi, czekam już 9 dni!",
    "el": "Με χρεώσατε δύο φορές και καμία απάντηση, περιμένω 9 μέρες",
    "fa": "دو بار از حسابم پول کم شد و هیچکس جواب نمیده، ۹ روزه منتظرم",
    "ar": "خصمتم المبلغ مرتين ولا أحد يرد، أنتظر منذ 9 أيام",
}
SHATTERED = {
    "en": "The oven glass shattered next to my kid",
    "pl": "Szyba piekarnika pękła obok mojego dziecka",
    "el": "Το τζάμι του φούρνου έσκασε δίπλα στο παιδί μου",
    "fa": "شیشه فر کنار بچه‌ام ترکید",
    "ar": "زجاج الفرن انفجر بجانب طفلي",
}
APP = {
    "en": "Your app crashes again after the update",
    "pl": "Aplikacja znowu się zawiesza po aktualizacji",
    "el": "Η εφαρμογή κολλάει πάλι μετά την ενημέρωση",
    "fa": "اپلیکیشن بعد از آپدیت دوباره باز نمیشه",
    "ar": "التطبيق لا يفتح منذ التحديث الأخير",
}
PARCEL = {
    "en": "My parcel still has not arrived, since Monday",
    "pl": "Paczka nie dotarła od poniedziałku",
    "el": "Το δέμα δεν ήρθε από τη Δευτέρα",
    "fa": "بسته‌ام از دوشنبه نرسیده",
    "ar": "الطلب لم يصل منذ يوم الاثنين",
}
VAGUE = {
    "en": "worst company ever",
    "pl": "najgorsza firma na świecie",
    "el": "η χειρότερη εταιρεία",
    "fa": "بدترین شرکت",
    "ar": "أسوأ شركة",
}
POSTS = (CHARGED_TWICE, SHATTERED, APP, PARCEL, VAGUE)

OWNING = {
    "en": "Being charged twice is not all right. We are sorry; finding out why is on us. We are checking it now.",
    "pl": "Podwójna opłata to nie drobiazg. Przepraszamy, wyjaśnienie tego to nasze zadanie. Sprawdzamy to teraz.",
    "el": "Η διπλή χρέωση δεν είναι εντάξει. Συγγνώμη, το να βρεθεί τι έγινε είναι δική μας δουλειά. Το ελέγχουμε τώρα.",
    "fa": "دو بار کم شدن پول درست نیست. ببخشید، پیدا کردن دلیلش با ماست. الان داریم بررسی می‌کنیم.",
    "ar": "خصم المبلغ مرتين غير مقبول. نعتذر، ومعرفة السبب علينا نحن. نتحقق من الأمر الآن.",
}


def brief(lang: str = "en", **changes: object) -> Brief:
    """A complaint on X about a double charge; `changes` replace fields of it."""
    platform = str(changes.get("platform", "x"))
    plain = Brief(
        text=CHARGED_TWICE.get(lang, CHARGED_TWICE["en"]),
        platform=platform,
        lang=lang,
        handle="anna",
        kind=Kind.COMPLAINT,
        severity=Severity.DISAPPROVAL,
        voice=Voice("Acme", contact="DM"),
        limit=limit_for(platform),
        seed="case 1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]
