"""The network: a small multilingual encoder read by several heads at once.

The encoder is BERT's, written out here rather than taken from transformers for two reasons that were measured: one
matrix for query, key and value and an added mask make the exported graph a fifth quicker, and a training step on a
processor takes a third of the time.
"""

import json
import math
from pathlib import Path
from typing import Final

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, dropout, gelu, softplus
from transformers import BertConfig, BertModel

from monitor.classifiers.training.vocabulary import Piece, RowQuantised

HEADS: Final = {  # columns of the output
    "complaint": (0, 1),
    "sentiment": (1, 4),
    "severity": (4, 8),
    "needs_reply": (8, 9),
    "kind": (9, 13),
    "topics": (13, 22),
    "noise": (22, 31),
    "flags": (31, 39),
}
WIDTH: Final = 39
POSITIONS: Final = 128
_NEUTRAL = 1
_FAR_BELOW = -30_000.0  # what is added to the attention of a place without a piece
_DROPOUT = 0.1
_SHARES = {"complaint": 1.0, "sentiment": 1.0, "severity": 0.4, "needs_reply": 0.15, "kind": 0.25, "topics": 0.3, "noise": 0.25, "flags": 0.5, "twins": 0.5}  # fmt: skip
_MARGIN = 2.0  # log-odds that a complaint should be ahead of its twin

_SEVERITIES = (0.8, 1.0, 1.8, 1.0)  # few posts accuse, and each of the four counts the same

Labels = dict[str, torch.Tensor]


class Layer(nn.Module):
    """One layer of BERT: attention, then two matrices, each followed by a norm."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        """Take the width of the states, the number of attention heads and the inner width."""
        super().__init__()
        self.heads, self.dropout = heads, 0.0
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.attended, self.finished = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)

    def forward(self, states: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Take states (texts, pieces, width) and what is added to the attention (texts, 1, 1, pieces)."""
        texts, pieces, width = states.shape
        size = width // self.heads
        query, key, value = self.qkv(states).view(texts, pieces, 3, self.heads, size).permute(2, 0, 3, 1, 4).unbind(0)
        attention = torch.softmax(query @ key.transpose(-1, -2) * (1 / math.sqrt(size)) + bias, -1)
        mixed = self.out((attention @ value).transpose(1, 2).reshape(texts, pieces, width))
        states = self.attended(states + dropout(mixed, self.dropout, self.training))
        turned = self.down(gelu(self.up(states), approximate="tanh"))
        return self.finished(states + dropout(turned, self.dropout, self.training))


class Judge(nn.Module):
    """Encoder, mean over the pieces, one linear layer: logits of shape (texts, 39), laid out as `HEADS`."""

    def __init__(self, config: BertConfig, pieces: int) -> None:
        """Take the shape of the encoder and the size of the vocabulary; weights come from `fill` or `restore`."""
        super().__init__()
        width = config.hidden_size
        self.config = config
        self.words = RowQuantised(torch.ones(pieces, width))
        self.places = nn.Parameter(torch.zeros(POSITIONS, width), requires_grad=False)
        self.start = nn.LayerNorm(width, eps=1e-12).requires_grad_(requires_grad=False)
        self.layers = nn.ModuleList(
            Layer(width, config.num_attention_heads, config.intermediate_size) for _ in range(config.num_hidden_layers)
        )
        self.head = nn.Linear(width, WIDTH)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Read padded ids and their mask, both (texts, pieces)."""
        return self.head(self.pooled(input_ids, attention_mask))

    def pooled(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return what the encoder makes of each text: (texts, width)."""
        return self.mean(self.states(input_ids, attention_mask), attention_mask)

    def states(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return what the encoder makes of each piece: (texts, pieces, width)."""
        states = self.start(self.words(input_ids) + self.places[: input_ids.shape[1]])
        mask = attention_mask.to(states.dtype)
        bias = ((1 - mask) * _FAR_BELOW)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, bias)
        return states

    def mean(self, states: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Return the mean over the pieces that are there: (texts, width)."""
        mask = attention_mask.to(states.dtype).unsqueeze(-1)
        return (states * mask).sum(1) / mask.sum(1)

    def freeze(self, layers: int) -> None:
        """Keep the first layers as they are: what the encoder knows of all languages at once sits there."""
        for layer in list(self.layers)[:layers]:
            layer.requires_grad_(requires_grad=False)

    def soften(self, share: float = _DROPOUT) -> None:
        """Train with dropout in the layers that learn."""
        for layer in self.layers:
            layer.dropout = share


def begin(base: Path, layers: int, keep: list[int]) -> Judge:
    """Take the first `layers` layers of an encoder and the kept pieces of its vocabulary."""
    encoder = BertModel.from_pretrained(base, add_pooling_layer=False, num_hidden_layers=layers)
    judge = Judge(encoder.config, len(keep))
    fill(judge, encoder, keep)
    return judge


def fill(judge: Judge, encoder: BertModel, keep: list[int]) -> None:
    """Copy the weights of BERT as transformers names them."""
    state, shape = encoder.state_dict(), judge.config.num_hidden_layers
    judge.words = RowQuantised(state["embeddings.word_embeddings.weight"][torch.tensor(keep)])
    kind = state["embeddings.token_type_embeddings.weight"][0]
    judge.places.data = state["embeddings.position_embeddings.weight"][:POSITIONS] + kind
    named = {"start": "embeddings.LayerNorm"}
    for number in range(shape):
        old, new = f"encoder.layer.{number}.", f"layers.{number}."
        for kind_of in ("weight", "bias"):
            parts = [state[f"{old}attention.self.{part}.{kind_of}"] for part in ("query", "key", "value")]
            getattr(judge.layers[number].qkv, kind_of).data = torch.cat(parts)
        named |= {
            f"{new}out": f"{old}attention.output.dense",
            f"{new}attended": f"{old}attention.output.LayerNorm",
            f"{new}up": f"{old}intermediate.dense",
            f"{new}down": f"{old}output.dense",
            f"{new}finished": f"{old}output.LayerNorm",
        }
    copied = {f"{new}.{kind_of}": state[f"{old}.{kind_of}"] for new, old in named.items() for kind_of in ("weight", "bias")}  # fmt: skip
    judge.load_state_dict(copied, strict=False)


def loss_of(logits: torch.Tensor, labels: Labels) -> torch.Tensor:
    """Weigh the heads; an unknown label teaches its head nothing."""
    sentiment = logits[:, slice(*HEADS["sentiment"])].clone()
    sentiment[~labels["has_neutral"], _NEUTRAL] = -30.0  # a class the source does not have must not be unlearned
    every, sure = torch.ones_like(labels["sure"]), labels["sure"]
    steps = torch.tensor(_SEVERITIES, device=logits.device)[labels["severity"].clamp(min=0)]
    each = {
        "complaint": _binary(logits[:, 0], labels["complaint"], labels["weight"]),
        "sentiment": _classes(sentiment, labels["sentiment"], every),
        "severity": _classes(logits[:, slice(*HEADS["severity"])], labels["severity"], steps),
        "needs_reply": _binary(logits[:, HEADS["needs_reply"][0]], labels["needs_reply"], sure),
        "kind": _classes(logits[:, slice(*HEADS["kind"])], labels["kind"], sure),
        "topics": _several(logits[:, slice(*HEADS["topics"])], labels["topics"], sure),
        "noise": _classes(logits[:, slice(*HEADS["noise"])], labels["noise"], sure),
        "flags": _several(logits[:, slice(*HEADS["flags"])], labels["flags"], sure),
        "twins": apart(logits[:, 0], labels["twin"]),
    }
    return torch.stack([_SHARES[name] * loss for name, loss in each.items()]).sum()


def apart(logits: torch.Tensor, twins: torch.Tensor) -> torch.Tensor:
    """Part complaints from their twins. `twins` is (texts,): the row of the twin that is none, -1 where there is none."""
    complaints = twins >= 0
    ahead = logits[complaints] - logits[twins[complaints]]
    return softplus(_MARGIN - ahead).sum() / complaints.sum().clamp(min=1)


def _binary(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    weights = weights * (labels >= 0)
    each = binary_cross_entropy_with_logits(logits, labels.clamp(min=0).float(), reduction="none")
    return (each * weights).sum() / weights.sum().clamp(min=1)


def _classes(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    weights = weights * (labels >= 0)
    each = cross_entropy(logits, labels.clamp(min=0), reduction="none")
    return (each * weights).sum() / weights.sum().clamp(min=1)


def _several(logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Several may hold at once: `labels` is (texts, columns) of 0 and 1, a row of -1 where none is known."""
    weights = weights * (labels[:, 0] >= 0)
    each = binary_cross_entropy_with_logits(logits, labels.clamp(min=0).float(), reduction="none").mean(1) * 4
    return (each * weights).sum() / weights.sum().clamp(min=1)


def save(judge: Judge, pieces: list[Piece], out: Path) -> None:
    """Write a checkpoint: weights, the shape of the encoder and the kept pieces."""
    out.mkdir(parents=True, exist_ok=True)
    torch.save(judge.state_dict(), out / "judge.pt")
    judge.config.save_pretrained(out)
    (out / "pieces.json").write_text(json.dumps(pieces, ensure_ascii=False), "utf-8")


def restore(out: Path) -> tuple[Judge, list[Piece]]:
    """Read a checkpoint back."""
    pieces = [(text, score) for text, score in json.loads((out / "pieces.json").read_text("utf-8"))]
    judge = Judge(BertConfig.from_pretrained(out), len(pieces))
    state = torch.load(out / "judge.pt", map_location="cpu", weights_only=True)
    if "words.rows" in state:
        judge.words.learn(state["words.rows"])
    judge.load_state_dict(_widened(state, judge.state_dict()))
    return judge.eval(), pieces


def _widened(state: dict[str, torch.Tensor], whole: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Add the columns of heads that a checkpoint does not have yet: they begin without an opinion."""
    for name in ("head.weight", "head.bias"):
        known = state[name]
        state[name] = torch.cat([known, torch.zeros_like(whole[name][len(known) :])])
    return state
