"""What every source needs of a JSON tree that may hold anything: texts, moments and addresses, or nothing.

Nothing here raises.  A value of the wrong type is as good as none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Final
from urllib.parse import quote, urlsplit

from incidentctl.incident.alert import AlertLabel, AlertLink
from incidentctl.text.escape import clean, one_line
from incidentctl.text.redact import redact

Tree = Mapping[str, object]
"""A JSON object."""

TITLE: Final = 200
ROW: Final = 300
MOST_LABELS: Final = 40
MOST_LINKS: Final = 12
MOST_ROWS: Final = 20
MOST_NAMES: Final = 20
_NAME: Final = 100
_READ: Final = 4000
_LONGEST_URL: Final = 2000
# RFC 3986: what may stand in an address as it is.  Braces may not, so that no address is ever a template.
_IN_ADDRESSES: Final = "%/:?#[]@!$&'()*+,;=-._~"
_NO_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Alertmanager writes the year 1 for "not yet"; no alert of ours fired in the last century."""
_SECONDS_UP_TO: Final = 1e11


# --- the tree ----------------------------------------------------------------------------------------------


def below(tree: object, *keys: str) -> Tree:
    """The object at the end of `keys`; an empty one where there is none."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree if isinstance(tree, Mapping) else {}


def listed(tree: Tree, key: str) -> list[object]:
    """The items of the list under `key`; none where it is no list."""
    items = tree.get(key)
    return items if isinstance(items, list) else []


def objects(tree: Tree, key: str) -> list[Tree]:
    """Those items of the list under `key` that are objects."""
    return [item for item in listed(tree, key) if isinstance(item, Mapping)]


def text_at(tree: Tree, *keys: str, width: int = ROW) -> str:
    """The first of `keys` that holds a text or a number: on one line, clean, and without secrets; else empty."""
    return next((text for key in keys if (text := worded(tree.get(key), width))), "")


def worded(value: object, width: int = ROW) -> str:
    """A text or a number as a person may read it: one line, clean, and without secrets; empty for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return one_line(redact(one_line(redact(_begin(str(value))), _READ)), width)


def _begin(text: str) -> str:
    """As much of a text as anybody reads, cut between two words: half a secret does not look like one."""
    text = clean(text, lines=True).strip()
    if len(text) <= _READ:
        return text
    return text[:_READ].rsplit(None, 1)[0]


# --- what alerts are made of -------------------------------------------------------------------------------


def labels_of(tree: Tree) -> tuple[AlertLabel, ...]:
    """Every pair of texts in `tree`, in its order."""
    pairs = (_label(name, value) for name, value in islice(tree.items(), MOST_LABELS))
    return tuple(label for label in pairs if label is not None)


def _label(name: str, value: object) -> AlertLabel | None:
    key, text = worded(name, _NAME), worded(value)
    # The value alone does not show that it is a secret: `password` beside it does.
    seen = redact(f"{key}: {text}")
    value_ = text if seen == f"{key}: {text}" else one_line(seen.partition(": ")[2], ROW)
    return AlertLabel(key, value_) if key and text else None


def value_of(labels: Iterable[AlertLabel], *names: str) -> str:
    """The value of the first of `names` among `labels`; empty where there is none."""
    known = {label.name: label.value for label in labels}
    return next((known[name] for name in names if name in known), "")


def tagged(tags: Iterable[object]) -> tuple[AlertLabel, ...]:
    """Tags such as `service:checkout`, as labels; a tag without a colon is a name without a value, and left out."""
    pairs = (worded(tag).partition(":") for tag in islice(tags, MOST_LABELS))
    return labels_of({name.strip(): value.strip() for name, _, value in pairs if value.strip()})


def unique(texts: Iterable[str], most: int = MOST_NAMES) -> tuple[str, ...]:
    """Each text that is not empty, once, in order, at most so many."""
    return tuple(islice(dict.fromkeys(filter(None, texts)), most))


def links_of(*links: tuple[str, object]) -> tuple[AlertLink, ...]:
    """Those pairs of a title and an address that can be opened, each address once."""
    found: dict[str, AlertLink] = {}
    for title, value in dict.fromkeys((title, value) for title, value in links if isinstance(value, str)):
        url = address(value) if len(found) < MOST_LINKS else ""
        if url:
            found.setdefault(url, AlertLink(worded(title, _NAME), url))
    return tuple(found.values())


def address(value: object) -> str:
    """An http or https address, without passwords, with all that does not belong into one encoded; else empty."""
    if not isinstance(value, str) or len(value) > _LONGEST_URL or "://" not in value:
        return ""
    text = redact(clean(value).strip())
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname)
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not named:
        return ""
    return redact(quote(text, safe=_IN_ADDRESSES + "<>"))


# --- moments -----------------------------------------------------------------------------------------------


def moment(*values: object) -> datetime | None:
    """The first of `values` that is a moment: RFC 3339, or seconds to nanoseconds since 1970.

    It is in UTC, to the millisecond; one without a time zone is taken as UTC.
    """
    return next((at for value in values if (at := _moment(value)) is not None), None)


def _moment(value: object) -> datetime | None:
    try:
        at = _since_1970(value) if _is_number(value) else _written(value)
        return at.replace(microsecond=at.microsecond // 1000 * 1000) if at and at >= _NO_MOMENT else None
    except (ValueError, OverflowError, OSError):
        return None


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[0-9]{9,19}(\.[0-9]{1,9})?", value.strip()) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _since_1970(value: object) -> datetime:
    count = float(str(value))
    while count > _SECONDS_UP_TO:  # milliseconds, microseconds, nanoseconds
        count /= 1000
    return datetime.fromtimestamp(count, UTC)


def _written(value: object) -> datetime | None:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value.strip()):
        return None
    at = datetime.fromisoformat(value.strip()[:64])
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of the moments that are known."""
    return min((at for at in moments if at is not None), default=None)


def besides(title: str, *texts: str) -> Iterator[str]:
    """Those texts that say something that the title does not."""
    seen = {title, ""}
    for text in texts:
        if text not in seen:
            seen.add(text)
            yield text
