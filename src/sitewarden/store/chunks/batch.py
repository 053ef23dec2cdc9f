"""Many chunks at once, in the format of `codec`."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns
from sitewarden.store.chunks.integers import USUAL


def encode_groups(packer: Packer, columns: Columns, starts: NDArray[np.int64], effort: int = USUAL) -> list[bytes]:
    """Return the bytes of each group of samples that begins at an index of `starts`."""
    edges = [*starts.tolist(), len(columns)]
    return [packer.encode(columns.take(slice(low, high)), effort) for low, high in pairwise(edges)]
