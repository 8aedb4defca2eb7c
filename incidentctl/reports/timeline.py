"""What happened, in order: `incidentctl/timeline/1` for scripts, one line an entry for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypedDict

from incidentctl.incident.entry import Entry
from incidentctl.incident.events import ActionEnded, UpdateSent
from incidentctl.incident.plain import plain, timestamp
from incidentctl.incident.state import Incident
from incidentctl.incident.wire import wire_name
from incidentctl.reports.names import Names
from incidentctl.reports.sentences import Sentences
from incidentctl.reports.status import WIDTH, Status, headline, status
from incidentctl.runbook.model import Runbook
from incidentctl.text.escape import clean, columns, one_line
from incidentctl.text.times import day, zone, zone_name

WRITTEN_LATE: Final = timedelta(minutes=1)
AUTHOR: Final = 12
CLOCK: Final = len("03:12:00  ")


class TimelineEntry(TypedDict):
    """One entry; `prompt` is null where no reply made it."""

    seq: int
    occurred_at: str
    recorded_at: str
    kind: str
    author: str
    role: str
    prompt: str | None
    text: str
    data: dict[str, object]


class Timeline(TypedDict):
    """`incidentctl/timeline/1` (docs/json.md)."""

    schema: Literal["incidentctl/timeline/1"]
    incident: Status
    entries: list[TimelineEntry]


def timeline(entries: Sequence[Entry], incident: Incident, book: Runbook, now: datetime) -> Timeline:
    """The promised shape; the entries are in the order of the journal."""
    sentences = Sentences(Names(book), zone(incident.timezone))
    return {
        "schema": "incidentctl/timeline/1",
        "incident": status(book, incident, now),
        "entries": [_entry(entry, sentences) for entry in sorted(entries, key=lambda entry: entry.seq)],
    }


def _entry(entry: Entry, sentences: Sentences) -> TimelineEntry:
    return {
        "seq": entry.seq,
        "occurred_at": timestamp(entry.occurred_at),
        "recorded_at": timestamp(entry.recorded_at),
        "kind": wire_name(entry.event).partition("/")[0],
        "author": entry.author,
        "role": entry.role,
        "prompt": entry.prompt,
        "text": sentences.of(entry.event, entry.occurred_at),
        "data": plain(entry.event),
    }


# --- for people --------------------------------------------------------------------------------------------


def timeline_text(entries: Sequence[Entry], incident: Incident, book: Runbook) -> str:
    """One line an entry, in the order in which things occurred, in the incident's time zone.

    An update stands where it was recorded as sent, behind what became of its texts on their way.  A line names each new
    day and each change of the clock.  Texts that were sent and commands stand bare and whole.
    """
    place = zone(incident.timezone)
    sentences = Sentences(Names(book), place)
    lines = [one_line(headline(incident), WIDTH), incident.id]
    before: datetime | None = None
    for entry in sorted(entries, key=lambda entry: (_stands_at(entry), entry.seq)):
        at = _stands_at(entry).astimezone(place)
        lines += _new_day(at, before)
        lines += _spoken(entry, at, sentences)
        lines += _bare(entry)
        before = at
    return "\n".join(lines) + "\n"


def _new_day(at: datetime, before: datetime | None) -> list[str]:
    """The date where it changed; the clock where it was put forward or back."""
    if before is None or at.date() != before.date():
        return ["", f"{day(at)}, times are {_zone(at)}"]
    return [f"From here on times are {_zone(at)}."] if at.utcoffset() != before.utcoffset() else []


def _zone(at: datetime) -> str:
    """`CET (UTC+01:00)`"""
    offset = f"{at:%z}"
    return zone_name(at) if zone_name(at) == "UTC" else f"{zone_name(at)} (UTC{offset[:3]}:{offset[3:5]})"


def _spoken(entry: Entry, at: datetime, sentences: Sentences) -> Iterator[str]:
    """Clock, author and sentence, broken at 80 columns."""
    author = one_line(entry.author, AUTHOR)
    author += " " * (AUTHOR - columns(author))
    sentence = clean(sentences.of(entry.event, entry.occurred_at) + _written(entry, at), lines=True)
    margin = " " * (CLOCK + AUTHOR + 2)
    first = f"{at:%H:%M:%S}  {author}  "
    for paragraph in sentence.splitlines() or [""]:
        for line in wrapped(paragraph, WIDTH - len(margin)):
            yield (first + line).rstrip()
            first = margin


def wrapped(text: str, width: int) -> Iterator[str]:
    """`text` in lines of at most `width` columns, in which a wide character counts twice; at least one line."""
    line, used = "", -1
    for word in text.split(" "):
        size = columns(word)
        if used + 1 + size <= width:
            line += f" {word}" if used >= 0 else word
            used += 1 + size
            continue
        if used >= 0:
            yield line
        *full, line = _pieces(word, width)
        yield from full
        used = columns(line)
    yield line


def _pieces(word: str, width: int) -> list[str]:
    """A word that is longer than a line, cut where each line is full."""
    pieces, used = [""], 0
    for char in word:
        size = columns(char)
        if used + size > width:
            pieces.append("")
            used = 0
        pieces[-1] += char
        used += size
    return pieces


def _stands_at(entry: Entry) -> datetime:
    """An update occurred when its text was made (P-COMMS-1), and went out later: people read when it went out."""
    return entry.recorded_at if isinstance(entry.event, UpdateSent) else entry.occurred_at


def _written(entry: Entry, at: datetime) -> str:
    """When it was written down, where that was not at once; of an update, when its text was made."""
    if abs(entry.recorded_at - entry.occurred_at) <= WRITTEN_LATE:
        return ""
    is_update = isinstance(entry.event, UpdateSent)
    other = (entry.occurred_at if is_update else entry.recorded_at).astimezone(at.tzinfo)
    date = "" if other.date() == at.date() else f"{other.day} {other:%B}, "
    return f" ({'its text was ' if is_update else ''}written {date}{other:%H:%M})"


def _bare(entry: Entry) -> list[str]:
    """What was sent and what was run, as it was: nothing before it, nothing broken, nothing left out."""
    match entry.event:
        case UpdateSent(texts=texts):
            return [line for text in texts for line in (f"To {clean(text.audience)}:", clean(text.text, lines=True))]
        case ActionEnded(command=command) if command:
            return [clean(command, lines=True)]
        case _:
            return []
