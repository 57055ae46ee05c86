"""Checks of what a reply commits us to: promises, amounts, admissions."""

import re
from collections.abc import Iterator

from responders.bar.reading import Reading, flag
from responders.bar.words import folded, pattern
from responders.ports import Brief, Finding, Level

_CURRENCY = (
    r"€|eur(?:o|os)?\b|ευρω|\$|usd\b|dollars?\b|£|gbp\b|pounds?\b|zl\b|zł\w*|pln\b|تومان|تومن|ریال|درهم|دینار|جنیه"
    r"|دولار|دلار|یورو|%|percent\b|procent|درصد|بالمیه"
)
_AMOUNT = re.compile(rf"(?:[€$£]\s?)(\d[\d.,]*)|(?<![\d.,])(\d[\d.,]*)\s?(?:{folded(_CURRENCY).text})")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# The words an owner may use to allow something; owners write in any of our languages.
_ALLOWED_BY = {
    "refund": pattern(
        (
            r"refund|money back|reimburs|zwr(?:ot|acamy|ócimy|oc)|επιστροφ|επιστρε|بازگشت|بازپرداخت|پس می|استرداد|نعید|ارجاع|اعاده",
        )
    ),
    "replacement": pattern((r"replace|new one|exchange|wymian|wymieni|αντικατ|αλλαγ|تعویض|استبدال|بدیل",)),
    "voucher": pattern((r"voucher|coupon|discount|credit|kupon|bon\b|rabat|κουπόνι|έκπτωσ|تخفیف|قسیمه|خصم|کوبون",)),
    "compensation": pattern((r"compensat|rekompens|odszkodow|αποζημ|غرامت|جبران|تعویض",)),
    "callback": pattern((r"call|phone|zadzwoni|oddzwoni|τηλεφων|تماس|اتصال|نتصل",)),
}


def _mandate(brief: Brief) -> str:
    granted = " ".join(f"{promise.kind} {promise.text}" for promise in brief.mandate)
    return folded(f"{granted} {brief.owner_answer}").text


def _granted(brief: Brief, kind: str, words: str) -> bool:
    """Tell whether the mandate or the owner allows a promise. Numbers in it must stand in the mandate too."""
    mandate = _mandate(brief)
    if words in mandate:
        return True
    by_kind = any(promise.kind == kind for promise in brief.mandate)
    by_owner = kind in _ALLOWED_BY and _ALLOWED_BY[kind].search(folded(brief.owner_answer).text) is not None
    numbers = _NUMBER.findall(words) if kind == "date" else ()
    if numbers:
        return set(numbers) <= set(_NUMBER.findall(mandate))
    return by_kind or by_owner


def unfounded_promise(reading: Reading) -> Iterator[Finding]:
    """Block a promise (refund, replacement, voucher, compensation, call, date) that nobody has allowed."""
    if reading.phrases is None:
        return
    for kind, promise in reading.phrases.promises.items():
        for match in promise.finditer(reading.folded.text):
            if not _granted(reading.brief, kind, match.group()):
                start, end = reading.folded.span(*match.span())
                why = f"“{reading.text[start:end]}” promises a {kind} that the mandate does not hold."
                fix = "Promise the next step instead, or ask somebody who may allow it."
                yield Finding("unfounded_promise", Level.BLOCK, why, fix, (start, end))


def _value(number: str) -> float:
    digits = number.rstrip(".,")
    whole, mark, part = digits.rpartition("." if digits.rfind(".") > digits.rfind(",") else ",")
    if not mark or len(part) == 3:  # a group of thousands
        return float(re.sub(r"[.,]", "", digits))
    return float(f"{re.sub(r'[.,]', '', whole)}.{part}")


def _amounts(text: str) -> list[tuple[float, tuple[int, int]]]:
    found = _AMOUNT.finditer(text)
    return [(_value(match.group(1) or match.group(2)), match.span()) for match in found]


def unfounded_amount(reading: Reading) -> Iterator[Finding]:
    """Block an amount that neither the customer named nor the mandate covers."""
    amounts = _amounts(reading.folded.text)
    if not amounts:
        return
    brief = reading.brief
    confirmed = " ".join(fact.text for fact in brief.facts if fact.confirmed_by)
    named = {value for value, _ in _amounts(folded(f"{brief.text} {confirmed}").text)}
    most = max((value for value, _ in _amounts(_mandate(brief))), default=0.0)
    for value, place in amounts:
        if value > most and value not in named:
            start, end = reading.folded.span(*place)
            why = f"“{reading.text[start:end]}” is an amount that the mandate does not cover."
            yield Finding(
                "unfounded_amount", Level.BLOCK, why, "Leave the amount out, or have it allowed.", (start, end)
            )


def admission(reading: Reading) -> Iterator[Finding]:
    """Warn of guilt that nobody has confirmed yet."""
    if reading.phrases and not reading.confirmed:
        yield from flag(
            reading,
            reading.phrases.admission,
            rule="admission",
            level=Level.WARN,
            why="“{words}” admits what nobody has confirmed yet; so far the customer said so.",
            fix="Own the check and the wait, or have the fact confirmed first.",
        )
