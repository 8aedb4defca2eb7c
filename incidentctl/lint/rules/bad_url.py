"""An address leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from incidentctl.lint.addresses import OPENED, Address, addresses, begins_later, masked
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.runbook.find import near

SLUG: Final = "bad-url"
SEVERITY: Final[Severity] = "error"

_HTTP: Final = ("https", "http")
_SCHEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "redis": ("redis", "rediss", "unix", "valkey", "valkeys"),
    "postgres": ("postgresql", "postgres"),
    "end_queries": ("postgresql", "postgres"),
}
_WITHOUT_SLASHES: Final = ("mailto", "tel", "sms", "sip", "xmpp", "slack", "msteams", "skype", "zoommtg")


def check(subject: Subject) -> Iterator[Found]:
    """Every `url`, `dsn` and status page that nothing can open."""
    for address in addresses(subject):
        wrong = what_is_wrong(address)
        if wrong:
            hint = f"Write the whole address: `{_example(address)}`."
            yield Found(address.route, f"`{_short(address.text)}` {wrong}", hint)


def what_is_wrong(address: Address) -> str:
    """Why the address cannot be opened, to be read behind it; nothing where it can."""
    text = masked(address.text)
    placeholder = _placeholder().search(text)
    if placeholder:
        return f"still has the placeholder `{placeholder[0]}`"
    if address.route[-1] == "dsn" and "://" not in text:
        return "" if "=" in text or begins_later(address.text) else "is neither an address nor `key=value`"
    if len(text.split()) > 1:
        return "has a space in it"
    if begins_later(address.text) or _is_clone_address(address):
        return ""
    return _wrong_scheme(text, address) or _wrong_host(text)


def _wrong_scheme(text: str, address: Address) -> str:
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or not (rest.startswith("//") or scheme in (*_HTTP, *_WITHOUT_SLASHES)):
        return "does not begin with `https://`" if address.kind in OPENED else "does not say how it is reached"
    if address.kind not in OPENED:
        allowed = _SCHEMES.get(address.kind, _HTTP)
        return "" if scheme in allowed else f"begins with `{scheme}:`, and not with `{allowed[0]}:`"
    if scheme in _HTTP or not near(scheme, _HTTP, 1):
        return ""
    return f"begins with `{scheme}:`, and not with `https:`"


def _wrong_host(text: str) -> str:
    if not text.lower().startswith(("http:", "https:")):
        return ""
    found = _host().match(text)
    if found is None:
        return "names no host that there can be"
    return "has a port that there is not" if found["port"] and not 0 < int(found["port"][:6]) < 65536 else ""


def _is_clone_address(address: Address) -> bool:
    """`git@git.example.com:shop/checkout.git`, which people paste after `git clone`."""
    return address.link_type == "repo" and re.match(r"[\w.-]+@[\w.-]+:\S", address.text) is not None


@cache
def _placeholder() -> re.Pattern[str]:
    return re.compile(r"<[A-Za-z][\w .-]{0,60}>")


@cache
def _host() -> re.Pattern[str]:
    return re.compile(
        r"https?://(?:[^\s/?#@]*@)?(?:\[[0-9a-f:.%]+\]|(?!https?:)[\w-]+(?:\.[\w-]+)*\.?)(?::(?P<port>\d*))?(?:[/?#]|$)",
        re.IGNORECASE,
    )


def _example(address: Address) -> str:
    if address.kind in _SCHEMES:
        return f"{_SCHEMES[address.kind][0]}://host/name"
    return "https://host/path"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
