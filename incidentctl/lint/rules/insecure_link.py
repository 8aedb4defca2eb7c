"""A link goes over the open network unencrypted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from incidentctl.lint.addresses import OPENED, addresses, headers, masked
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject

SLUG: Final = "insecure-link"
SEVERITY: Final[Severity] = "warning"
_INSIDE: Final = (
    ".localhost", ".local", ".internal", ".svc", ".lan", ".corp", ".intranet", ".localdomain", ".home.arpa",
)  # fmt: skip


def check(subject: Subject) -> Iterator[Found]:
    """`http://` where a person opens it, a status page is read, or headers or texts are sent along."""
    with_headers = {route[:-2] for route, _, _ in headers(subject)}
    for address in addresses(subject):
        matters = address.kind in (*OPENED, "statuspage", "webhook") or address.route[:-1] in with_headers
        if matters and goes_over_the_net(address.text):
            yield Found(address.route, "`http://` can be read and changed on its way", "Write `https://`.")


def goes_over_the_net(text: str) -> bool:
    """Whether an address is plain `http` and its host not one that only the inside of a network knows."""
    found = _http().match(text)
    if found is None or masked(found[1]) != found[1]:
        return False
    host = found[1].lower().rstrip(".")
    return "." in host and not host.endswith(_INSIDE) and not _private().match(host)


@cache
def _http() -> re.Pattern[str]:
    return re.compile(r"http://(?:[^\s/?#@]*@)?([^\s/?#:\[\]]+)", re.IGNORECASE)


@cache
def _private() -> re.Pattern[str]:
    return re.compile(r"(?:127|10)\.[\d.]+$|192\.168\.[\d.]+$|172\.(?:1[6-9]|2\d|3[01])\.[\d.]+$|169\.254\.[\d.]+$")
