"""Train the judge: one command, the same rows in the same order every time, stopped and taken up again at will.

The command is `amends train --data DATA --base BASE --out OUT`. DATA holds `en/` and `multi/` (gzip JSON lines), BASE
the encoder multilingual-e5-small. OUT/checkpoint is what `monitor.classifiers.training.export` turns into the model
that ships.
"""

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Tokenizer

from monitor.classifiers.training.data import Row, read, together, training_rows
from monitor.classifiers.training.network import HEADS, Judge, Labels, begin, loss_of, restore, save
from monitor.classifiers.training.recipes import OTHERS
from monitor.classifiers.training.rounds import taken
from monitor.classifiers.training.vocabulary import (
    UNKNOWN_PIECE,
    Piece,
    build_tokenizer,
    choose_pieces,
    count_pieces,
    pieces_of,
)
from monitor.domain.cleaning import clean

PAD: Final = 1
_BLURRED = 0.08  # of the pieces of a text
_PIECES_READ = 80
_WARM_UP = 0.05
_HEAD_RATE = 1e-3
_BFLOAT16 = ("avx512_bf16", "amx_bf16")
_TYPES = {"weight": torch.float, "sure": torch.float, "has_neutral": torch.bool}

Batch = tuple[list[Row], list[list[int]]]
Say = Callable[[int, int, float], None]  # batches done, batches in all, loss


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides what comes out. Two runs of one plan on one machine make the same model."""

    data: Path
    base: Path
    out: Path
    rows: int = 200_000  # read in all, pass after pass over the sets
    layers: int = 6
    frozen: int = 0  # first layers that stay as they are
    words: bool = True  # whether the table of word pieces learns too
    pieces: int = 33_000
    batch: int = 2_600  # word pieces in a batch, padding counted
    rate: float = 1.5e-4
    seed: int = 20
    threads: int = 2
    keep_every: int = 100  # batches
    noncommercial: bool = False
    onward: Path | None = None  # a checkpoint or an exported model to begin from instead of the base: another round

    def described(self) -> dict[str, Any]:
        """Return what must be the same for a run to be taken up again."""
        without = {"out", "threads", "keep_every", "base", "data", "onward"}
        return {name: value for name, value in asdict(self).items() if name not in without}


def train(plan: Plan, say: Say = lambda *_: None) -> Path:
    """Train, or take up again where OUT/checkpoint stopped; returns the checkpoint.

    Raises `ValueError` when the checkpoint was begun with another plan.
    """
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    torch.set_flush_denormal(True)  # numbers next to nothing make a step several times slower
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    checkpoint, rows = plan.out / "checkpoint", _rows(plan)
    judge, pieces, done = _taken_up(plan, checkpoint) or (*_begun(plan, rows), 0)
    judge.freeze(plan.frozen)
    if plan.words and judge.words.rows is None:
        judge.words.learn()
    judge.soften()
    judge.to(device).train()
    optimizer = _optimizer(judge, plan.rate)
    if done:
        optimizer.load_state_dict(torch.load(checkpoint / "optimizer.pt", map_location=device, weights_only=True))
    queue, average = list(batches(rows, build_tokenizer(pieces), plan.batch, plan.seed)), 0.0
    for step, (some, ids) in enumerate(queue[done:], start=done):
        torch.manual_seed(plan.seed + step)  # what drops out is the same when a run was taken up again
        _set_rate(optimizer, step / len(queue))
        loss = _step(judge, optimizer, some, _blurred(some, ids, random.Random(plan.seed + step)), device)
        average = 0.98 * average + 0.02 * loss if step > done else loss
        if (step + 1) % plan.keep_every == 0 or step + 1 == len(queue):
            _keep(judge, pieces, optimizer, plan, step + 1)
        say(step + 1, len(queue), average)
    return checkpoint


def _rows(plan: Plan) -> list[Row]:
    rows: list[Row] = []
    passes = 0
    while len(rows) < plan.rows:
        rows += training_rows(plan.data, plan.seed + passes, noncommercial=plan.noncommercial)
        passes += 1
    return rows[: plan.rows]


def _begun(plan: Plan, rows: list[Row]) -> tuple[Judge, list[Piece]]:
    if plan.onward is not None:
        return taken(plan.onward)
    full = Tokenizer.from_file(str(plan.base / "tokenizer.json"))
    pieces = pieces_of(full)
    texts = [row.text for row in rows]
    for lang, recipes in OTHERS.items():
        raws = read(plan.data / "multi" / f"{lang}.train.jsonl.gz")
        texts += [clean(str(raw["text"])) for raw in raws if raw["source"] in recipes]
    keep = choose_pieces(pieces, count_pieces(full, texts), plan.pieces)
    return begin(plan.base, plan.layers, keep), [pieces[i] for i in keep]


def _taken_up(plan: Plan, checkpoint: Path) -> tuple[Judge, list[Piece], int] | None:
    old = checkpoint.with_name("checkpoint.old")
    if not checkpoint.exists() and old.exists():  # killed between two renamings
        old.rename(checkpoint)
    if not (checkpoint / "progress.json").is_file():
        return None
    progress = json.loads((checkpoint / "progress.json").read_text("utf-8"))
    if progress["plan"] != plan.described():
        message = (
            f"{checkpoint} was begun with another plan: {progress['plan']}. "
            "Give the same options to go on, or another --out to begin anew."
        )
        raise ValueError(message)
    return (*restore(checkpoint), int(progress["batches"]))


def _keep(judge: Judge, pieces: list[Piece], optimizer: torch.optim.Optimizer, plan: Plan, done: int) -> None:
    """Write a whole checkpoint beside the last one, then change places: a run that is killed leaves one that fits."""
    checkpoint, part, old = (plan.out / name for name in ("checkpoint", "checkpoint.part", "checkpoint.old"))
    save(judge, pieces, part)
    torch.save(optimizer.state_dict(), part / "optimizer.pt")
    progress = {"plan": plan.described(), "batches": done}
    (part / "progress.json").write_text(json.dumps(progress, indent=2) + "\n", "utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if checkpoint.exists():
        checkpoint.rename(old)
    part.rename(checkpoint)
    shutil.rmtree(old, ignore_errors=True)


def batches(rows: list[Row], tokenizer: Tokenizer, size: int, seed: int) -> Iterator[Batch]:
    """Yield rows with their ids, alike in length, at most `size` pieces a batch with the padding counted.

    Rows keep to their stretch of 20,000, so that a later pass comes later.
    """
    tokenizer.enable_truncation(_PIECES_READ)
    for start in range(0, len(rows), 20_000):
        yield from _alike(rows[start : start + 20_000], tokenizer, size, random.Random(seed + start))


def _alike(rows: list[Row], tokenizer: Tokenizer, size: int, chance: random.Random) -> Iterator[Batch]:
    ids = [encoded.ids for encoded in tokenizer.encode_batch([row.text for row in rows])]
    groups: list[list[int]] = [[]]
    for unit in _by_length(rows, ids, chance):
        longest = max(len(ids[i]) for i in (*unit, *groups[-1][:2]))
        if groups[-1] and (len(groups[-1]) + len(unit)) * longest > size:
            groups.append([])
        groups[-1] += unit
    chance.shuffle(groups)
    for group in groups:
        yield [rows[i] for i in group], [ids[i] for i in group]


def _by_length(rows: list[Row], ids: list[list[int]], chance: random.Random) -> list[list[int]]:
    """Return which rows go together, twins or one alone, the longest first and not quite in order."""
    return sorted(together(rows), key=lambda unit: -max(len(ids[i]) for i in unit) - chance.random() * 4)


def _blurred(rows: list[Row], ids: list[list[int]], chance: random.Random) -> list[list[int]]:
    """Make some pieces unreadable, so that sets read pass after pass are not learned by heart.

    Twins stay as they are: what was taken might be the one word in which they differ.
    """
    return [
        known if row.twin else [UNKNOWN_PIECE if chance.random() < _BLURRED else piece for piece in known]
        for row, known in zip(rows, ids, strict=True)
    ]


def padded(ids: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask, filled up to the longest."""
    longest = max(map(len, ids))
    filled = torch.tensor([row + [PAD] * (longest - len(row)) for row in ids])
    return filled, torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids])


def labels_of(rows: list[Row]) -> Labels:
    """Return what is known of the rows, a tensor for each head and the weights beside them."""
    names = (*HEADS, "weight", "has_neutral", "sure")
    known = {name: torch.tensor([getattr(row, name) for row in rows], dtype=_TYPES.get(name)) for name in names}
    calm = {row.twin: i for i, row in enumerate(rows) if row.twin and not row.complaint}
    return known | {"twin": torch.tensor([calm.get(row.twin, -1) if row.complaint == 1 else -1 for row in rows])}


def _optimizer(judge: Judge, rate: float) -> torch.optim.Optimizer:
    encoder = [value for value in judge.layers.parameters() if value.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": encoder, "lr": rate, "top": rate},
        {"params": list(judge.head.parameters()), "lr": _HEAD_RATE, "top": _HEAD_RATE},
    ]
    if judge.words.rows is not None:  # most pieces are in no batch: decay would wear them away
        groups.append({"params": [judge.words.rows], "lr": rate, "top": rate, "weight_decay": 0.0})
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def _set_rate(optimizer: torch.optim.Optimizer, done: float) -> None:
    share = min(done / _WARM_UP, (1 - done) / (1 - _WARM_UP))
    for group in optimizer.param_groups:
        group["lr"] = group["top"] * max(share, 0.0)


def _halves(device: torch.device) -> bool:
    """Return whether the machine computes in bfloat16. A processor that only imitates it takes three times as long."""
    return device.type != "cpu" or any(torch.cpu.get_capabilities().get(name) for name in _BFLOAT16)


def _step(
    judge: Judge, optimizer: torch.optim.Optimizer, rows: list[Row], ids: list[list[int]], device: torch.device
) -> float:
    with torch.autocast(device.type, torch.bfloat16, enabled=_halves(device)):
        logits = judge(*(values.to(device) for values in padded(ids)))
    loss = loss_of(logits.float(), {name: values.to(device) for name, values in labels_of(rows).items()})
    loss.backward()
    torch.nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss.detach())
