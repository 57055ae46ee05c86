"""A judge that is a transformer: ours, or any sequence classifier in the Hugging Face layout."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.classifiers import shifts, words
from monitor.classifiers.directory import describe, find, name_of
from monitor.classifiers.engines import Answer, Engine, open_engine
from monitor.classifiers.heads import Heads, Reading, heads_of
from monitor.classifiers.labels import renamed
from monitor.classifiers.marks import strongest
from monitor.classifiers.reading import identify, languages_in
from monitor.classifiers.shifts import Shift
from monitor.domain.cleaning import clean
from monitor.domain.errors import BadInput
from monitor.domain.records import Flag, FlagHit, Kind, Sentiment, Severity, Span, Verdict
from monitor.domain.signals import find_flags, find_topics, needs_reply, tell_kind, tell_severity
from monitor.ports import Classifier, Layer

_BATCH = 16
_READ_AT_MOST = 3_000  # code points: more than the pieces a model takes
_SILENCE = Reading(0.0, Sentiment(0.0, 1.0, 0.0), Severity.MISMATCH)  # of an empty text there is nothing to say
_URGENT_FACTOR = 0.25  # missing an injury or a theft costs far more than reading one post for nothing


@dataclass(frozen=True, slots=True)
class _Row:
    """What the network made of one text, cleaned and cut into pieces."""

    logits: NDArray[np.float32]
    features: NDArray[np.float32]
    marks: NDArray[np.float32] | None
    cleaned: str


class TransformerClassifier:
    """Judges by a transformer, and by the rules of `monitor.domain.signals` where the model has no say."""

    def __init__(self, tokenizer: Any, engine: Engine, heads: Heads, version: str, threads: int = 0) -> None:
        """Put a tokenizer (as transformers makes them), an engine and a reading of its output together."""
        self._tokenizer, self._engine, self._heads, self._version = tokenizer, engine, heads, version
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, "judge")

    @property
    def version(self) -> str:
        """Name the model, as it is written on every verdict."""
        return self._version

    def assess(
        self, texts: Sequence[str], hints: Sequence[str] = (), layers: Sequence[Layer | None] = ()
    ) -> list[Verdict]:
        """Return one verdict per text, in order: hints are the platform's language guesses, layers what brands taught."""
        rows = self._rows(texts)  # the network is at work while the rules read
        hinted = zip(texts, chain(hints, repeat("")), strict=False)
        said = [(identify(text, hint), find_flags(text, languages_in(text, hint))) for text, hint in hinted]
        taught = chain(layers, repeat(None))
        return [
            self._verdict(text, lang, flags, row, layer)
            for text, (lang, flags), row, layer in zip(texts, said, rows, taught, strict=False)
        ]

    def features(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what the encoder makes of each text, (texts, width): nothing but zeros of an empty one."""
        rows = list(self._rows(texts))
        width = next((len(row.features) for row in rows if row), None) or self._probe().features.shape[1]
        nothing = np.zeros(width, np.float32)
        return (
            np.stack([row.features if row else nothing for row in rows]) if rows else np.zeros((0, width), np.float32)
        )

    def why(self, text: str, layer: Layer | None = None) -> tuple[Span, ...]:
        """Return the words without which the text would read less like a complaint, strongest first."""
        lang = identify(text)

        def complaints(texts: list[str]) -> list[float]:
            return [self._read(row, lang, self._shift(layer, row)).complaint for row in self._rows(texts)]

        return words.that_matter(text, complaints)

    def check(self, columns: int | None) -> None:
        """Read one text. Raises `BadInput` when the model cannot, or its `columns` logits a text are not what is said."""
        try:
            logits = self._probe().logits
        except self._engine.errors as error:
            message = f"The model cannot read a text as Amends gives it, rows of 64-bit pieces with a mask: {error}"
            raise BadInput(message, where="model") from error
        if logits.ndim != 2 or (columns is not None and logits.shape[1] < columns):
            message = (
                f"The model answers with an array of shape {logits.shape}: it is no classifier of whole texts. "
                "Choose a sequence classifier (in its config.json: ...ForSequenceClassification)."
            )
            raise BadInput(message, where="model")
        try:
            self._heads.read(logits[0], "", {})
        except (KeyError, IndexError, TypeError, ValueError) as error:
            message = f"The part `amends` of the model's config.json does not describe its {logits.shape[1]} columns: {error!r}."  # fmt: skip
            raise BadInput(message, where="model") from error

    def _probe(self) -> Answer:
        return self._engine.run(self._filled([self._pieces(["a"])[0] or [0]]))

    def _rows(self, texts: Sequence[str]) -> Iterator[_Row | None]:
        """Start reading all texts at once; the answers come in order."""
        cleaned = [clean(text[:_READ_AT_MOST]) for text in texts]
        ids = self._pieces(cleaned)
        groups = list(_alike([i for i, text in enumerate(cleaned) if text and ids[i]], ids))
        running = [self._pool.submit(self._engine.run, self._filled([ids[i] for i in group])) for group in groups]

        def answers() -> Iterator[_Row | None]:
            rows: list[_Row | None] = [None] * len(texts)
            for group, future in zip(groups, running, strict=True):
                said = future.result()
                for place, i in enumerate(group):
                    marks = None if said.marks is None else said.marks[place, : len(ids[i])]
                    rows[i] = _Row(said.logits[place], said.features[place], marks, cleaned[i])
            yield from rows

        return answers()

    def _pieces(self, texts: list[str]) -> list[list[int]]:
        if not texts:
            return []
        found: list[list[int]] = self._tokenizer(texts, truncation=True, max_length=self._heads.max_length)["input_ids"]
        return found

    def _filled(self, ids: list[list[int]]) -> dict[str, NDArray[np.int64]]:
        shape = len(ids), max(map(len, ids))
        filled, mask = np.full(shape, self._tokenizer.pad_token_id or 0, np.int64), np.zeros(shape, np.int64)
        for place, row in enumerate(ids):
            filled[place, : len(row)], mask[place, : len(row)] = row, 1
        return {"input_ids": filled, "attention_mask": mask}

    def _shift(self, layer: Layer | None, row: _Row | None) -> Shift:
        return layer.shift(row.features) if row and layer is not None and layer.base == self._version else {}

    def _read(self, row: _Row | None, lang: str, shift: Shift) -> Reading:
        return self._heads.read(row.logits, lang, shift) if row else _SILENCE

    def _raised(self, text: str, row: _Row | None, reading: Reading, known: tuple[FlagHit, ...]) -> tuple[FlagHit, ...]:
        """Drop the flags of words that the network does not believe, and add those that it alone raises."""
        known = tuple(hit for hit in known if hit.flag not in reading.doubted)
        new = [(place, flag) for place, flag in reading.flags if flag not in {hit.flag for hit in known}]
        if not new or row is None or row.marks is None:
            return known
        offsets = self._tokenizer(row.cleaned, truncation=True, max_length=self._heads.max_length, return_offsets_mapping=True)  # fmt: skip
        spans = offsets["offset_mapping"]
        return known + tuple(FlagHit(flag, strongest(text, row.cleaned, spans, row.marks[:, place])) for place, flag in new)  # fmt: skip

    def _verdict(
        self, text: str, lang: str, flags: tuple[FlagHit, ...], row: _Row | None, layer: Layer | None
    ) -> Verdict:
        shift = self._shift(layer, row)
        reading = self._read(row, lang, shift)
        flags = self._raised(text, row, reading, flags)
        urgent = any(hit.flag is not Flag.PRESS for hit in flags)
        is_complaint = reading.complaint >= self._heads.threshold(lang) * (_URGENT_FACTOR if urgent else 1.0)
        kind = self._kind(text, reading, is_complaint=is_complaint)
        severity = reading.severity
        if severity is None:
            severity = shifts.severity(tell_severity(text, reading.complaint, flags), shift)
        return Verdict(
            lang=lang,
            complaint=reading.complaint,
            is_complaint=is_complaint,
            kind=kind,
            sentiment=reading.sentiment,
            severity=severity if is_complaint else Severity.MISMATCH,
            needs_reply=needs_reply(kind, flags) or (bool(reading.needs_reply) and reading.noise is None),
            flags=flags,
            topics=reading.topics or shifts.topics(find_topics(text), shift),
            version=self._version,
            noise=None if is_complaint else reading.noise,
            layer_id=layer.id if shift and layer is not None else None,
        )

    def _kind(self, text: str, reading: Reading, *, is_complaint: bool) -> Kind:
        if is_complaint:
            return Kind.COMPLAINT
        if reading.noise is not None:
            return Kind.NONE
        return reading.kind if reading.kind is not None else tell_kind(text, is_complaint=False)


def build(*, model: str = "", threads: int = 0, labels: str = "") -> Classifier:
    """Load a model from a directory, or from the hub by its id; "" is the one that ships.

    `labels` says what a foreign model's labels mean, "anger=negative,joy=positive". Code that comes with a model is
    never run. Raises `BadInput` when it cannot be used, saying why.
    """
    directory = find(model)
    tokenizer, config = describe(directory)
    settings = getattr(config, "amends", None) or {}
    named = renamed(getattr(config, "id2label", None) or {}, labels)
    heads = heads_of(settings, named)
    version = heads.version or name_of(model, directory, labels)
    judge = TransformerClassifier(tokenizer, open_engine(directory), heads, version, threads)
    judge.check(max(end for _, end in settings["heads"].values()) if settings else len(named))
    return judge


def _alike(places: list[int], ids: list[list[int]]) -> Iterator[list[int]]:
    """Group texts of like length, longest first: what is filled up to the longest costs as much as words do."""
    order = sorted(places, key=lambda i: -len(ids[i]))
    for start in range(0, len(order), _BATCH):
        yield order[start : start + _BATCH]
