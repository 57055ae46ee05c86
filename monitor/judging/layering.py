"""The layers of brands as the judge takes them."""

from typing import TYPE_CHECKING

from monitor import logs
from monitor.domain.errors import BadInput
from monitor.store import layers
from monitor.store.engine import Work

if TYPE_CHECKING:
    from monitor.classifiers.layers import Layer

_log = logs.get(__name__)


def in_use(work: Work, brand_ids: set[int], version: str) -> dict[int, "Layer"]:
    """Return the layers that brands use with this judge, ready to be passed to it. One that is broken is left out."""
    kept = layers.weights_in_use(work, brand_ids, version)
    read = {brand_id: _read(weights, version, layer_id) for brand_id, (layer_id, weights) in kept.items()}
    return {brand_id: layer for brand_id, layer in read.items() if layer}


def of_verdict(work: Work, layer_id: int | None, version: str) -> "Layer | None":
    """Return the layer that had a say in a verdict of this judge, whether it is in use by now or not."""
    weights = layers.weights_of(work, layer_id, version) if layer_id is not None else None
    return _read(weights, version, layer_id) if weights else None


def _read(weights: bytes, version: str, layer_id: int | None) -> "Layer | None":
    from monitor.classifiers.layers import Layer

    try:
        return Layer.from_bytes(weights, version, layer_id)
    except BadInput as error:
        _log.error("layer left out", layer=layer_id, why=str(error))
        return None
