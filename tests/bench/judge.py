"""The judge beside VADER, TF-IDF with logistic regression, and xlm-roberta-base: same texts, same run, two cores."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from monitor import classifiers
from monitor.evaluation.figures import confusion, macro_f1
from monitor.evaluation.sets import UNKNOWN, Post, read_part
from tests.bench import posts
from tests.bench.machine import percentile

Line = tuple[str, str, str]
Judging = Callable[[Sequence[str]], list[bool]]  # which of the texts are complaints

_THREADS, _AT_ONCE, _TURNS = 2, 256, 3
_SET = "complaints_acl2019"
_XLM_R: dict[str, Any] = {
    "vocab_size": 250_002, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
    "intermediate_size": 3072, "max_position_embeddings": 514, "type_vocab_size": 1, "num_labels": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Contender:
    """A judge to compare with; `build` gets the posts to learn from. `needs` is a package that `extra` brings."""

    name: str
    build: Callable[[Sequence[Post]], Judging]
    needs: str = ""
    extra: str = "bench"
    learns: bool = False


def measure(folder: Path | None, count: int = 1_000) -> list[Line]:
    """Return (what, measured, target). Quality is told where `folder` has the labelled posts."""
    texts = posts.texts(count, folder)
    learn, dev = (_labelled(folder, part) for part in ("train", "dev"))
    missing = {one.name: why for one in _CONTENDERS if (why := _missing(one, learn))}
    judges = {one.name: one.build(learn) for one in _CONTENDERS if one.name not in missing}
    speeds = _speeds(judges, texts)
    rows = list[Line]()
    for name, judge in judges.items():
        rows.append((f"{name}, {_AT_ONCE} texts at once", f"{speeds[name]:,.0f} posts/s", _wanted(name)))
        rows.append((f"{name}, one at a time, p50 / p95", _alone(judge, texts[:100]), _wanted_alone(name)))
        if dev and name != _THEIRS:
            rows.append((f"{name}, complaint macro-F1, {_SET} dev", f"{_quality(judge, dev):.1f}", ""))
    skipped = [(name, f"skipped: {why}", "") for name, why in missing.items()]
    return [*rows, *skipped, *_compared(speeds), *_worker(texts)]


def _speeds(judges: dict[str, Judging], texts: Sequence[str]) -> dict[str, float]:
    """Return posts a second. They take turns, so that whatever else the machine does falls on all of them."""
    taken: dict[str, list[float]] = {name: [] for name in judges}
    for judge in judges.values():
        judge(texts[:32])
    for _ in range(_TURNS):
        for name, judge in judges.items():
            taken[name].append(_seconds(judge, texts))
    return {name: len(texts) / statistics.median(seconds) for name, seconds in taken.items()}


def _wanted(name: str) -> str:
    return "350 posts/s" if name == _OURS else ""


def _wanted_alone(name: str) -> str:
    return "p50 12 ms" if name == _OURS else ""


def _labelled(folder: Path | None, part: str) -> list[Post]:
    path = folder / f"{_SET}.{part}.jsonl.gz" if folder else None
    return [one for one in read_part(path) if one.complaint != UNKNOWN] if path and path.is_file() else []


def _missing(one: _Contender, learn: Sequence[Post]) -> str:
    if one.needs and find_spec(one.needs) is None:
        return f"{one.needs} is not installed (`pip install -e .[{one.extra}]`)"
    return "it learns from labelled posts, AMENDS_BENCH_DATA=DIR" if one.learns and not learn else ""


# --- who is compared ----------------------------------------------------------------------------------------------


def _ours(model: str) -> Callable[[Sequence[Post]], Judging]:
    def build(_: Sequence[Post]) -> Judging:
        judge = classifiers.load(model, threads=_THREADS)
        return lambda texts: [verdict.complaint >= 0.5 for verdict in judge.assess(texts)]

    return build


def _vader(_: Sequence[Post]) -> Judging:
    analyser: Any = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return lambda texts: [analyser.polarity_scores(text)["compound"] <= -0.05 for text in texts]


def _tf_idf(learn: Sequence[Post]) -> Judging:
    words: Any = import_module("sklearn.feature_extraction.text")
    linear: Any = import_module("sklearn.linear_model")
    pipeline: Any = import_module("sklearn.pipeline").make_pipeline(
        words.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        linear.LogisticRegression(C=10, max_iter=1000, class_weight="balanced"),
    )
    pipeline.fit([one.text for one in learn], [one.complaint for one in learn])
    return lambda texts: [bool(said) for said in pipeline.predict(texts)]


def _xlm_roberta(_: Sequence[Post]) -> Judging:
    """Build it with random weights: they cost the same time. The shipped tokenizer cuts into about as many pieces."""
    from transformers import AutoTokenizer, XLMRobertaConfig, XLMRobertaForSequenceClassification

    torch: Any = import_module("torch")
    torch.set_num_threads(_THREADS)
    tokenizer = AutoTokenizer.from_pretrained(Path(classifiers.__file__).with_name("model"))
    model = XLMRobertaForSequenceClassification(XLMRobertaConfig(**_XLM_R)).eval()

    def judge(texts: Sequence[str]) -> list[bool]:
        said: list[bool] = []
        ordered = sorted(texts, key=len)  # as ours does: alike in length, so that little is filled up
        with torch.inference_mode():
            for first in range(0, len(ordered), 16):
                some = tokenizer(ordered[first : first + 16], padding=True, truncation=True, max_length=128)
                logits = model(torch.tensor(some["input_ids"]), torch.tensor(some["attention_mask"])).logits
                said += (logits.argmax(-1) == 0).tolist()
        return said

    return judge


_OURS, _THEIRS = "judge `shipped`", "xlm-roberta-base, fp32, PyTorch, random weights"
_CONTENDERS = (
    _Contender(_OURS, _ours("shipped")),
    _Contender("judge `rules`", _ours("rules")),
    _Contender("VADER", _vader, "vaderSentiment"),
    _Contender("TF-IDF and logistic regression", _tf_idf, "sklearn", learns=True),
    _Contender(_THEIRS, _xlm_roberta, "torch", "torch"),
)


# --- what is measured ---------------------------------------------------------------------------------------------


def _seconds(judge: Judging, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    for first in range(0, len(texts), _AT_ONCE):
        judge(texts[first : first + _AT_ONCE])
    return time.perf_counter() - began


def _alone(judge: Judging, texts: Sequence[str]) -> str:
    taken = [_seconds(judge, [text]) * 1000 for text in texts]
    return f"{statistics.median(taken):.1f} / {percentile(taken, 0.95):.1f} ms"


def _quality(judge: Judging, dev: Sequence[Post]) -> float:
    said = judge([one.text for one in dev])
    return 100 * float(macro_f1(confusion([one.complaint for one in dev], [int(one) for one in said], 2)))


def _compared(speeds: dict[str, float]) -> list[Line]:
    if _THEIRS not in speeds:
        return []
    return [("judge `shipped` against xlm-roberta-base", f"{speeds[_OURS] / speeds[_THEIRS]:.1f} times", "12 times")]


_CHILD = """
import json, sys, time
texts = json.load(sys.stdin)
import numpy, onnxruntime, tokenizers, psutil
from transformers import AutoConfig, AutoTokenizer
from monitor import classifiers
from monitor.classifiers import reading, transformer
imported = time.perf_counter()
judge = classifiers.load("shipped", threads=2)
judge.assess(texts[:1])
ready, at = time.perf_counter() - imported, time.time()
for first in range(0, len(texts), 64):
    judge.assess(texts[first:first + 64])
print(json.dumps([ready, at, psutil.Process().memory_info().rss / 2**20]))
"""


def _worker(texts: Sequence[str]) -> list[Line]:
    """Load and use the judge in a process of its own."""
    began = time.time()
    said = subprocess.run(
        [sys.executable, "-c", _CHILD], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    ready, at, memory = json.loads(said.stdout)
    return [
        (
            "judge `shipped`, first verdict after imports / from a cold start",
            f"{ready:.1f} / {at - began:.1f} s",
            "2 / 5 s",
        ),
        (f"memory of a process that judged {len(texts):,} posts (RSS)", f"{memory:.0f} MB", "450 MB"),
    ]
