"""Checks of what must not stand in public: personal data, and other people's handles."""

import re
from collections.abc import Iterator

from responders.bar.reading import Reading
from responders.bar.words import folded
from responders.ports import Brief, Finding, Level

_ORDER_WORD = (
    r"order|booking|reservation|ticket|case|ref(?:erence)?|invoice|customer|zamówieni\w+|rezerwacj\w+|zgłoszeni\w+"
    r"|παραγγελί\w+|κράτησ\w+|سفارش|رزرو|فاکتور|الطلب|طلبك|طلب|حجز|الحجز|فاتورة"
)
_KINDS = (
    ("an e-mail address", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("an account number", re.compile(r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){3,7}(?:\s?[a-z0-9]{1,3})?\b")),
    ("a card number", re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")),
    ("a telephone number", re.compile(r"(?<![\w/.-])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){8,13}(?!\w)")),
    (
        "an order number",
        re.compile(
            rf"\b(?:{folded(_ORDER_WORD).text})\W{{0,3}}(?:number|no|nr|id|numer|αριθμ\w+|شماره|رقم)?\W{{0,3}}[a-z]{{0,4}}-?\d[\d-]{{3,}}"
        ),
    ),
    ("an order number", re.compile(r"(?<!\w)#[a-z]{0,4}-?\d{4,}")),
)
_DIGIT, _MAIL_SIGN = re.compile(r"\d"), re.compile(r"\w@\w")  # no personal data without one of them
_HANDLE = re.compile(r"(?<![\w@/])@(\w[\w.-]*(?:@[\w-]+(?:\.[\w-]+)+)?)")
_CARD, _MAIL = "a card number", "an e-mail address"


def luhn(number: str) -> bool:
    """Tell whether the digits of a number satisfy the check digit of payment cards."""
    digits = [int(digit) for digit in reversed(number) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def spans_of_personal_data(text: str) -> list[tuple[str, tuple[int, int]]]:
    """Find e-mail addresses, IBANs, cards, telephone and order numbers: what it is, and where in the text."""
    plain, taken = folded(text), set[int]()
    has_digits, has_mail = _DIGIT.search(plain.text), _MAIL_SIGN.search(plain.text)
    found: list[tuple[str, tuple[int, int]]] = []
    for what, kind in _KINDS:
        if not (has_mail if what == _MAIL else has_digits):
            continue
        for match in kind.finditer(plain.text):
            remote_handle = what == _MAIL and plain.text[: match.start()].endswith("@")
            if remote_handle or (what == _CARD and not luhn(match.group())) or taken & set(range(*match.span())):
                continue
            taken.update(range(*match.span()))
            found.append((what, plain.span(*match.span())))
    return found


def personal_data(reading: Reading) -> Iterator[Finding]:
    """Block personal data in public. The brand's own contact is welcome."""
    contact = folded(reading.brief.voice.contact).text
    for what, (start, end) in spans_of_personal_data(reading.text):
        words = reading.text[start:end]
        if not contact or folded(words).text.strip(" .") not in contact:
            why = f"“{words}” looks like {what}; everybody can read this."
            yield Finding("personal_data", Level.BLOCK, why, "Take it out and ask for it in private.", (start, end))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", folded(name).text)


def _ours(handle: str, brief: Brief) -> bool:
    brand = _plain(brief.voice.brand)
    return (bool(brand) and brand in _plain(handle)) or handle.lower() in brief.voice.contact.lower()


def wrong_handle(reading: Reading) -> Iterator[Finding]:
    """Warn of a handle that is neither the customer's nor the brand's."""
    brief = reading.brief
    customer = brief.handle.lstrip("@").removeprefix("u/").lower()
    for match in _HANDLE.finditer(reading.text):
        handle = match.group(1).rstrip(".-").lower()
        if handle not in {customer, customer.partition("@")[0]} and not _ours(handle, brief):
            why = f"“{match.group()}” is neither the customer ({brief.handle or 'no handle known'}) nor us."
            yield Finding("wrong_handle", Level.WARN, why, "Check whom you are writing to.", match.span())
