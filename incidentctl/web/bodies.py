"""Bodies as they come: unpacked within bounds, and JSON that whoever reads it can trust not to break them."""

from __future__ import annotations

import json
import zlib
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from incidentctl.web.failures import Unanswered

if TYPE_CHECKING:
    from httpx import Response as Answer

_DEEPEST: Final = 100


async def read(answer: Answer, name: str, most: int, *, whole: bool) -> bytes:
    """The body, unpacked piece by piece: httpx would unpack a piece of a bomb as a whole."""
    packing = answer.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip"):
        raise Unanswered(f"{name} answered in an encoding that was not asked for")
    unpacked = _Gzip() if packing.endswith("gzip") else _Plain()
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += unpacked.more(piece, most + 1 - len(body))
        if len(body) > most:
            if whole and answer.is_success:
                raise Unanswered(f"{name} answered more than {_size(most)}")
            return bytes(body[:most])
    unpacked.end()
    return bytes(body)


class _Plain:
    """A body that is not packed."""

    def more(self, piece: bytes, most: int) -> bytes:
        return piece[:most]

    def end(self) -> None:
        """Nothing can be missing that HTTP would not tell."""


class _Gzip:
    """A packed body, of one or several members (RFC 1952), never unpacked further than was asked."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._whole = True

    def more(self, piece: bytes, most: int) -> bytes:
        """At most `most` bytes; when it returns as many, the rest of `piece` is lost."""
        out = bytearray()
        while piece and len(out) < most:
            out += self._member.decompress(piece, most - len(out))
            piece, self._whole = self._member.unconsumed_tail, self._member.eof
            if self._whole:
                piece, self._member = self._member.unused_data, zlib.decompressobj(wbits=31)
        return bytes(out)

    def end(self) -> None:
        """Raise zlib.error where the last member is not whole."""
        if not self._whole:
            message = "the body ends in the middle"
            raise zlib.error(message)


def _size(count: int) -> str:
    return f"{count / 1_000_000:g} MB" if count >= 1_000_000 else f"{count / 1000:g} kB"


def parsed_json(body: bytes) -> Any:  # noqa: ANN401 - whatever it is, the caller looks at it piece by piece
    """JSON by RFC 8259.  Raises ValueError; also for NaN, Infinity, `1e999` and more than 100 levels."""
    try:
        found = json.loads(body, parse_constant=_refuse)
    except RecursionError as error:
        message = "too deep"
        raise ValueError(message) from error
    _check(found)
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _check(found: object) -> None:
    """Raise ValueError where whoever reads it would run out of stack, or meet a number that is none (`1e999`)."""
    level = [found]
    for _ in range(_DEEPEST):
        if any(isinstance(one, float) and not isfinite(one) for one in level):
            break
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    message = "too deep, or a number that is none"
    raise ValueError(message)
