"""What a channel is made from: the keys of its audience, and the addresses and keys of the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from incidentctl.comms.channels.interface import Unsent
from incidentctl.text.environment import Unset, expanded
from incidentctl.text.escape import one_line

_AS: Final = "Write it as `https://host`."
_HERE: Final = ("127.0.0.1", "::1", "localhost")


def value(values: Mapping[str, str], key: str, environ: Mapping[str, str]) -> str:
    """What the runbook says under `key`, with `${NAME}` read from the environment; empty where it says nothing.

    Raises Unsent where such a variable is not set.
    """
    try:
        return expanded(values.get(key, ""), environ).strip()
    except Unset as error:
        raise Unsent(error.message, error.hint) from error


def identifier(text: str, what: str) -> str:
    """`text`, where it is an id that can stand in a path.  Raises Unsent."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise Unsent(f"`{one_line(text, 40)}` is no id of {what}" if text else f"the id of {what} is missing")
    return text


def key_of(text: str, variable: str) -> str:
    """`text`, where a header can hold it.  Raises Unsent, without it."""
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise Unsent(f"{variable} holds characters that no key has")
    return text


def address(variable: str, default: str, environ: Mapping[str, str]) -> str:
    """The base address that `variable` sets, without a slash at its end.

    Raises Unsent where it is none, or would send a key over the network unencrypted.
    """
    text = environ.get(variable, "").strip() or default
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Unsent(f"{variable} is no address that can be asked", _AS) from error
    if parts.scheme not in ("http", "https") or not host or port == 0 or parts.query or "@" in parts.netloc:
        raise Unsent(f"{variable} is no address that can be asked", _AS)
    if parts.scheme == "http" and host not in _HERE:
        raise Unsent(f"{variable} would send the key unencrypted", "Write it with `https://`.")
    return text.rstrip("/")
