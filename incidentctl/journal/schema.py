"""How an entry stands in a table: the statements, and one row as an Entry and back.

Docs: `docs/journal.md`.  A changed table gets a new `VERSION`; an older program then reads it and does not write.
A new table that older programs can do without (`outline`, `change`) is made when it is first needed, and they go on.
"""

from __future__ import annotations

from typing import Final

from incidentctl.incident.entry import Entry
from incidentctl.incident.plain import timestamp
from incidentctl.incident.words import Change
from incidentctl.journal.codec import decode, encode, moment_of, storable

APPLICATION_ID: Final = 0x696E6374
"""`inct` in ASCII, in the header of every store, so that another program's file is never written to."""
VERSION: Final = 1

CREATE_OUTLINE: Final = """
    CREATE TABLE IF NOT EXISTS outline (
        incident TEXT    PRIMARY KEY,
        seq      INTEGER NOT NULL,
        text     TEXT    NOT NULL
    ) WITHOUT ROWID
"""
"""A cache, made when it is first needed: whoever does not know it can do without it, and it may be dropped any time."""

# WITHOUT ROWID: an entry is one row in one B-tree, so an append writes one page.  The index holds one small line per
# incident; without it, naming the incidents would read every runbook that was ever pinned.
CREATE: Final = (
    """
    CREATE TABLE entry (
        incident    TEXT    NOT NULL,
        seq         INTEGER NOT NULL,
        id          TEXT    NOT NULL,
        occurred_at TEXT    NOT NULL,
        recorded_at TEXT    NOT NULL,
        author      TEXT    NOT NULL,
        role        TEXT    NOT NULL,
        prompt      TEXT,
        kind        TEXT    NOT NULL,
        data        TEXT    NOT NULL,
        PRIMARY KEY (incident, seq)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX incident ON entry (incident) WHERE seq = 1",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
# The change log.  A service is found however its letters are written; a change is one row, which its end completes.
CREATE_CHANGE: Final = (
    """
    CREATE TABLE IF NOT EXISTS change (
        id       TEXT NOT NULL PRIMARY KEY,
        service  TEXT NOT NULL COLLATE NOCASE,
        text     TEXT NOT NULL,
        command  TEXT NOT NULL,
        at       TEXT NOT NULL,
        author   TEXT NOT NULL,
        ended_at TEXT,
        status   INTEGER
    )
    """,
    "CREATE INDEX IF NOT EXISTS change_of_service ON change (service, at)",
)
INSERT: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
READ: Final = """
    SELECT seq, id, occurred_at, recorded_at, author, role, prompt, kind, data
    FROM entry WHERE incident = ? AND seq > ? ORDER BY seq
"""
IDS: Final = "SELECT id FROM entry WHERE incident = ? AND seq > ? ORDER BY seq LIMIT ?"
LAST_SEQ: Final = "SELECT coalesce(max(seq), 0) FROM entry WHERE incident = ?"
INCIDENTS: Final = "SELECT incident FROM entry WHERE seq = 1 ORDER BY incident"
OUTLINES: Final = """
    SELECT incident, text FROM outline
    WHERE seq = (SELECT max(seq) FROM entry WHERE entry.incident = outline.incident)
"""
REMEMBER: Final = """
    INSERT OR REPLACE INTO outline
    SELECT ?1, ?2, ?3 WHERE ?2 = (SELECT max(seq) FROM entry WHERE incident = ?1)
"""
INSERT_CHANGE: Final = "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
END_CHANGE: Final = "UPDATE change SET ended_at = ?, status = ? WHERE id = ?"
HAS_CHANGES: Final = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'change'"
_CHANGE: Final = "SELECT service, text, at, author, ended_at, status, command FROM change"
_NEWEST_FIRST: Final = "ORDER BY at DESC, rowid DESC"
CHANGES: Final = f"{_CHANGE} {_NEWEST_FIRST}"
CHANGES_OF: Final = f"{_CHANGE} WHERE service = ? {_NEWEST_FIRST}"
CHANGES_SINCE: Final = f"{_CHANGE} WHERE service = ? AND (at >= ? OR ended_at >= ?) {_NEWEST_FIRST}"

Row = tuple[int, str, str, str, str, str, str | None, str, str]
"""What `READ` selects."""
ChangeRow = tuple[str, str, str, str, str | None, int | None, str]
"""What the statements about changes select."""


def row_of(incident: str, entry: Entry) -> tuple[str, *Row]:
    """What `INSERT` takes."""
    return (
        incident,
        entry.seq,
        entry.id,
        timestamp(entry.occurred_at),
        timestamp(entry.recorded_at),
        storable(entry.author),
        storable(entry.role),
        None if entry.prompt is None else storable(entry.prompt),
        *encode(entry.event),
    )


def entry_of(row: Row) -> Entry:
    """The entry of a row.  Raises ValueError where its times are damaged."""
    seq, entry_id, occurred_at, recorded_at, author, role, prompt, kind, data = row
    return Entry(
        entry_id, seq, moment_of(occurred_at), moment_of(recorded_at), author, role, prompt, decode(kind, data)
    )


def change_row_of(name: str, change: Change) -> tuple[str, str, str, str, str, str, str | None, int | None]:
    """What `INSERT_CHANGE` takes."""
    return (
        name,
        storable(change.service),
        storable(change.text),
        storable(change.command),
        timestamp(change.at),
        storable(change.by),
        None if change.ended_at is None else timestamp(change.ended_at),
        change.status,
    )


def change_of(row: ChangeRow) -> Change:
    """The change of a row.  Raises ValueError where its times are damaged."""
    service, text, at, author, ended_at, status, command = row
    ended = None if ended_at is None else moment_of(ended_at)
    return Change(service, text, moment_of(at), author, ended, status, command)
