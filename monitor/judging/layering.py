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
    found: dict[int, Layer] = {}
    for brand_id, (layer_id, kept) in layers.weights_in_use(work, brand_ids, version).items():
        from monitor.classifiers import layers as learned

        try:
            found[brand_id] = learned.Layer.from_bytes(kept, version, layer_id)
        except BadInput as error:
            _log.error("layer left out", brand=brand_id, layer=layer_id, why=str(error))
    return found
