"""The word pieces of the encoder: writing a tokenizer, and keeping only the pieces that its languages use."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

Piece = tuple[str, float]  # the piece and its log probability

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
UNKNOWN_PIECE = SPECIALS.index("<unk>")


def build_tokenizer(pieces: list[Piece]) -> Tokenizer:
    """Return a unigram tokenizer that writes <s> before and </s> behind a text."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN_PIECE, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", SPECIALS.index("<s>")), ("</s>", SPECIALS.index("</s>"))]
    )
    return tokenizer


def save_tokenizer(pieces: list[Piece], out: Path, *, limit: int = 512) -> None:
    """Write tokenizer.json and tokenizer_config.json. `limit` is the longest input in pieces."""
    names = dict(zip(("bos_token", "pad_token", "eos_token", "unk_token"), SPECIALS, strict=True))
    wrapped = PreTrainedTokenizerFast(tokenizer_object=build_tokenizer(pieces), model_max_length=limit, **names)
    wrapped.save_pretrained(out)
    path = out / "tokenizer.json"  # without its indentation it is half as large
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False, separators=(",", ":")), "utf-8")


def pieces_of(tokenizer: Tokenizer) -> list[Piece]:
    """Return the pieces of a unigram tokenizer, in the order of their ids."""
    return [(text, score) for text, score in json.loads(tokenizer.to_str())["model"]["vocab"]]


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """Count how often each piece of the full vocabulary is used."""
    counts: Counter[int] = Counter()
    for encoded in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        counts.update(encoded.ids)
    return counts


def choose_pieces(pieces: list[Piece], counts: Counter[int], size: int) -> list[int]:
    """Return the ids worth keeping: specials, every used letter, then the pieces used most."""
    letters = [i for i in counts if len(pieces[i][0].replace("▁", "")) <= 1]
    keep = dict.fromkeys([*range(len(SPECIALS)), *letters, *(i for i, _ in counts.most_common())])
    rest = sorted(range(len(SPECIALS), len(pieces)), key=lambda i: -pieces[i][1])
    return list(dict.fromkeys([*keep, *rest]))[:size]


class RowQuantised(torch.nn.Module):
    """An embedding table in 8 bits, with a scale of its own for each row; in full while it learns."""

    rows: torch.nn.Parameter | None

    def __init__(self, table: torch.Tensor) -> None:
        """Take a float table of shape (pieces, width)."""
        super().__init__()
        self.register_parameter("rows", None)
        self._pack(table)

    def _pack(self, table: torch.Tensor) -> None:
        scale = table.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("table", torch.round(table / scale).to(torch.int8))
        self.register_buffer("scale", scale)

    def learn(self, rows: torch.Tensor | None = None) -> None:
        """Unpack the table, or take `rows` for it, so that it can change."""
        self.rows = torch.nn.Parameter(self.table.float() * self.scale if rows is None else rows)

    def settle(self) -> None:
        """Pack what was learned."""
        if self.rows is not None:
            self._pack(self.rows.detach())
            self.rows = None

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Return float rows: shape of `ids` plus the width."""
        if self.rows is not None:
            return torch.nn.functional.embedding(ids, self.rows)
        return self.table[ids].float() * self.scale[ids]
