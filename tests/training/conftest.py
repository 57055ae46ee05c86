"""A tiny encoder and labelled posts of our own, laid out as `amends train` reads them."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BAD = ("late", "broken", "lost", "wrong", "cold")
GOOD = ("lovely", "quick", "warm", "great", "tasty")
THINGS = ("kettle", "parcel", "soup", "train", "lamp", "refund")
WORDS = ("my", "the", "is", "was", "again", *BAD, *GOOD, *THINGS)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder of two layers that knows nothing, with a unigram tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    from monitor.classifiers.training.vocabulary import SPECIALS, save_tokenizer

    folder = tmp_path_factory.mktemp("base")
    letters = [(letter, -9.0) for letter in "abcdefghijklmnopqrstuvwxyz▁"]
    pieces = [*((name, 0.0) for name in SPECIALS), *((f"▁{word}", -4.0) for word in WORDS), *letters]
    save_tokenizer(pieces, folder)
    torch.manual_seed(1)
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(pieces), **shape), add_pooling_layer=False).save_pretrained(folder)
    return folder


def _posts(count: int, seed: str, **more: Any) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)
    for number in range(count):
        unhappy = number % 2
        words = chance.sample(BAD if unhappy else GOOD, 2)
        label = "negative" if unhappy else ("neutral", "positive")[number % 4 // 2]
        text = f"my {chance.choice(THINGS)} {chance.choice(('is', 'was'))} {words[0]} {words[1]} {number}"
        yield {"text": text, "label": label, "complaint": unhappy, **more}


def _write(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts of every set that the recipes name."""
    from monitor.classifiers.training.recipes import ENGLISH, OTHERS

    folder = tmp_path_factory.mktemp("data")
    (folder / "en").mkdir()
    (folder / "multi").mkdir()
    for source in ENGLISH:
        for part, count in (("train", 60), ("dev", 120)):
            given = _posts(count, f"{source} {part}", source=source, lang="en")
            _write(folder / "en" / f"{source}.{part}.jsonl.gz", given)
    for lang, recipes in OTHERS.items():
        for part in ("train", "dev"):
            rows = (row for source in recipes for row in _posts(20, f"{lang} {part}", source=source, lang=lang))
            _write(folder / "multi" / f"{lang}.{part}.jsonl.gz", rows)
    _write(folder / "multi" / "complaints_only_tr.train.jsonl.gz", _posts(20, "tr", source="sikayetvar_a", lang="tr"))
    return folder
