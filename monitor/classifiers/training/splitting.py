"""Keep eight bits fine enough: the largest inputs of a matrix pass beside it in full.

In every layer one or two of the inputs, mostly those of a text's first piece, are ten to thirty times as large as all
others (Sun and others, *Massive activations*, 2024). Brought to eight bits on one scale, the others would keep a few
steps of 256; apart, they keep nearly all (Dettmers and others, *LLM.int8()*, 2022).
"""

from collections.abc import Iterable
from typing import Final

import torch
from torch import nn

from monitor.classifiers.training.network import Judge

ASIDE: Final = "aside"  # what the matrix for the largest inputs is called in the graph: it stays in full
_PARTS = ("up", "down")  # the others gained nothing
_LARGEST = 2


class Split(nn.Module):
    """A matrix in two: one for the largest inputs, one for the rest."""

    large: torch.Tensor
    rest: torch.Tensor

    def __init__(self, whole: nn.Linear, large: torch.Tensor) -> None:
        """Take the matrix and which of its inputs are the largest."""
        super().__init__()
        self.linear = whole
        self.aside = nn.Linear(len(large), whole.out_features, bias=False)
        self.aside.weight.data = whole.weight.detach()[:, large].clone()
        rest = torch.ones(whole.in_features)
        rest[large] = 0
        self.register_buffer("large", large)
        self.register_buffer("rest", rest)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return what the whole matrix would."""
        return self.linear(inputs * self.rest) + self.aside(inputs[..., self.large])


def split(judge: Judge, some: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """Split the matrices of every layer by what they are given of `some` texts, as (ids, mask)."""
    most: dict[nn.Module, torch.Tensor] = {}

    def see(whole: nn.Module, given: tuple[torch.Tensor]) -> None:
        seen = given[0].abs().amax((0, 1))
        most[whole] = torch.maximum(most.get(whole, seen), seen)

    watched = [(layer, part) for layer in judge.layers for part in _PARTS]
    hooks = [getattr(layer, part).register_forward_pre_hook(see) for layer, part in watched]
    with torch.inference_mode():
        for ids, mask in some:
            judge(ids, mask)
    for hook in hooks:
        hook.remove()
    for layer, part in watched:
        whole = getattr(layer, part)
        setattr(layer, part, Split(whole, most[whole].topk(_LARGEST).indices.sort().values.clone()))
