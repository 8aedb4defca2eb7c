"""Web addresses and headers: what can be asked, and whom another address may be told about."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from incidentctl.text.escape import one_line
from incidentctl.web.failures import Unanswered

if TYPE_CHECKING:
    from httpx import URL

_PORTS: Final = {"http": 80, "https": 443}
# What may be told to a host that a redirect leads to; every other header may be a key.
HARMLESS: Final = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match", "range"})


@lru_cache(maxsize=200)
def parsed(text: str) -> URL:
    """Raises Unanswered where `text` is no web address."""
    import httpx

    try:
        url = httpx.URL(text.strip())
        if url.scheme in _PORTS and url.host and 0 < port_of(url) < 65536:
            return url
    except (httpx.InvalidURL, ValueError, TypeError):
        pass
    # A password may have a slash in it, and what has no `://` may be a key that was given in the address's place.
    name = f"`{host_of(text.rpartition('@')[2])}`" if "://" in text else "what was given as an address"
    raise Unanswered(f"{name} is no address that can be asked", "Write it as `https://host/path`.")


def bare(url: URL) -> URL:
    """Without userinfo and fragment."""
    if not url.userinfo and not url.fragment:
        return url
    return url.copy_with(userinfo=b"", fragment=None)


def host_of(url: URL | str) -> str:
    """Whom an address asks, and by which port; nothing else of it, since everything else may hold a secret."""
    there = str(url).strip().partition("://")[2] or str(url).strip()
    return one_line(re.split(r"[/?#\\]", there, maxsplit=1)[0].rpartition("@")[2], 100)


def checked(headers: Mapping[str, str], url: URL) -> dict[str, str]:
    """Lower-case names, values without the newline that a file ended in, and the password of `url`, if it has one."""
    given = {name.lower(): value.strip() for name, value in headers.items()}
    for name, value in given.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9a-z-]+", name) or not re.fullmatch(r"[\t\x20-\x7e]*", value):
            message = f"{host_of(url)} was not asked: the header `{one_line(name, 40)}` holds what no header can hold"
            raise Unanswered(message)
    if url.username or url.password:
        given.setdefault("authorization", f"Basic {b64encode(f'{url.username}:{url.password}'.encode()).decode()}")
    return given


def port_of(url: URL) -> int:
    """The port, also where the scheme implies it."""
    return url.port or _PORTS[url.scheme]


def redirected(url: URL, there: str) -> URL:
    """Where `url` sends us; raises Unanswered where we do not follow."""
    import httpx

    try:
        found = parsed(str(url.join(there)))
    except (ValueError, httpx.InvalidURL, Unanswered) as error:
        raise Unanswered(f"{host_of(url)} redirects to something that is no web address") from error
    if url.scheme == "https" and found.scheme == "http":
        raise Unanswered(f"{host_of(url)} redirects from https to http, which is not followed")
    return bare(found)


def same_origin(one: URL, other: URL) -> bool:
    """Whether what was told to `one` may be told to `other`: the same host and port, or the same host by https now."""
    if one.host != other.host:
        return False
    ports = [port_of(one), port_of(other)]
    return (one.scheme == other.scheme and ports[0] == ports[1]) or (other.scheme == "https" and ports == [80, 443])
