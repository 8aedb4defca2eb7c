"""What the checks that ask over HTTP share: addresses, foreign JSON, and keeping to ourselves what only we know."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import Final
from urllib.parse import SplitResult, quote, quote_plus, unquote, unquote_plus, urlencode, urlsplit, urlunsplit

from incidentctl.checks.interface import Checker, Found, Inquiry, Unknown
from incidentctl.http import Unanswered
from incidentctl.incident.words import Row
from incidentctl.text.escape import clean, one_line
from incidentctl.text.foreign import text
from incidentctl.text.redact import REDACTED
from incidentctl.text.times import clock_time

_MOST_ROWS: Final = 20  # more than anybody reads at night
_LONGEST: Final = 300
_SHORTEST_SECRET: Final = 6  # a shorter one cannot be told from other words
# A tenant's name (Mimir, Cortex) and these are no keys; blanked out they would take the sense out of what is said.
_HARMLESS: Final = frozenset({"accept", "accept-language", "content-type", "user-agent", "x-scope-orgid"})
_SCHEMES: Final = frozenset({"bearer", "basic", "digest", "apikey"})


# --- what is said ------------------------------------------------------------------------------------------


def discreet(ask: Checker) -> Checker:
    """`ask`, on lines of bounded length, without what the server can only know from us.

    A server may say back what it was told: the value of a header, a password, `?token=`.
    """

    @wraps(ask)
    async def asked(inquiry: Inquiry) -> Found:
        secrets = _secrets(inquiry)
        try:
            found = await ask(inquiry)
        except (Unknown, Unanswered) as error:
            error.message = _bounded(error.message, secrets)
            error.args = (error.message,)
            raise
        rows = tuple(Row(*(_bounded(part, secrets) for part in (row.text, row.key))) for row in found.rows[:_MOST_ROWS])
        if len(found.rows) > _MOST_ROWS:
            rows = (*rows, Row(f"and {len(found.rows) - _MOST_ROWS} more"))
        return replace(found, said=_bounded(found.said, secrets), rows=rows)

    return asked


def _secrets(inquiry: Inquiry) -> Sequence[str]:
    """Every word that is sent and may be a key, the longest first."""
    headers, parts = inquiry.below("headers"), split(inquiry.text("url"))
    words = [word for name, value in headers.items() if name.lower() not in _HARMLESS for word in value.split()]
    for pair in parts.query.split("&"):
        words += _spellings(pair.partition("=")[2])
    user, password = parts.username or "", parts.password or ""
    words += [*_spellings(password or user), b64encode(unquote(f"{user}:{password}").encode()).decode()]
    return sorted({w for w in words if len(w) >= _SHORTEST_SECRET and w.lower() not in _SCHEMES}, key=len, reverse=True)


def _spellings(word: str) -> tuple[str, ...]:
    """A part of an address as it was written, as it is meant, and as others may write it."""
    meant = unquote_plus(word)
    return word, meant, quote(meant, safe=""), quote_plus(meant)


def _bounded(text: str, secrets: Sequence[str]) -> str:
    text = clean(text)
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return one_line(text, _LONGEST)


def patience(inquiry: Inquiry) -> float:
    """For how many seconds a server may be asked.

    Ours must pass before the runner's deadline, which says less, and also counts how long httpx takes to load.
    """
    return inquiry.seconds * 0.8


# --- addresses ---------------------------------------------------------------------------------------------


def split(url: str) -> SplitResult:
    """The parts of an address.  Raises Unknown where it has none."""
    try:
        return urlsplit(url.strip())
    except ValueError as error:
        message = "the `url` of this check is no address"
        raise Unknown(message, "Write it as `https://host/path`.") from error


def below(url: str, path: str, query: Sequence[tuple[str, str]] = ()) -> str:
    """The address `path` below `url`, whose own query (`?token=`) stays."""
    parts = split(url)
    asked = "&".join(text for text in (parts.query, urlencode(query)) if text)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + path, asked, ""))


def host(url: str) -> str:
    """Whom an address asks; the rest of it may hold a secret."""
    return split(url).netloc.rpartition("@")[2]


def since(value: object, now: datetime) -> str:
    """`since 02:41 UTC`, with the day where that is not today; empty where `value` is no time (RFC 3339)."""
    try:
        moment = datetime.fromisoformat(text(value))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        # Go writes a time that nobody set as the year 1.
        return f"since {clock_time(moment, UTC, seen_from=now)}" if moment.year > 1970 else ""
    except (ValueError, OverflowError):
        return ""
