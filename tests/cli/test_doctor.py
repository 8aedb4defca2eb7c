"""`doctor`: what the runbooks name, and whether it is reached from here; against real servers."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import socket
import sqlite3
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest

from incidentctl.cli.examining import named, program_of
from incidentctl.cli.reaching import reached, to_ask, to_open
from incidentctl.reports.doctor import Examination, all_is_well, harmless, lines
from tests.cli.conftest import ROOT, Done, Program
from tests.servers.odd_http import OddServer, odd_server
from tests.servers.postgres import any_postgres
from tests.servers.prometheus import any_prometheus
from tests.servers.statuspage import statuspage

PLANTED: Final = "s3cr3t-Zebra-77"
SHAPE: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["schema", "ok", "examinations"],
    "properties": {
        "schema": {"const": "incidentctl/doctor/1"},
        "ok": {"type": "boolean"},
        "examinations": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["subject", "kind", "service", "result", "said", "hint", "took_s"],
                "properties": {
                    "subject": {"type": "string", "minLength": 1},
                    "kind": {
                        "enum": [
                            "program",
                            "store",
                            "runbook",
                            "check",
                            "signal",
                            "link",
                            "person",
                            "channel",
                            "command",
                        ]
                    },
                    "service": {"type": ["string", "null"]},
                    "result": {"enum": ["ok", "failed", "unknown", "skipped"]},
                    "said": {"type": "string"},
                    "hint": {"type": "string"},
                    "took_s": {"type": ["number", "null"]},
                },
            },
        },
    },
}


@pytest.fixture(name="odd")
def _odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with odd_server() as server:
        yield server


@pytest.fixture(name="write")
def _write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - a function
    """Writes the runbook of one service, which is then the only folder there is."""
    folder = tmp_path / "books"
    folder.mkdir()
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    def write(text: str, service: str = "shop") -> Path:
        path = folder / f"{service}.yaml"
        path.write_text(f"format: 1\nservice: {service}\n{text}")
        return path

    return write


EVERYBODY: Final = """\
people:
  on-call: {name: Ana, phone: "+49 30 123456"}
  lead: {name: Bo, pagerduty: PBO0001}
  ic-backup: {name: Cy, pagerduty: PCY0001}
  comms-lead: {name: Di, slack: "@di"}
  support: {name: Ed, email: ed@example.com}
"""


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"127.0.0.1:{taken.getsockname()[1]}"


def about(done: Done, kind: str, subject: str) -> dict[str, Any]:
    """The one examination of that kind whose subject begins so."""
    found = [one for one in done.json["examinations"] if one["kind"] == kind and one["subject"].startswith(subject)]
    assert len(found) == 1, done.out
    one: dict[str, Any] = found[0]
    return one


# --- this machine ------------------------------------------------------------------------------------------


def test_without_any_runbook_the_machine_is_well(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INCIDENTCTL_RUNBOOKS")
    done = program("doctor", "--json")
    jsonschema.validate(done.json, SHAPE)
    assert (done.status, done.json["ok"]) == (0, True)
    assert about(done, "program", "runbooks")["result"] == "skipped"
    assert "incidentctl new" in about(done, "program", "runbooks")["hint"]
    assert about(done, "program", "your name")["said"] == "Ada, from INCIDENTCTL_ME"
    assert about(done, "program", "terminal")["result"] == "skipped"
    store = about(done, "store", "store")
    assert (store["result"], store["said"]) == ("ok", "store.db, by INCIDENTCTL_STORE: not there yet, and can be made")
    assert not (tmp_path / "store.db").exists(), "looking makes nothing"


def test_a_store_is_left_as_it_was(program: Program, tmp_path: Path) -> None:
    program("start", "checkout", "--title", "x")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    done = program("doctor", "search", "--offline", "--json")
    assert about(done, "store", "store")["said"] == (
        "store.db, by INCIDENTCTL_STORE: 1 incident, can be written (SQLite, wal)"
    )
    assert about(done, "store", "permissions of store.db")["said"] == "0600"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        assert "probe" not in {row[0] for row in database.execute("SELECT name FROM sqlite_master")}


def test_a_store_that_others_may_read_or_that_a_newer_version_wrote_is_said(program: Program, tmp_path: Path) -> None:
    program("start", "checkout", "--title", "x")
    store = tmp_path / "store.db"
    store.chmod(0o644)
    done = program("doctor", "search", "--offline", "--json")
    mode = about(done, "store", "permissions of store.db")
    assert (done.status, mode["result"], mode["hint"]) == (1, "failed", f"chmod 600 {store}")
    with closing(sqlite3.connect(store)) as newer:
        newer.execute("PRAGMA user_version = 99")
    done = program("doctor", "search", "--offline", "--json")
    assert "was written by a newer incidentctl" in about(done, "store", "store")["said"]


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("mysql://ada:s3cr3t-Zebra-77@db/incidents", "cannot be used by this version"),
        ("/dev/null/store.db", "/dev/null is no folder"),
        ("/proc/nobody/store.db", "cannot be made"),
    ],
)
def test_a_store_that_cannot_be_is_a_finding(program: Program, store: str, said: str) -> None:
    done = program("doctor", "search", "--offline", "--json", "--store", store)
    found = about(done, "store", "store")
    assert (done.status, found["result"]) == (1, "failed")
    assert said in found["said"]
    assert PLANTED not in done.out + done.err


def test_a_folder_that_is_everybodys_is_not_to_be_closed(program: Program, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    done = program("--store", str(shared / "store.db"), "doctor", "--offline")
    assert "chmod" not in done.out
    assert "Name a store elsewhere: --store PATH" in done.out


def test_somebody_elses_file_is_no_store(program: Program, tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("this is no database, and long enough to be one" * 100)
    done = program("doctor", "search", "--offline", "--json")
    assert "it is not an incidentctl store" in about(done, "store", "store")["said"]
    (tmp_path / "store.db").write_bytes(b"")
    done = program("doctor", "search", "--offline", "--json")
    assert "not there yet" in about(done, "store", "store")["said"]
    assert (tmp_path / "store.db").read_bytes() == b""


def test_a_home_that_cannot_be_written_is_lived_with(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", "/proc/nobody")
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    done = program("doctor", "search", "--offline", "--json")
    for subject in ("bug reports", "cache"):
        found = about(done, "program", subject)
        assert found["result"] == "skipped"
        assert found["said"].startswith("/proc/nobody/")
    monkeypatch.delenv("INCIDENTCTL_STORE")
    done = program("doctor", "search", "--offline", "--json")
    store = about(done, "store", "store")
    assert (store["result"], store["hint"]) == ("failed", "Name another: --store PATH")


# --- what is not there -------------------------------------------------------------------------------------


def test_a_service_or_a_folder_that_is_not_there_is_status_4(program: Program) -> None:
    done = program("doctor", "chekout")
    assert (done.status, done.out) == (4, "")
    assert "Did you mean `checkout`?" in done.err
    assert program("doctor", "--runbooks", "nowhere").status == 4


def test_a_broken_runbook_is_a_finding_and_what_can_be_read_is_examined(program: Program, write: Any) -> None:  # noqa: ANN401
    write(f"{EVERYBODY}severty: {{}}\nlinks: [{{type: dashboard, title: Overview}}]\n")
    write("people: [", "torn")
    done = program("doctor", "--offline", "--json")
    assert done.status == 1
    broken = about(done, "runbook", "books/shop.yaml")
    assert broken["result"] == "failed"
    assert broken["said"].startswith("books/shop.yaml:")
    assert broken["hint"] == "incidentctl lint books/shop.yaml"
    assert about(done, "person", "on-call, Ana")["result"] == "ok"
    assert about(done, "runbook", "books/torn.yaml")["result"] == "failed"


# --- what can be seen without asking -----------------------------------------------------------------------


def test_variables_are_named_and_never_shown(program: Program, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    write(
        EVERYBODY
        + """
signals:
  down: {http: {url: "${SHOP_URL}/health", headers: {Authorization: "Bearer ${SHOP_TOKEN}"}}}
decision_tree:
  - use: slow-database
    look: psql "$SHOP_DB" -c "SELECT 1" | sort -u "$HOME"
"""
    )
    monkeypatch.setenv("SHOP_TOKEN", PLANTED)
    for name in ("SHOP_URL", "SHOP_DB"):
        monkeypatch.delenv(name, raising=False)
    done = program("doctor", "--offline", "--json")
    found = about(done, "runbook", "environment")
    assert (found["result"], found["said"]) == ("failed", "not set: SHOP_URL, SHOP_DB")
    for name in ("SHOP_URL", "SHOP_DB"):
        monkeypatch.setenv(name, PLANTED)
    done = program("doctor", "--offline", "--json")
    found = about(done, "runbook", "environment")
    assert (found["result"], found["said"]) == ("ok", "set: SHOP_URL, SHOP_TOKEN, SHOP_DB")
    assert PLANTED not in done.out + done.err + program("doctor").out


def test_people_channels_and_programs(program: Program, write: Any, tmp_path: Path) -> None:  # noqa: ANN401
    ran = tmp_path / "ran"
    tool = tmp_path / "tool"
    tool.write_text(f"#!/bin/sh\ntouch {ran}\n")
    tool.chmod(0o755)
    write(f"""\
people:
  on-call: {{name: Ana}}
  comms-lead: {{name: Di, email: nowhere}}
  support: {{name: Ed, slack: "#desk"}}
comms:
  audiences:
    customers: {{statuspage: {{page: abc123}}}}
    others: {{webhook: {{url: "https://hooks.example.com/{PLANTED}", headers: {{X-Key: {PLANTED}}}}}}}
decision_tree:
  - use: recent-deploy
    if_yes:
      - rollback: Roll back
        id: roll-back
        run: no-such-tool rollback shop
        undo: no-such-tool rollout shop
      - action: Restart
        id: restart
        run: {tool} restart
  - use: slow-database
    look: cd /tmp && ls
""")
    done = program("doctor", "--offline", "--json")
    ana = about(done, "person", "on-call, Ana")
    assert (ana["result"], ana["said"]) == ("failed", "no way to reach them is written down")
    assert ana["hint"].endswith("(books/shop.yaml:4).")
    assert about(done, "person", "comms-lead, Di")["said"] == "`nowhere` is not an e-mail address"
    assert about(done, "person", "support, Ed")["said"] == "slack #desk (paged by hand)"
    assert about(done, "person", "lead")["said"] == "P1 pages this role, and nobody is named for it"
    customers = about(done, "channel", "customers")
    by_hand = "statuspage abc123: copied by hand, STATUSPAGE_API_KEY is not set"
    assert (customers["result"], customers["said"]) == ("skipped", by_hand)
    assert about(done, "channel", "others")["said"].startswith("webhook: copied by hand, ")
    missing = about(done, "command", "no-such-tool")
    assert (missing["result"], missing["said"]) == ("failed", "not on the PATH of this terminal")
    assert missing["hint"] == "2 commands begin with it (books/shop.yaml:16): install it."
    assert about(done, "command", str(tool))["result"] == "ok"
    assert [one["subject"] for one in done.json["examinations"] if one["kind"] == "command"] == [
        "no-such-tool", str(tool)
    ]  # fmt: skip
    assert not ran.exists(), "nothing is ever run"
    assert PLANTED not in done.out + done.err


@pytest.mark.parametrize(
    ("line", "shell", "program"),
    [
        ("kubectl get pods", False, "kubectl"),
        ("A=1 ./deploy --now", False, "./deploy"),
        ("sort; uniq", True, "sort"),
        ("cd /tmp", True, ""),
        ("cd /tmp", False, "cd"),
        ("{{ tool }} x", False, ""),
        ("$TOOL x", True, ""),
        ('broken "quote', True, ""),
        ("", True, ""),
    ],
)
def test_the_program_is_the_first_word(line: str, shell: bool, program: str) -> None:
    assert program_of(line, shell=shell) == program


# --- what is asked -----------------------------------------------------------------------------------------


def test_every_check_and_link_is_asked(
    program: Program,
    write: Any,  # noqa: ANN401
    odd: OddServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ExitStack() as servers:
        database = servers.enter_context(any_postgres())
        prometheus = servers.enter_context(any_prometheus(tmp_path))
        page = servers.enter_context(statuspage())
        monkeypatch.setenv("SHOP_DB", database.dsn)
        monkeypatch.setenv("GONE_DB", f"postgresql://ada:{PLANTED}@{nobody()}/shop")
        write(
            EVERYBODY
            + f"""
links:
  - {{type: dashboard, title: Overview, url: "{odd.url("/ok")}"}}
  - {{type: logs, title: Errors, url: "{odd.url("/status?is=403")}"}}
  - {{type: repo, title: Code, url: "{odd.url("/gone")}"}}
  - {{type: dashboard, title: Later, url: "{odd.url("/ok")}?from={{{{ opened_at.epoch_ms }}}}"}}
depends_on:
  - {{external: Stripe, status: "{page.url}"}}
signals:
  down: {{http: {{url: "{odd.url("/status?is=503")}"}}}}
  silent: {{http: {{url: "http://{nobody()}/"}}}}
  up: {{prometheus: {{url: "{prometheus}", query: vector(7)}}}}
  odd: {{prometheus: {{url: "{odd.url("/html")}", query: up}}}}
decision_tree:
  - use: recent-deploy
  - use: slow-database
    check: {{postgres: {{dsn: "${{SHOP_DB}}"}}}}
  - ask: Is the other one slow?
    id: other-database
    check: {{postgres: {{dsn: "${{GONE_DB}}"}}}}
  - use: external-dependency
"""
        )
        done = program("doctor", "--json")
        people = program("doctor")
    jsonschema.validate(done.json, SHAPE)
    assert (done.status, done.json["ok"], people.status) == (1, False, 1)

    results = {
        subject: about(done, kind, subject)["result"]
        for kind, subject in [
            ("link", "Overview"), ("link", "Errors"), ("link", "Code"), ("link", "Later"), ("link", "status page of"),
            ("signal", "down"), ("signal", "silent"), ("signal", "up"), ("signal", "odd"),
            ("check", "slow-database"), ("check", "other-database"), ("check", "external-dependency"),
            ("check", "recent-deploy"),
        ]
    }  # fmt: skip
    assert results == {
        "Overview": "ok",
        "Errors": "ok",  # whoever signs in is let in
        "Code": "failed",
        "Later": "skipped",
        "status page of": "failed",  # this server has no page for people
        "down": "ok",  # an answer, if a bad one
        "silent": "failed",
        "up": "ok",
        "odd": "failed",
        "slow-database": "ok",
        "other-database": "failed",
        "external-dependency": "ok",
        "recent-deploy": "skipped",  # nothing but our own change log
    }
    assert about(done, "signal", "down")["said"] == f"yes: {odd.host} answered 503 Service Unavailable"
    assert about(done, "signal", "up")["said"] == "7"
    assert about(done, "link", "Code")["said"] == f"{odd.host} answers 404"
    assert about(done, "link", "Code")["hint"] == "Make it answer, or mend books/shop.yaml:13"
    assert "books/shop.yaml:19" in about(done, "signal", "silent")["hint"]
    assert about(done, "link", "Overview")["took_s"] >= 0
    assert PLANTED not in done.out + done.err + people.out + people.err
    shown = people.out.splitlines()
    assert max(map(len, shown)) <= 80
    assert position(shown, "link     Code ...") < position(shown, "link     Overview: "), "what failed comes first"


def position(rows: list[str], beginning: str) -> int:
    return next(place for place, row in enumerate(rows) if row.strip().startswith(beginning))


def test_twenty_are_asked_at_once(program: Program, write: Any, odd: OddServer) -> None:  # noqa: ANN401
    signals = "".join(f"  s{n}: {{http: {{url: '{odd.url('/together')}'}}}}\n" for n in range(20))
    write(f"{EVERYBODY}signals:\n{signals}")
    done = program("doctor", "shop", "--json")
    assert {one["said"] for one in done.json["examinations"] if one["kind"] == "signal"} == {
        f"no: {odd.host} answered 200 OK"
    }


def test_an_address_that_several_services_name_is_asked_once(program: Program, write: Any, odd: OddServer) -> None:  # noqa: ANN401
    for service in ("shop", "search"):
        write(f'{EVERYBODY}links: [{{type: repo, title: Code, url: "{odd.url("/ok")}"}}]\n', service)
    done = program("doctor")
    assert done.status == 0, done.out
    assert len(odd.asked) == 1
    assert done.out.count(f"Code: {odd.host} answers 200") == 1
    assert "\nEvery service\n" in done.out
    assert done.out.rstrip().endswith("skipped.")


def test_offline_nothing_is_asked(program: Program, write: Any, odd: OddServer) -> None:  # noqa: ANN401
    write(f"""{EVERYBODY}
links: [{{type: repo, title: Code, url: "{odd.url("/ok")}"}}]
signals: {{down: {{http: {{url: "{odd.url("/ok")}"}}}}}}
""")
    done = program("doctor", "--offline", "--json")
    assert (done.status, odd.asked) == (0, [])
    assert about(done, "link", "Code")["said"] == about(done, "signal", "down")["said"]
    assert about(done, "signal", "down")["said"] == "not asked, because of --offline"


def test_all_of_it_has_a_deadline(write: Any, odd: OddServer) -> None:  # noqa: ANN401
    path = write(f"""{EVERYBODY}
links: [{{type: repo, title: Code, url: "{odd.url("/waits")}"}}]
signals: {{down: {{http: {{url: "{odd.url("/waits")}"}}}}}}
""")
    all_ = named(path.parent, None)
    found = reached(to_ask(all_), to_open(all_), path.parent, None, seconds=0.0)
    late = "no answer before the time was over that all of this may take"
    assert [(one.kind, one.result, one.said) for one in found if one.subject != "recent-deploy (deploys)"] == [
        ("signal", "unknown", late),
        ("link", "unknown", late),
    ]
    assert not all_is_well(found)


def test_a_source_of_deploys_that_cannot_be_read_fails_though_another_knows_of_one(
    program: Program,
    write: Any,  # noqa: ANN401
) -> None:
    write(f"""{EVERYBODY}
decision_tree:
  - use: recent-deploy
    check: {{deploys: {{git: {{repository: "{{}}", ref: main}}}}}}
""")
    program("change", "shop", "v2 to production")
    found = about(program("doctor", "--json"), "check", "recent-deploy")
    assert found["result"] == "failed"
    assert found["said"].startswith("git: ")


def test_the_documented_shape_is_the_one_that_is_printed() -> None:
    section = (ROOT / "docs/json.md").read_text().split("## incidentctl/doctor/1")[1]
    example = json.loads(section.split("```json")[1].split("```")[0])
    jsonschema.validate(example, SHAPE)
    fields = SHAPE["properties"]["examinations"]["items"]["properties"]
    assert all(f"`{value}`" in section for name in ("kind", "result") for value in fields[name]["enum"])


# --- as people see it --------------------------------------------------------------------------------------


def test_nothing_of_what_others_wrote_reaches_the_terminal() -> None:
    one = harmless(Examination("a\x1b[31m\nb", "link", "shop", "failed", f"password: {PLANTED}", "\u202ex"))
    assert (one.subject, one.said, one.hint) == ("a b", "password: <redacted>", "x")


@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_are_no_wider_than_the_screen(width: int) -> None:
    found = [
        Examination("漢字" * 40, "link", "shop", "ok", "x" * 300, took=2.0),
        Examination("a word " * 30, "check", "shop", "unknown", "why " * 50, "what " * 50),
        Examination("x", "check", "漢字" * 40, "skipped", "y"),
    ]
    rows = [line.text for line in lines(found, width)]
    assert all(sum(2 if char in "漢字" else 1 for char in row) <= width for row in rows), rows


def test_what_to_do_stands_at_the_end_each_thing_once(program: Program, write: Any) -> None:  # noqa: ANN401
    for service in ("a-shop", "b-shop"):
        links = f"links: [{{type: repo, title: Code, url: 'http://{nobody()}/'}}]\n"
        write(f"{EVERYBODY}{links}signals: {{down: {{http: {{url: '${{GONE_URL}}'}}}}}}\n", service)
    done = program("doctor")
    assert done.status == 1
    shown, _, to_do = done.out.rpartition("\nWhat to do\n")
    assert len(shown.splitlines()) > 24, "what failed has left the screen"
    assert to_do.splitlines() == [
        "  Every service, environment: Set GONE_URL in this terminal's environment.",
        "  a-shop, down (http): Make it answer, or mend books/a-shop.yaml:10",
        "  a-shop, Code: Make it answer, or mend books/a-shop.yaml:9",
        "  b-shop, down (http): Make it answer, or mend books/b-shop.yaml:10",
        "  b-shop, Code: Make it answer, or mend books/b-shop.yaml:9",
    ]


def test_where_all_is_well_there_is_nothing_to_do() -> None:
    rows = [line.text for line in lines([Examination("store", "store", "", "ok", "x")], 80)]
    assert rows[-1] == "1 ok."


def on_a_terminal(folder: Path, **environ: str) -> str:
    """Everything that `doctor --offline` writes on a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "incidentctl", "--runbooks", str(folder), "--store", "memory:", "doctor"]
    environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environ}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 1 << 16):
            written += part
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 1
    return written.decode()


def test_at_a_terminal_it_says_what_it_waits_for_and_marks_what_failed(write: Any) -> None:  # noqa: ANN401
    path = write(f"{EVERYBODY}links: [{{type: repo, title: Code, url: 'http://{nobody()}/'}}]\n")
    coloured = on_a_terminal(path.parent)
    assert "Asking 1 check and 1 link, for at most 60 s" in coloured
    assert "terminal: 80 columns, xterm-256color, colour, Unicode" in coloured
    assert "\x1b[1;31m  link     Code ..." in coloured
    plain = on_a_terminal(path.parent, NO_COLOR="1")
    assert "31m" not in plain
    assert "FAILED" in plain
