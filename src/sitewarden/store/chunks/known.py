"""The ids of points by their numbers, and the block in which a file keeps them beside its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec
import numpy as np

from sitewarden.store.chunks.codec import Packer
from sitewarden.store.chunks.columns import Columns
from sitewarden.store.chunks.octets import Corrupt

_decode = msgspec.msgpack.Decoder(list[str]).decode


class Known:
    """Ids by number, which the home gives out from 1 on. Never changed: more make a new one."""

    def __init__(self, names: Sequence[str] = ("",)) -> None:
        self._names = names
        """By number; empty where a number stands for none."""

    @property
    def last(self) -> int:
        """The greatest number."""
        return len(self._names) - 1

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Numbers by id."""
        found = dict(zip(self._names, range(len(self._names)), strict=True))
        found.pop("", None)
        return found

    def more(self, rows: Iterable[tuple[int, str]]) -> Known:
        """Return these and others, whose numbers are greater and in order."""
        names = list(self._names)
        for number, name in rows:
            names += [""] * (number - len(names))
            names.append(name)
        return Known(names)

    def only(self, columns: Columns) -> Columns:
        """Return the samples whose points have an id."""
        points = columns.points
        if not len(points) or (int(points.min()) > 0 and int(points.max()) <= self.last and self._whole):
            return columns
        return columns.take(
            np.array([0 < point <= self.last and self._names[point] != "" for point in points.tolist()], dtype=bool)
        )

    @cached_property
    def _whole(self) -> bool:
        return "" not in self._names[1:]

    def of(self, columns: Columns) -> list[str]:
        """Return the id of each sample's point; all must have one."""
        return list(map(self._names.__getitem__, columns.points.tolist()))

    def name(self, point: int) -> str:
        """Return the id of a point, or nothing."""
        return self._names[point] if 0 < point <= self.last else ""

    def block(self, packer: Packer) -> bytes:
        """Return all as bytes."""
        return packer.pack(msgspec.msgpack.encode(self._names))


def of_block(packer: Packer, data: bytes) -> Known:
    """Return what `block` was made of; raises Corrupt."""
    try:
        names = _decode(packer.unpack(data))
    except msgspec.MsgspecError as error:
        raise Corrupt(f"ids of points: {error}") from None
    if not names or names[0]:
        raise Corrupt("ids of points that do not begin with none")
    return Known(names)
