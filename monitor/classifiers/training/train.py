"""Train the judge.

    python -m monitor.classifiers.training.train --data DATA --base BASE --out OUT

DATA holds `en/` and `multi/` (gzip JSON lines), BASE the encoder multilingual-e5-small. OUT/checkpoint is what
`python -m monitor.classifiers.training.export` turns into the model that ships.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer

from monitor.classifiers.training.data import OTHERS, Row, read, training_rows
from monitor.classifiers.training.network import Judge, cut_down, load_base, loss_of, restore, save
from monitor.classifiers.training.vocabulary import Piece, build_tokenizer, choose_pieces, count_pieces
from monitor.domain.cleaning import clean

_SEED = 20
_PIECES_READ = 64
_PAD = 1
_WARM_UP = 0.06

_TYPES = {"weight": torch.float, "has_neutral": torch.bool}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path, help="a checkpoint to go on from, instead of the base")
    parser.add_argument("--seed", type=int, default=_SEED)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--pieces", type=int, default=33_000)
    parser.add_argument("--batch", type=int, default=2_600, help="word pieces in a batch")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument(
        "--minutes", type=float, default=0, help="stop after so long, however far it came (0: no limit)"
    )
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _vocabulary(options: argparse.Namespace, rows: list[Row]) -> tuple[list[Piece], list[int]]:
    full = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    pieces = [(text, score) for text, score in json.loads(full.to_str())["model"]["vocab"]]
    texts = [row.text for row in rows]
    for lang, recipes in OTHERS.items():
        raws = read(options.data / "multi" / f"{lang}.train.jsonl.gz")
        texts += [clean(str(raw["text"])) for raw in raws if raw["source"] in recipes]
    keep = choose_pieces(pieces, count_pieces(full, texts), options.pieces)
    return [pieces[i] for i in keep], keep


def _begin(options: argparse.Namespace, rows: list[Row]) -> tuple[Judge, list[Piece]]:
    pieces, keep = _vocabulary(options, rows)
    return Judge(cut_down(load_base(options.base, options.layers), keep)), pieces


def batches(rows: list[Row], tokenizer: Tokenizer, size: int, seed: int) -> Iterator[tuple[list[Row], list[list[int]]]]:
    """Yield rows with their ids, alike in length, at most `size` pieces a batch with the padding counted."""
    tokenizer.enable_truncation(_PIECES_READ)
    ids = [encoded.ids for encoded in tokenizer.encode_batch([row.text for row in rows])]
    chance = random.Random(seed)
    order = sorted(range(len(rows)), key=lambda i: len(ids[i]) + chance.random() * 4)
    groups: list[list[int]] = [[]]
    for i in order:
        if groups[-1] and (len(groups[-1]) + 1) * max(len(ids[i]), len(ids[groups[-1][0]])) > size:
            groups.append([])
        groups[-1].append(i)
    chance.shuffle(groups)
    for group in groups:
        yield [rows[i] for i in group], [ids[i] for i in group]


def padded(ids: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask, filled up to the longest."""
    longest = max(map(len, ids))
    filled = torch.tensor([row + [_PAD] * (longest - len(row)) for row in ids])
    return filled, torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])


def _labels(rows: list[Row]) -> dict[str, torch.Tensor]:
    names = ("complaint", "weight", "sentiment", "has_neutral", "severity")
    return {name: torch.tensor([getattr(row, name) for row in rows], dtype=_TYPES.get(name)) for name in names}


def _optimizer(judge: Judge, rate: float) -> torch.optim.Optimizer:
    encoder = [p for p in judge.encoder.parameters() if p.requires_grad]
    groups = [
        {"params": encoder, "lr": rate, "top": rate},
        {"params": judge.head.parameters(), "lr": 1e-3, "top": 1e-3},
    ]
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def _set_rate(optimizer: torch.optim.Optimizer, done: float) -> None:
    share = min(done / _WARM_UP, (1 - done) / (1 - _WARM_UP))
    for group in optimizer.param_groups:
        group["lr"] = group["top"] * max(share, 0.0)


def train(options: argparse.Namespace) -> None:
    """Train once over the data, or until the time is up, and write checkpoints on the way."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    rows = [row for number in range(options.passes) for row in training_rows(options.data, options.seed + number)]
    judge, pieces = restore(options.resume) if options.resume else _begin(options, rows)
    judge.train()
    optimizer = _optimizer(judge, options.rate)
    queue = list(batches(rows, build_tokenizer(pieces), options.batch, options.seed))
    start, average = time.monotonic(), 0.0
    print(f"{len(rows)} rows, {len(queue)} batches, {len(pieces)} pieces", flush=True)
    for step, (some, ids) in enumerate(queue):
        minutes = (time.monotonic() - start) / 60
        done = max(step / len(queue), minutes / options.minutes if options.minutes else 0)
        if done >= 1:
            break
        _set_rate(optimizer, done)
        loss = _step(judge, optimizer, some, ids)
        average = loss if step == 0 else 0.98 * average + 0.02 * loss
        if step % 20 == 0:
            print(f"step {step} of {len(queue)}, {minutes:.1f} min, done {done:.3f}, loss {average:.4f}", flush=True)
        if step % 50 == 49:
            save(judge, pieces, options.out / "checkpoint")
    save(judge, pieces, options.out / "checkpoint")


def _step(judge: Judge, optimizer: torch.optim.Optimizer, rows: list[Row], ids: list[list[int]]) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        logits = judge(*padded(ids))
    loss = loss_of(logits.float(), _labels(rows))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())


if __name__ == "__main__":
    train(_arguments())
