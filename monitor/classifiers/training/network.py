"""The network: a small multilingual encoder read by three heads at once."""

import json
from pathlib import Path

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from transformers import BertModel

from monitor.classifiers.training.vocabulary import Piece, RowQuantised, prune

HEADS = {"complaint": (0, 1), "sentiment": (1, 4), "severity": (4, 8)}  # columns of the output
_WIDTH = 8
_NEUTRAL = 1
_POSITIONS = 128


class Judge(torch.nn.Module):
    """Encoder, mean over the pieces, one linear layer: logits of shape (texts, 8), laid out as `HEADS`."""

    def __init__(self, encoder: BertModel, frozen_layers: int = 2) -> None:
        """Take a pruned encoder; its embeddings and first layers stay as they are."""
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(encoder.config.hidden_size, _WIDTH)
        for frozen in (encoder.embeddings, *encoder.encoder.layer[:frozen_layers]):
            frozen.requires_grad_(requires_grad=False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Read padded ids and their mask, both (texts, pieces)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * mask).sum(1) / mask.sum(1)
        return self.head(pooled.to(self.head.weight.dtype))


def load_base(base: Path, layers: int) -> BertModel:
    """Load the first `layers` layers of an encoder, without dropout: one pass does not overfit, and it costs time."""
    dropless = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    return BertModel.from_pretrained(base, add_pooling_layer=False, num_hidden_layers=layers, **dropless)


def cut_down(encoder: BertModel, keep: list[int]) -> BertModel:
    """Prune the vocabulary and the positions in place."""
    prune(encoder, keep, _POSITIONS)
    return encoder


def loss_of(logits: torch.Tensor, labels: dict[str, torch.Tensor]) -> torch.Tensor:
    """Weigh the three heads; an unknown label teaches its head nothing."""
    known = labels["complaint"] >= 0
    each = binary_cross_entropy_with_logits(logits[:, 0], labels["complaint"].clamp(min=0).float(), reduction="none")
    weights = labels["weight"] * known
    complaint = (each * weights).sum() / weights.sum().clamp(min=1)
    sentiment = logits[:, 1:4].clone()
    sentiment[~labels["has_neutral"], _NEUTRAL] = -30.0  # a class the source does not have must not be unlearned
    return complaint + 0.7 * _mean(sentiment, labels["sentiment"]) + 0.3 * _mean(logits[:, 4:8], labels["severity"])


def _mean(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    total = cross_entropy(logits, labels, ignore_index=-1, reduction="sum")
    return total / (labels >= 0).sum().clamp(min=1)


def save(judge: Judge, pieces: list[Piece], out: Path) -> None:
    """Write a checkpoint: weights, the shape of the encoder and the kept pieces."""
    out.mkdir(parents=True, exist_ok=True)
    torch.save(judge.state_dict(), out / "judge.pt")
    judge.encoder.config.save_pretrained(out)
    (out / "pieces.json").write_text(json.dumps(pieces, ensure_ascii=False), "utf-8")


def restore(out: Path) -> tuple[Judge, list[Piece]]:
    """Read a checkpoint back."""
    pieces = [(text, score) for text, score in json.loads((out / "pieces.json").read_text("utf-8"))]
    encoder = BertModel._from_config(BertModel.config_class.from_pretrained(out), add_pooling_layer=False)  # noqa: SLF001
    encoder.embeddings.word_embeddings = RowQuantised(torch.ones(len(pieces), encoder.config.hidden_size))
    judge = Judge(encoder)
    judge.load_state_dict(torch.load(out / "judge.pt", weights_only=True))
    return judge.eval(), pieces
