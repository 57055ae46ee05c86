"""Write `tiny/`, a foreign sentiment model of a few words: `python make_tiny.py` where the package onnx is installed."""

import json
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

OUT = Path(__file__).with_name("tiny")
WORDS = {"awful": (6, 0, 0), "broken": (4, 0, 0), "fine": (0, 4, 0), "lovely": (0, 0, 6), "thanks": (0, 0, 4)}


def main() -> None:
    names = ["[PAD]", "[UNK]", *WORDS]
    table = np.array([(0, 0, 0), (0, 0.5, 0), *WORDS.values()], np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["rows", "wide"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "pieces_axis"], ["summed"], keepdims=0),
        helper.make_node("Cast", ["token_type_ids"], ["segments"], to=TensorProto.FLOAT),
        helper.make_node("ReduceSum", ["segments", "pieces_axis"], ["nothing"], keepdims=1),
        helper.make_node("Add", ["summed", "nothing"], ["logits"]),
    ]
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "pieces_axis"),
    ]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "pieces"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", 3])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), OUT / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.Lowercase(), pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(OUT)
    labels = {"0": "Negative", "1": "Neutral", "2": "Positive"}
    config = {"model_type": "bert", "id2label": labels, "label2id": {name: int(i) for i, name in labels.items()}}
    (OUT / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
