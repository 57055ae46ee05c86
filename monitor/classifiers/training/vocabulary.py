"""The word pieces of the encoder: writing a tokenizer, and keeping only the pieces that its languages use."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertModel, PreTrainedTokenizerFast

Piece = tuple[str, float]  # the piece and its log probability

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
_UNKNOWN = SPECIALS.index("<unk>")


def build_tokenizer(pieces: list[Piece]) -> Tokenizer:
    """Return a unigram tokenizer that writes <s> before and </s> behind a text."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=_UNKNOWN, byte_fallback=False))
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
