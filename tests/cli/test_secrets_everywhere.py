"""Canaries everywhere, and a search of everything: no secret is in a file, on a stream, or in a list of processes.

Each canary is planted once and has a number, so that a leak names the place that it came from.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, urlsplit

import pytest
import yaml

from incidentctl.clock import SystemClock
from tests.checks.deploying import ALONE, Repository
from tests.cli.conftest import Answers, Done, Program
from tests.servers.alertmanager import fire, own_alertmanager
from tests.servers.answering import Answered
from tests.servers.json_api import Reply
from tests.servers.pagerduty import FROM, SERVICE, pagerduty
from tests.servers.pagerduty import KEY as PAGERDUTY_KEY
from tests.servers.postgres import Session, any_postgres
from tests.servers.prometheus import any_prometheus
from tests.servers.redis import own_redis
from tests.servers.slack import TOKEN, slack
from tests.servers.smtp import PASSWORD, USER, mail_server
from tests.servers.statuspage_api import KEY as STATUSPAGE_KEY
from tests.servers.statuspage_api import PAGE, statuspage_api


@dataclass
class Canaries:
    """Secrets, and where each of them was put."""

    planted: dict[str, str] = field(default_factory=dict)

    def __call__(self, where: str) -> str:
        """A new one.  It looks like nothing in particular: only what stands around it tells that it is a secret."""
        bird = f"Kestrel{len(self.planted):03}plume"
        self.planted[bird] = where
        return bird

    def found_in(self, text: str) -> set[str]:
        """The places whose canaries stand in `text`, as they are or as Basic authentication writes them."""
        small = text.lower()  # an id that is made of a text is in small letters
        return {where for bird, where in self.planted.items() if bird.lower() in small or _basic(bird) in text}


def _basic(bird: str) -> str:
    return b64encode(f"app:{bird}".encode()).decode().rstrip("=")[:-1]


# --- a server that says back whatever it is told ----------------------------------------------------------


class Parrot(BaseHTTPRequestHandler):
    """Its path says how it fails; its body, its reason and its headers say all that it was asked."""

    protocol_version = "HTTP/1.1"
    server: Aviary

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        heard = f"{self.command} {self.path} {' '.join(f'{k}={v}' for k, v in self.headers.items())} {body}"
        values = " ".join([*self.headers.values(), body, urlsplit(self.path).query])
        self.server.heard.append(heard)
        status, said = self._said(urlsplit(self.path).path, heard, values)
        data = said.encode()
        self.send_response(status, f"because {values}"[:200].replace("\n", " "))
        self.send_header("x-echo", values[:500].replace("\n", " "))
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815 - the library's names

    def _said(self, path: str, heard: str, values: str) -> tuple[int, str]:
        bird = self.server.bird
        if path.startswith("/prom"):
            error = {"status": "error", "errorType": "bad_data", "error": f"parse error: {values}"}
            return 400, json.dumps(error)
        if path.startswith("/warns"):
            data = {"resultType": "vector", "result": [{"metric": {}, "value": [0, "1"]}]}
            return 200, json.dumps({"status": "success", "data": data, "warnings": [values]})
        if path.startswith("/series"):
            series = [{"metric": {"__name__": "up", "password": bird(f"label {n}"), "echo": values}, "value": [0, "1"]}
                      for n in "ab"]  # fmt: skip
            return 200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": series}})
        if path.startswith("/page"):
            broken = {"id": "c", "name": f"API token={bird('component')}", "status": "major_outage", "group": False}
            status = {"indicator": "major", "description": values}
            incident = {"name": f"db password: {bird('page incident')}"}
            page = {"page": {"name": values}, "status": status, "components": [broken], "incidents": [incident]}
            return 200, json.dumps(page)
        if path.startswith("/refuses"):
            refused = {"message": f"Invalid token {values}", "code": 2006, "errors": self._words()}
            return 401, json.dumps({"error": refused, "status": "invalid", "errors": self._words()})
        if path.startswith("/denies"):
            metadata = {"messages": self._words(), "warnings": self._words()}
            return 200, json.dumps({"ok": False, "error": values, "id": values, "response_metadata": metadata})
        if path.startswith("/lies"):
            return 200, heard
        return 500, f"{values} and {heard}"

    def _words(self) -> list[str]:
        """Each word of every header by itself, with nothing around it that tells a secret."""
        return [word for value in self.headers.values() for word in value.replace("=", " ").split()]

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class Aviary(ThreadingHTTPServer):
    """The parrot's, and what it heard."""

    daemon_threads = True

    def __init__(self, bird: Canaries) -> None:
        super().__init__(("127.0.0.1", 0), Parrot)
        self.bird = bird
        self.heard: list[str] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


@contextmanager
def parroting(bird: Canaries) -> Iterator[Aviary]:
    server = Aviary(bird)
    serving = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield server
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


# --- the place ---------------------------------------------------------------------------------------------


@dataclass
class Place:
    """A folder with runbooks, programs and a store; whatever is said in it is kept."""

    folder: Path
    program: Program
    patch: pytest.MonkeyPatch
    bird: Canaries = field(default_factory=Canaries)
    said: dict[str, str] = field(default_factory=dict)

    def secret(self, name: str, value: str = "{}") -> str:
        """`${NAME}`: a variable of the environment with a canary in it."""
        self.patch.setenv(name, value.format(self.bird(f"the variable {name}")))
        return f"${{{name}}}"

    def runbook(self, service: str, **parts: object) -> None:
        """Write a runbook."""
        text = yaml.safe_dump({"format": 1, "service": service, "title": "Checkout", **parts}, sort_keys=False)
        (self.folder / "runbooks" / f"{service}.yaml").write_text(text)

    def script(self, name: str, text: str) -> str:
        """The command line of a Python program."""
        path = self.folder / f"{name}.py"
        path.write_text(text)
        return shlex.join([sys.executable, str(path)])

    def __call__(self, *words: str) -> Done:
        """Run a command."""
        done = self.program(*words)
        assert done.status != 70, done.err
        self.said[f"{len(self.said)} {' '.join(words[:2])}"] = done.out + done.err
        return done

    def leaks(self) -> dict[str, set[str]]:
        """By command or file, whose canaries can be read there."""
        files = {path.name: path.read_bytes().decode("utf-8", "replace") for path in self.folder.glob("store.db*")}
        assert files
        found = {name: self.bird.found_in(text) for name, text in {**self.said, **files}.items()}
        return {name: where for name, where in found.items() if where}


@pytest.fixture(name="place")
def _place(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    (tmp_path / "runbooks").mkdir()
    monkeypatch.setenv("INCIDENTCTL_RUNBOOKS", str(tmp_path / "runbooks"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("INCIDENTCTL_NO_CHECKS")
    return Place(tmp_path, program, monkeypatch)


def question(name: str, *checks: dict[str, object], **more: object) -> dict[str, object]:
    return {"ask": f"Is it {name}?", "id": name, "checks": list(checks), **more}


def read_back(place: Place, service: str) -> None:
    """Everything that reads."""
    for words in (
        *(("status",), ("status", "--json"), ("timeline",), ("timeline", "--json"), ("history",)),
        *(("history", "--json"), ("resume", "--no-checks"), ("change", service), ("change", service, "--json")),
        *(("show", service, *more) for more in ((), ("--json",), ("--origin",), ("--json", "--origin"))),
        *(("show", service, "--format", form) for form in ("markdown", "mermaid")),
        *(("lint", "--format", form) for form in ("text", "json", "github", "sarif", "junit")),
        *(("doctor", service), ("doctor", "--json")),
    ):
        place(*words)


TO_THE_END_OF_THE_TREE = ("triage.impact: [critically degraded]", '{prompt: "tree.q*", answer: unknown, repeat: true}')
"""No question is answered with yes, so that nobody waits for numbers to come back."""


# --- the stories -------------------------------------------------------------------------------------------


def test_what_servers_say_back(place: Place, answers: Answers) -> None:
    bird = place.bird
    with parroting(bird) as parrot:

        def address(path: str, name: str) -> str:
            """With userinfo and a query from the environment."""
            user, key = place.secret(f"{name}_USER_PW", "app:{}"), place.secret(f"{name}_QUERY")
            return f"http://{user}@{parrot.host}{path}?access={key}&page=2"

        def keyed(path: str, name: str) -> dict[str, object]:
            """The same with headers."""
            bearer, key, odd = (place.secret(f"{name}_{what}") for what in ("BEARER", "KEY", "ODD"))
            headers = {"Authorization": f"Bearer {bearer}", "X-Api-Key": key, "X-Scope": odd}
            return {"url": address(path, name), "headers": headers}

        query = f"up{{password=\"{bird('a query')}\"}} or up{{token='{bird('a query')}'}}"
        checks: list[dict[str, object]] = [
            {"prometheus": {"query": query, "yes_when": "> 1", **keyed("/prom", "PROM")}},
            {"prometheus": {"query": "up", "yes_when": "> 0", **keyed("/warns", "WARNS")}},
            {"prometheus": {"query": "up", "yes_when": "> 0", **keyed("/series", "SERIES")}},
            {"prometheus": {"query": "up", "yes_when": "> 0", **keyed("/lies", "LIES")}},
            {"prometheus": {"query": "up", "yes_when": "> 0", **keyed("/fails", "FAILS")}},
            {"alertmanager": {"matchers": [f"token={bird('a matcher')}"], "url": address("/fails", "AM")}},
            {"statuspage": {"url": address("/page", "PAGE")}},
            {"statuspage": {"url": address("/fails", "PAGE_FAILS")}},
            {"http": keyed("/fails", "PROBE")},
        ]
        place.runbook(
            "checkout",
            signals={"down": {"http": keyed("/fails", "SIGNAL")}},
            decision_tree=[question(f"q{number}", one) for number, one in enumerate(checks)],
        )
        done = place("start", "checkout", "--title", "x", "--answers", answers(*TO_THE_END_OF_THE_TREE))
        assert len(parrot.heard) >= len(checks), done.out + done.err
        assert "The runbook is broken" not in done.err
        read_back(place, "checkout")
    assert any(place.bird.found_in(heard) for heard in parrot.heard), "the servers were told their secrets"
    assert place.leaks() == {}


PEEK = """
import os, pathlib, sys
lines = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
pathlib.Path(sys.argv[1]).write_bytes(b"\\n".join(lines))
print(os.environ["CHECKOUT_TOKEN"])
print("connected to", os.environ["CHECKOUT_DSN"])
print("password:", os.environ["PLAIN_PW"], "and then some", file=sys.stderr)
print(os.environ["PLAIN_PW"], file=sys.stderr)
print("SELECT 1 WHERE secret = '{said}'")
print('\\x1b[34m"token"\\x1b[0m: \\x1b[31m"{said}"\\x1b[0m', "x" * 225, os.environ["CHECKOUT_TOKEN"])
sys.exit({status})
"""


def test_programs_and_git(place: Place, answers: Answers) -> None:
    bird = place.bird
    for name, value in (("CHECKOUT_TOKEN", "{}"), ("CHECKOUT_DSN", "postgres//app:{}@db"), ("PLAIN_PW", "{}")):
        place.secret(name, value)
    for name, value in ALONE.items():
        place.patch.setenv(name, value)
    now = SystemClock().now()
    repository = Repository(place.folder / "code")
    repository.commit(
        f"Rotate: password={bird('a commit')}", now - timedelta(hours=1), by=f"Ana token={bird('author')}"
    )
    repository.commit(f"Use https://app:{bird('a commit')}@git.example.com", now - timedelta(minutes=9))
    peeked = [place.folder / f"processes-{status}" for status in (0, 1, 127)]
    checks: list[dict[str, object]] = [
        {
            "command": {
                "read_only": True,
                "run": f"{place.script(f'look{status}', PEEK.format(said=bird('output'), status=status))} {file}",
            }
        }
        for status, file in zip((0, 1, 127), peeked, strict=True)
    ]
    checks += [
        {"deploys": {"git": {"repository": str(repository.folder), "ref": "main"}}},
        {"command": {"read_only": True, "run": f"no-such-program --password={bird('a command line')}"}},
        {"command": {"read_only": True, "run": f"ls 'https://app:{bird('a command line')}@x' --token {bird('word')}"}},
        {"http": {"url": f"http://app:{bird('literal userinfo')}@127.0.0.1:1/?token={bird('literal query')}"}},
        {"redis": {"url": f"redis://:{bird('literal redis')}@127.0.0.1:1", "hit_ratio_below": "80%"}},
        {"postgres": {"dsn": f"postgres://app:{bird('literal postgres')}@127.0.0.1:1/x"}},
        {"postgres": {"dsn": f"host=127.0.0.1 port=1 password={bird('literal words')} user=app"}},
        {"postgres": {"dsn": place.secret("BROKEN_DSN", "postgres//app:{}@db")}},
        {"postgres": {"dsn": place.secret("ODD_DSN", "postgres://app:pass/{}@db/x?sslmode=nonsense")}},
        {"redis": {"url": place.secret("BROKEN_REDIS", "redis//app:{}@db"), "hit_ratio_below": "80%"}},
        {"redis": {"url": place.secret("ODD_REDIS", "redis://:a#{}@db"), "hit_ratio_below": "80%"}},
        {"http": {"url": place.secret("BROKEN_URL", "http//app:{}@db")}},
        {"http": {"url": place.secret("ODD_URL", "http://app:{}@[db")}},
        {"http": {"url": "http://127.0.0.1:1", "headers": {"Authorization": place.secret("ODD_HEADER", "a\nb{}")}}},
    ]  # fmt: skip
    text = {"pair": f"db_password: {bird('in a why')}"}
    place.runbook(
        "checkout",
        decision_tree=[question(f"q{number}", one, why=f"See {text['pair']}", look=f"psql password={bird('a look')}")
                       for number, one in enumerate(checks)],
    )  # fmt: skip
    notes = place.folder / "notes.md"
    notes.write_text(
        f"# Checkout\n\n1. Run `deployctl --token {bird('a page')} freeze`\n\nUse token={bird('a page')}.\n"
    )
    place("import", str(notes), "--service", "notes", "--output", str(place.folder / "notes.yaml"))
    place("change", "checkout", f"Rotated the password: {bird('a change')}")
    place("change", "checkout", "--run", "--", "true", f"--token={bird('a command')}", f"redis://:{bird('url')}@db")
    place("start", "checkout", "--title", "x", "--answers", answers(*TO_THE_END_OF_THE_TREE))
    assert all(file.exists() for file in peeked), place.said
    read_back(place, "checkout")
    place.said |= {str(file): file.read_bytes().decode("utf-8", "replace") for file in peeked}
    assert place.leaks() == {}


LEAK = """
import os, sys
print(os.environ["CHECKOUT_TOKEN"])
print("Authorization: Bearer", os.environ["PLAIN_PW"])
print("dsn postgres://app:{said}@db", file=sys.stderr)
print('\\x1b[34m"token"\\x1b[0m: \\x1b[31m"{said}"\\x1b[0m', "x" * 225, os.environ["CHECKOUT_TOKEN"])
sys.exit({status})
"""


def test_actions_and_what_people_say(place: Place, answers: Answers) -> None:
    bird = place.bird
    place.secret("CHECKOUT_TOKEN")
    place.secret("PLAIN_PW")
    alert = {
        "version": "4", "status": "firing", "receiver": "x", "groupLabels": {}, "externalURL": "http://am",
        "commonLabels": {"alertname": "E", "password": bird("a label"), "dsn": f"redis://:{bird('a label')}@db"},
        "commonAnnotations": {"summary": f"login token={bird('an annotation')} fails"},
        "alerts": [{
            "status": "firing", "labels": {"alertname": "E", "api_key": bird("a label of one")},
            "annotations": {"description": f"Authorization: Bearer {bird('an annotation of one')}"},
            "startsAt": SystemClock().now().isoformat(), "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": f"http://app:{bird('a link')}@prom/graph?token={bird('a query of a link')}",
        }],
    }  # fmt: skip
    (place.folder / "alert.json").write_text(json.dumps(alert))
    with parroting(bird) as parrot:
        http = {
            "method": "POST",
            "url": f"http://{place.secret('HOOK_PW', 'app:{}')}@{parrot.host}/hook?key={place.secret('HOOK_QUERY')}",
            "headers": {
                "Authorization": f"Bearer {place.secret('HOOK_BEARER')}",
                "X-Api-Key": place.secret("HOOK_KEY"),
            },
            "body": f'{{"x": "{place.secret("HOOK_BODY")}"}}',
        }
        good, bad = (place.script(f"run{n}", LEAK.format(said=bird("output"), status=n)) for n in (0, 3))
        steps: list[object] = [
            {"action": "Run it well", "id": "well", "run": good, "undo": f"undo --password {bird('an undo')}"},
            {"action": "Run it badly", "id": "badly", "run": bad, "target": f"token={bird('a target')}"},
            {"action": "Send it", "id": "send", "http": http},
            {"action": f"Use token={bird('a text that becomes an id')}"},
            {
                "action": "Kill it",
                "id": "kill",
                "run": "kill {{ pod }} --as {{ password }}",
                "needs": {"pod": {"ask": "Which pod?"}, "password": {"ask": "Whose?"}},
            },
        ]
        place.runbook(
            "checkout",
            description=f"Its password: {bird('a description')}",
            links=[{"type": "dashboard", "title": "D", "url": f"https://u:{bird('a link')}@x/?token={bird('a link')}"}],
            people={"on-call": {"name": f"Ana token={bird('a person')}", "pagerduty": "PCHK001"}},
            comms={"feature": "paying", "templates": [
                {"audience": "internal", "text": f"See https://u:{bird('a template')}@x, password={bird('a template')}"}
            ]},
            decision_tree=[question("why", if_yes=[one], id=f"w{n}") for n, one in enumerate(steps)],
        )  # fmt: skip
        said = answers(
            f'{{prompt: first.acknowledge, answer: {{skip: "token={bird("a reason")}"}}}}',
            f'{{prompt: first.channel, answer: "inc password: {bird("a channel")}"}}',
            "triage.impact: [critically degraded]",
            "triage.severity: P2", f'{{prompt: triage.reason, answer: "api_key={bird("a reason")} says so"}}',
            f'{{prompt: roles.comms-lead, answer: "Bob password={bird("a name")}"}}',
            f'{{prompt: comms.feature, answer: "pay token={bird("a feature")}"}}',
            "comms.update: edit", f'{{prompt: comms.text, answer: "We use postgres//app:{bird("an update")}@db now."}}',
            *(f'{{prompt: "tree.w{n}", answer: yes}}' for n in range(5)),
            *(f'{{prompt: "tree.{step}.run", answer: run}}' for step in ("well", "badly", "send")),
            f'{{prompt: tree.kill.input.password, answer: "{bird("an input called password")}"}}',
            f'{{prompt: tree.kill.input.pod, answer: "redis://:{bird("an input")}@db"}}',
            '{prompt: "tree.*.recovered", answer: no, repeat: true}',
            '{prompt: "tree.*.undo", answer: keep, repeat: true}',
            f'{{prompt: tree.exhausted, answer: {{hypothesis: "secret={bird("a hypothesis")}"}}}}',
        )  # fmt: skip
        begun = place("start", "checkout", "--from-alert", "alert.json", "--title", f"db password={bird('a title')}",
                      "--affects", f"x token={bird('affected')}", "--answers", said)  # fmt: skip
        assert "The runbook is broken" not in begun.err
        assert any("POST /hook" in heard for heard in parrot.heard), begun.out + begun.err
        for words in (
            ("note", f"It logs in with postgres//app:{bird('a note')}@db"),
            ("note", f"export GITHUB_TOKEN={bird('a note')}; curl -u app:{bird('a note')} https://x"),
            ("severity", "P1", "--reason", f"token={bird('a reason')}"),
            ("assign", "engineer", f"Eve token={bird('a name')}"),
            ("resolve", "--answers", answers("clear.verify: yes")), ("reopen", "--reason", f"pwd={bird('a reason')}"),
            ("status", f"token={bird('an id')}"), ("show", f"token={bird('a service')}"),
            ("start", f"token={bird('a service')}"), ("lint", f"token={bird('a path')}"),
            ("severity", f"password={bird('a level')}"), ("note", "x", "--at", f"password={bird('a time')}"),
            ("frobnicate", f"password={bird('an argument')}"),
            ("--store", f"postgresql://app:{bird('a store')}@db/x", "status"),
            ("--runbooks", f"token={bird('a folder')}", "show", "checkout"),
        ):  # fmt: skip
            place(*words)
        read_back(place, "checkout")
    assert place.leaks() == {}


def test_real_servers(place: Place, answers: Answers) -> None:
    bird, right = place.bird, place.bird("the password of the redis")
    place.patch.setenv("CACHE_URL", f"redis://:{right}@127.0.0.1:PORT")
    with (
        any_postgres() as postgres,
        own_redis(place.folder, "--requirepass", right) as cache,
        any_prometheus(place.folder) as prometheus,
        own_alertmanager(place.folder) as alertmanager,
        closing(Session(postgres.dsn, f"app token={bird('an application name')}")) as session,
    ):
        place.patch.setenv("CACHE_URL", f"redis://:{right}@127.0.0.1:{cache.port}")
        wrong = postgres.as_role(f"nobody_{os.getpid()}", bird("a wrong password"))
        place.patch.setenv("WRONG_DSN", wrong)
        place.patch.setenv("DB_DSN", postgres.dsn)
        session.start(
            f"SELECT pg_sleep(60), 'password={bird('a query')}', $${bird('a dollar')}$$, 'token: {bird('q')}'"
        )
        labels = {"alertname": "Slow", "password": bird("a label"), "service": "checkout"}
        fire(alertmanager.url, labels, summary=f"login with api_key={bird('an annotation')} fails")
        query = f'up{{token="{bird("a query that fails")}"}} ++ password={bird("a query that fails")}'
        checks: list[dict[str, object]] = [
            {"postgres": {"dsn": "${DB_DSN}", "longer_than": "1 ms"}},
            {"postgres": {"dsn": "${WRONG_DSN}"}},
            {"redis": {"url": "${CACHE_URL}", "hit_ratio_below": "80%"}},
            {"redis": {"url": place.secret("WRONG_CACHE", f"redis://:{{}}@127.0.0.1:{cache.port}"),
                       "hit_ratio_below": "80%"}},
            {"prometheus": {"url": prometheus, "query": query}},
            {"alertmanager": {"url": alertmanager.url, "matchers": ["service=checkout"]}},
        ]  # fmt: skip
        place.runbook("checkout", decision_tree=[question(f"q{n}", one) for n, one in enumerate(checks)])
        done = place("start", "checkout", "--title", "x", "--answers", answers(*TO_THE_END_OF_THE_TREE))
        for told in ("1 query over", "does not accept the password", "Slow fires"):
            assert told in done.out, done.out + done.err
        read_back(place, "checkout")
    assert place.leaks() == {}


# --- the channels ------------------------------------------------------------------------------------------

LIST_PROCESSES = """
import pathlib, sys
lines = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
pathlib.Path(sys.argv[1]).write_bytes(b"\\n".join(lines))
"""
CHANNELS: dict[str, dict[str, object]] = {
    "customers": {"statuspage": {"page": PAGE}},
    "internal": {"slack": {"channel": "#incidents"}},
    "support": {"email": {"to": "leads@example.com"}},
    "stakeholders": {"webhook": {"url": "${HOOK_URL}?key=${HOOK_QUERY}", "headers": {"X-Scope": "${HOOK_TOKEN}"}}},
    "responders": {"pagerduty": {"service": SERVICE}},
}
SENDS = (
    "first.channel: create", "triage.impact: [critically degraded]", "triage.severity: P1", "first.page: page",
    "{prompt: comms.update, answer: send, repeat: true}", "comms.feature: paying",
)  # fmt: skip


def with_channels(place: Place) -> Path:
    """A runbook that sends to every channel and pages; the file into which the list of processes is written."""
    processes = place.folder / "processes"
    look: dict[str, object] = {
        "command": {"read_only": True, "run": f"{place.script('look', LIST_PROCESSES)} {processes}"}
    }
    text = "{{ severity }} {{ title }}"
    place.runbook(
        "checkout",
        people={role: {"name": f"the {role}", "pagerduty": SERVICE} for role in ("on-call", "lead")},
        comms={"audiences": CHANNELS, "templates": [{"audience": name, "text": text} for name in CHANNELS]},
        decision_tree=[question("q", look)],
    )
    return processes


def plant(place: Place, url: str, smtp: str) -> None:
    """The environment in which the channels find their secrets, each a canary; all are asked at `url`."""
    for name in ("SLACK_BOT_TOKEN", "STATUSPAGE_API_KEY", "PAGERDUTY_API_KEY", "INCIDENTCTL_WEBHOOK_SECRET",
                 "HOOK_QUERY", "HOOK_TOKEN"):  # fmt: skip
        place.secret(name)
    for name in ("SLACK", "STATUSPAGE", "PAGERDUTY"):
        place.patch.setenv(f"{name}_API_URL", url)
    place.patch.setenv("HOOK_URL", url)
    place.patch.setenv("PAGERDUTY_FROM", FROM)
    place.secret("SMTP_URL", smtp)


def walk_it(place: Place, answers: Answers) -> str:
    """Walk an incident with every channel, then read all of it back; what `start` said."""
    done = place("start", "checkout", "--title", "Orders fail", "--answers", answers(*SENDS, *TO_THE_END_OF_THE_TREE))
    place("update", "--answers", answers(*SENDS))
    place("brief")
    place("timeline", "--format", "html")
    read_back(place, "checkout")
    place.said |= {str(path): path.read_text() for path in (place.folder / "state").rglob("*") if path.is_file()}
    return done.out + done.err


@pytest.mark.parametrize("how", ["/refuses", "/denies", "/fails"])
def test_channels_whose_servers_say_their_secrets_back(place: Place, answers: Answers, how: str) -> None:
    processes = with_channels(place)
    with parroting(place.bird) as parrot, mail_server(passwords=True) as mails:
        smtp = mails.url.replace("//", f"//{quote(USER)}:{{}}@")
        plant(place, f"http://{parrot.host}{how}", smtp)
        said = walk_it(place, answers)
        assert "The runbook is broken" not in said
        for name in ("SLACK_BOT_TOKEN", "STATUSPAGE_API_KEY", "PAGERDUTY_API_KEY", "HOOK_TOKEN"):
            told = {where for heard in parrot.heard for where in place.bird.found_in(heard)}
            assert f"the variable {name}" in told, said
    assert processes.exists()
    place.said["processes"] = processes.read_bytes().decode("utf-8", "replace")
    assert place.leaks() == {}


def test_channels_that_take_it_and_then_fail(place: Place, answers: Answers) -> None:
    processes = with_channels(place)
    with (
        parroting(place.bird) as parrot, mail_server(passwords=True) as mails, slack() as workspace,
        statuspage_api() as page, pagerduty() as account,
    ):  # fmt: skip
        incidents = workspace.channel("incidents")
        password = quote(PASSWORD, safe="")
        plant(place, f"http://{parrot.host}/lies", mails.url.replace("//", f"//{quote(USER)}:{password}@"))
        keys = {"SLACK_BOT_TOKEN": TOKEN, "STATUSPAGE_API_KEY": STATUSPAGE_KEY, "PAGERDUTY_API_KEY": PAGERDUTY_KEY}
        for name, value in keys.items():
            place.patch.setenv(name, value)
        place.patch.setenv("SLACK_API_URL", workspace.environ["SLACK_API_URL"])
        place.patch.setenv("STATUSPAGE_API_URL", page.url)
        place.patch.setenv("PAGERDUTY_API_URL", account.url)
        place.bird.planted |= {value: name for name, value in keys.items()}
        place.bird.planted |= {PASSWORD: "the password", password: "the password, as it stands in the address"}
        walk_it(place, answers)
        (notes,) = account.notes.values()  # of the one incident that was paged
        mail = mails.mails[0].content
        assert isinstance(mail, bytes)
        told = (page.told()[0][1], incidents.messages[0]["text"], notes[0]["content"], mail.decode())
        assert all("P1 Orders fail" in one for one in told)
        for status, refused in ((401, "554"), (500, "451")):
            page.moods.instead = [Reply(status, {"error": f"Could not authenticate {STATUSPAGE_KEY}"})]
            account.moods.instead = [Reply(status, {"error": {"message": PAGERDUTY_KEY, "errors": [PAGERDUTY_KEY]}})]
            workspace.answers.append(Answered(status, {"ok": False, "error": TOKEN}))
            mails.answers = f"{refused} {PASSWORD} is not welcome"
            said = " ".join(place("update", "--answers", answers(*SENDS)).out.split())
            for channel in ("Statuspage abc123", "Slack #incidents", "UNENCRYPTED", "PagerDuty PCHK001"):
                assert re.search(rf"{channel} (did not take|may have) the text", said), said
        read_back(place, "checkout")
        place("timeline", "--format", "markdown")
    place.said["processes"] = processes.read_bytes().decode("utf-8", "replace")
    assert place.leaks() == {}


@pytest.mark.parametrize("how", ["a literal", "an input"])
def test_what_was_a_secret_is_never_run_as_something_else(place: Place, answers: Answers, how: str) -> None:
    word = place.bird(how) if how == "a literal" else "{{ token }}"
    ran = place.script("ran", f"open({str(place.folder / 'ran')!r}, 'w')")
    step: dict[str, object] = {"action": "Do it", "id": "do-it", "run": f"{ran} --token {word}"}
    if how == "an input":
        step["needs"] = {"token": {"ask": "Which token?"}}
    place.runbook("checkout", decision_tree=[question("why", if_yes=[step], id="w0")])
    said = ("triage.impact: [critically degraded]", "tree.w0: yes", "tree.do-it.run: run")
    typed = [f"tree.do-it.input.token: {place.bird('what was typed')}"] if how == "an input" else []
    done = place("start", "checkout", "--title", "x", "--answers", answers(*typed, *said))
    assert done.status == 2
    assert "a secret stood there, which is not kept, so this program cannot run it" in " ".join(done.err.split())
    assert not (place.folder / "ran").exists()
    assert place.leaks() == {}
