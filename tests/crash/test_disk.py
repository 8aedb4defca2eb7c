"""What the disk is told, and what it may answer: seen, and injected, with strace."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from incidentctl.journal.sqlite import SqliteJournal
from tests.journal.entries import INCIDENT, entries
from tests.needs import needs

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with three entries, properly closed."""
    path = tmp_path / "incidents.db"
    with closing(SqliteJournal(path)) as journal:
        journal.append(INCIDENT, entries(1, 3), expected_seq=0)
    return path


@pytest.fixture
def strace() -> str:
    return needs("strace", "-e", "trace=none", "true")


def append(store: Path, *tracer: str, last: int = 6) -> list[str]:
    """What the appender says, which adds the entries 4 to `last` one by one."""
    command = [*tracer, sys.executable, "-m", "tests.crash.appender", str(store), "4", str(last), "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def found(store: Path) -> int:
    with closing(SqliteJournal(store)) as journal:
        there = journal.read(INCIDENT)
    assert there == entries(1, len(there))
    return len(there)


def test_each_append_is_on_the_disk_before_anything_is_shown(store: Path, tmp_path: Path, strace: str) -> None:
    trace = tmp_path / "trace"
    said = append(store, strace, "-f", "-y", "-o", str(trace), "-e", "trace=fsync,fdatasync,write")
    assert said == ["opened", "kept 4", "kept 5", "kept 6"]
    calls = re.findall(r"(fsync|fdatasync)\(\d+<[^>]*-wal>\) += 0|write\(1<[^>]*>, \"(\w+)", trace.read_text())
    story = ["synced" if sync else word for sync, word in calls]
    # Opening may sync as often as it likes; afterwards there is at least one sync before each word.
    shown = "".join(f"{word} " for word in story[story.index("opened") :])
    assert re.fullmatch(r"opened ((synced )+kept ){3}(synced )*", shown), shown


FULL_OR_FAULTY = "the disk is full or faulty"
INJECTIONS = {
    "no room for a store": ("", "pwrite64:error=ENOSPC", FULL_OR_FAULTY),
    "no room for an entry": ("-wal", "pwrite64:error=ENOSPC", "the disk is full"),
    "no room in the midst of an entry": ("-wal", "pwrite64:error=ENOSPC:when=2+", "the disk is full"),
    "no room for the second entry": ("-wal", "pwrite64:error=ENOSPC:when=4+", "the disk is full"),
    "it cannot be written": ("-wal", "pwrite64:error=EIO", FULL_OR_FAULTY),
    "it cannot be synced": ("-wal", "fsync,fdatasync:error=EIO", FULL_OR_FAULTY),
    "it cannot be synced the third time": ("-wal", "fsync,fdatasync:error=EIO:when=3+", FULL_OR_FAULTY),
}


@pytest.mark.parametrize("name", INJECTIONS)
def test_a_disk_that_fails_is_said_so_and_earlier_entries_are_intact(store: Path, name: str, strace: str) -> None:
    suffix, injection, sentence = INJECTIONS[name]
    only = ["-P", f"{store}{suffix}"] if suffix else []
    *before, last = append(store, strace, "-f", "-o", "/dev/null", *only, "-e", f"inject={injection}")
    assert last == f"refused The incident store {store} cannot be used: {sentence}"
    assert found(store) == 3 + sum(line.startswith("kept") for line in before)


def test_a_store_on_a_read_only_disk_is_said_so(store: Path, strace: str) -> None:
    paths = [word for suffix in ("", "-wal", "-shm", "-journal") for word in ("-P", f"{store}{suffix}")]
    said = append(store, strace, "-f", "-o", "/dev/null", *paths, "-e", "inject=openat:error=EROFS")
    assert len(said) == 1
    assert said[0].startswith(f"refused The incident store {store} cannot be used: ")
    assert found(store) == 3


def test_a_new_store_on_a_read_only_disk_is_said_so(tmp_path: Path, strace: str) -> None:
    store = tmp_path / "state" / "incidents.db"
    said = append(store, strace, "-f", "-o", "/dev/null", "-e", "inject=mkdir,mkdirat:error=EROFS")
    assert said == [f"refused The incident store {store} cannot be used: Read-only file system"]
    assert not store.parent.exists()


def test_a_disk_that_takes_no_more_is_said_so_and_earlier_entries_are_intact(store: Path) -> None:
    """A limit on the size of files: the same walls as a full disk, and no tool needed."""
    limit = 200_000
    command = [sys.executable, "-m", "tests.crash.appender", str(store), "4", "1000", "1"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    *before, last = done.stdout.splitlines()
    assert last.startswith(f"refused The incident store {store} cannot be used: ")
    assert found(store) == int(before[-1].removeprefix("kept "))
