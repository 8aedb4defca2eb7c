"""The journal and the change log in one SQLite file: what one person on one machine needs, and no server."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from incidentctl.clock import random_id
from incidentctl.errors import StoreUnreachable
from incidentctl.incident.entry import Entry
from incidentctl.incident.plain import timestamp
from incidentctl.incident.words import Change
from incidentctl.journal import schema
from incidentctl.journal.interface import not_yet_kept

_BUSY_SECONDS: Final = 3.0
_FULL_SYNC: Final = ("PRAGMA synchronous = FULL", "PRAGMA fullfsync = ON")
_ELSEWHERE: Final = "or name another store with --store PATH."
_DAMAGED: Final = f"Copy it and try `.recover` of sqlite3 on the copy, {_ELSEWHERE}"
_TROUBLE: Final = {
    sqlite3.SQLITE_FULL: ("the disk is full", f"Free some space, {_ELSEWHERE}"),
    sqlite3.SQLITE_READONLY: ("it is read-only", f"Make the file and its directory writable, {_ELSEWHERE}"),
    sqlite3.SQLITE_BUSY: ("another program holds it locked", f"Close what has it open, {_ELSEWHERE}"),
    sqlite3.SQLITE_LOCKED: ("another program holds it locked", f"Close what has it open, {_ELSEWHERE}"),
    sqlite3.SQLITE_NOTADB: ("it is not an incidentctl store", f"Move the file away, {_ELSEWHERE}"),
    sqlite3.SQLITE_CORRUPT: ("the file is damaged", _DAMAGED),
    # SQLite says this also where there was no room for the file that its readers share.
    sqlite3.SQLITE_IOERR: ("the disk is full or faulty", f"Free some space, look at the disk, {_ELSEWHERE}"),
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", f"Make its directory readable and writable, {_ELSEWHERE}"),
}


class SqliteFile:
    """The store in the file at `path`, made with its directory where it is not there: 0600 in 0700.

    Raises StoreUnreachable where it cannot be opened, is another program's, or might have been planted by somebody
    else.  A store that a newer version wrote can be read; writing to it raises.  Used by the thread that opened it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            _make(path)
            _refuse_planted(path)
            self._database = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            with self._explained():
                self._newer = self._prepare()
        except StoreUnreachable:
            self._database.close()
            raise

    def close(self) -> None:
        """Let go of the file.  What was appended is durable already, so an error here loses nothing."""
        with suppress(sqlite3.Error):
            self._database.close()

    def examined(self) -> str:
        """The journal mode, after a write that is taken back and a look at every page.  Raises StoreUnreachable."""
        self._refuse_newer()
        with self._explained():
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._database.execute("CREATE TABLE probe (x)")
            finally:
                self._database.execute("ROLLBACK")
            said = str(self._database.execute("PRAGMA quick_check(1)").fetchone()[0])
            mode = str(self._database.execute("PRAGMA journal_mode").fetchone()[0])
        if said != "ok":
            raise _unusable(self._path, f"the file is damaged: {said}", _DAMAGED)
        return mode

    def _refuse_newer(self) -> None:
        if self._newer:
            raise StoreUnreachable(
                f"{self._path} was written by a newer incidentctl: this one can read it, not write to it",
                f"Update incidentctl, {_ELSEWHERE}",
            )

    def _prepare(self) -> bool:
        """Make the tables where the file is empty; True where a newer version wrote it."""
        for setting in _FULL_SYNC:
            self._database.execute(setting)
        if self._number("PRAGMA application_id") != schema.APPLICATION_ID:
            # SQLite does not let two processes wait for each other while one of them turns WAL on.
            with _directory(self._path.parent) as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                self._create()
        return self._number("PRAGMA user_version") > schema.VERSION

    def _create(self) -> None:
        """Write the tables, unless another process just did, or the file is not ours."""
        identity = self._number("PRAGMA application_id")
        if identity == schema.APPLICATION_ID:
            return
        if identity or self._number("PRAGMA schema_version"):
            raise _unusable(self._path, "it is another program's database", f"Move the file away, {_ELSEWHERE}")
        self._database.execute("PRAGMA journal_mode = WAL")
        with self._writing():
            for statement in schema.CREATE:
                self._database.execute(statement)

    def _number(self, statement: str, *values: str) -> int:
        return int(self._database.execute(statement, values).fetchone()[0])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction, which holds the write lock from its start; durable when it ends, or as if it never was."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error) and _code(error) == sqlite3.SQLITE_IOERR:
                self._take_back()
            raise

    def _take_back(self) -> None:
        """Write over what a failed sync left in the log, or whoever opens the store next would find it there.

        The version is written again because that changes nothing.  Its own sync may fail too: what counts is that
        the pages of the refused entry are no longer valid.
        """
        with suppress(sqlite3.Error):
            version = self._number("PRAGMA user_version")
            self._database.execute(f"PRAGMA user_version = {version}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what SQLite and the file system say into words for the person."""
        try:
            yield
        except sqlite3.Error as error:
            reason, hint = _TROUBLE.get(_code(error), (str(error), f"Look at the file, {_ELSEWHERE}"))
            raise _unusable(self._path, reason, hint) from error
        except OSError as error:
            reason = error.strerror or str(error)
            raise _unusable(self._path, reason, f"Make its directory writable, {_ELSEWHERE}") from error


class SqliteJournal(SqliteFile):
    """A `Journal` in the file at `path`."""

    def append(self, incident: str, entries: Sequence[Entry], *, expected_seq: int) -> None:
        """Make `entries` durable, all or none.  Raises Conflict and StoreUnreachable."""
        self._refuse_newer()
        with self._explained(), self._writing():
            last_seq = self._number(schema.LAST_SEQ, incident)
            ids = [row[0] for row in self._database.execute(schema.IDS, (incident, expected_seq, len(entries)))]
            fresh = not_yet_kept(entries, expected_seq, last_seq=last_seq, ids=ids)
            self._database.executemany(schema.INSERT, [schema.row_of(incident, entry) for entry in fresh])

    def read(self, incident: str, *, after: int = 0) -> Sequence[Entry]:
        """The entries with a seq greater than `after`, in order.  Raises StoreUnreachable."""
        with self._explained():
            rows = self._database.execute(schema.READ, (incident, after)).fetchall()
        try:
            return [schema.entry_of(row) for row in rows]
        except ValueError as error:
            raise _unusable(self._path, f"an entry of {incident} is damaged: {error}", _DAMAGED) from error

    def last_seq(self, incident: str) -> int:
        """The last seq, 0 for an unknown incident.  Raises StoreUnreachable."""
        with self._explained():
            return self._number(schema.LAST_SEQ, incident)

    def incidents(self) -> Sequence[str]:
        """The ids of all incidents, oldest first.  Raises StoreUnreachable."""
        with self._explained():
            return [row[0] for row in self._database.execute(schema.INCIDENTS)]

    def outlines(self) -> Mapping[str, str]:
        """What is remembered of each incident that nothing was appended to since; empty where it cannot be read."""
        with suppress(sqlite3.Error):
            return dict(self._database.execute(schema.OUTLINES).fetchall())
        return {}

    def remember(self, outlines: Mapping[str, tuple[int, str]]) -> None:
        """Keep them, where nothing was appended since; where that fails, the next command works them out again."""
        if self._newer:
            return
        with suppress(sqlite3.Error), self._writing():
            self._database.execute(schema.CREATE_OUTLINE)
            rows = [(incident, seq, text) for incident, (seq, text) in outlines.items()]
            self._database.executemany(schema.REMEMBER, rows)


class SqliteChanges(SqliteFile):
    """A change log (`changes.Changes`) in the same file, in a table that is made when it is first needed."""

    def record(self, change: Change) -> str:
        """Make `change` durable; its id.  Raises StoreUnreachable."""
        self._refuse_newer()
        name = random_id()
        with self._explained(), self._writing():
            for statement in schema.CREATE_CHANGE:
                self._database.execute(statement)
            self._database.execute(schema.INSERT_CHANGE, schema.change_row_of(name, change))
        return name

    def ended(self, name: str, at: datetime, status: int) -> None:
        """Write down how the change of that id ended.  Raises StoreUnreachable."""
        self._refuse_newer()
        with self._explained(), self._writing():
            self._database.execute(schema.END_CHANGE, (timestamp(at), status, name))

    def since(self, service: str, moment: datetime) -> Sequence[Change]:
        """What began or ended at `moment` or later, the newest first.  Raises StoreUnreachable."""
        since = timestamp(moment)
        return self._changes(schema.CHANGES_SINCE, service, since, since)

    def all(self, service: str | None = None) -> Sequence[Change]:
        """Everything, of one service or of all, the newest first.  Raises StoreUnreachable."""
        return self._changes(schema.CHANGES) if service is None else self._changes(schema.CHANGES_OF, service)

    def _changes(self, statement: str, *values: str) -> Sequence[Change]:
        with self._explained():
            if not self._number(schema.HAS_CHANGES):
                return []
            rows = self._database.execute(statement, values).fetchall()
        try:
            return [schema.change_of(row) for row in rows]
        except ValueError as error:
            raise _unusable(self._path, f"a line of the change log is damaged: {error}", _DAMAGED) from error


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code, which is the low byte; the rest says which of its kinds."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _unusable(path: Path, reason: str, hint: str) -> StoreUnreachable:
    return StoreUnreachable(f"The incident store {path} cannot be used: {reason}", hint)


def _make(path: Path) -> None:
    """The directories and an empty file, for their owner alone, where they are not there yet."""
    if path.exists():
        return
    missing = [directory for directory in path.parents if not directory.exists()]
    for directory in reversed(missing):
        directory.mkdir(mode=0o700, exist_ok=True)
        with _directory(directory.parent) as handle:
            os.fsync(handle)  # else a power cut may forget the new directory, with everything in it
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))


@contextmanager
def _directory(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)


def _refuse_planted(path: Path) -> None:
    """Refuse a place where somebody else may have put a link or a file before us."""
    directory = path.parent.stat()
    me = os.geteuid()
    others_write = bool(directory.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    link = path.parent.lstat()
    if (directory.st_uid != me and others_write) or (stat.S_ISLNK(link.st_mode) and link.st_uid not in (me, 0)):
        raise _unusable(path, "others can put files into its directory", "Use a directory of your own: --store FILE.")
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        with suppress(FileNotFoundError):
            status = path.with_name(name).lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_uid not in (me, directory.st_uid):
                raise _unusable(path, f"`{name}` is not an ordinary file of yours", f"Move it away, {_ELSEWHERE}")
