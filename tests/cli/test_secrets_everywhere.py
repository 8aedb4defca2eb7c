"""Canaries everywhere, and a search of everything: no secret is in a file, on a stream, or in a list of processes.

Each canary is planted once and has a number, so that a leak names the place that it came from.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from incidentctl.clock import SystemClock
from tests.checks.deploying import ALONE, Repository
from tests.cli.conftest import Answers, Done, Program
from tests.servers.alertmanager import fire, own_alertmanager
from tests.servers.postgres import Session, own_postgres, until
from tests.servers.prometheus import any_prometheus
from tests.servers.redis import own_redis
from tests.servers.started import free_port


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
        encoded = b64encode(b"Kestrel").decode().rstrip("=")[:8]
        leaks = {where for bird, where in self.planted.items() if bird in text}
        return leaks | ({"something in base64"} if encoded in text else set())


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

    do_POST = do_PUT = do_GET  # noqa: N815 - the library's names

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
            page = {"page": {"name": values}, "status": {"indicator": "major", "description": values},
                    "components": [broken], "incidents": [{"name": f"db password: {bird('page incident')}"}]}  # fmt: skip
            return 200, json.dumps(page)
        if path.startswith("/lies"):
            return 200, heard
        return 500, f"{values} and {heard}"

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
    monkeypatch.delenv("INCIDENTCTL_NO_CHECKS")
    return Place(tmp_path, program, monkeypatch)


def question(name: str, *checks: dict[str, object], **more: object) -> dict[str, object]:
    return {"ask": f"Is it {name}?", "id": name, "checks": list(checks), **more}


def read_back(place: Place, service: str) -> None:
    """Everything that reads."""
    for words in (
        *(("status",), ("status", "--json"), ("timeline",), ("timeline", "--json"), ("history",)),
        *(("history", "--json"), ("resume",), ("change", service), ("change", service, "--json")),
        *(("show", service, *more) for more in ((), ("--json",), ("--origin",), ("--json", "--origin"))),
        *(("show", service, "--format", form) for form in ("markdown", "mermaid")),
        *(("lint", "--format", form) for form in ("text", "json", "github", "sarif", "junit")),
        *(("doctor", service), ("doctor", "--json")),
    ):
        place(*words)


REST = ("triage.impact: [critically degraded]", "clear.verify: yes", "mitigation.reconsider: roll-back")


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
            headers = {"Authorization": f"Bearer {place.secret(f'{name}_BEARER')}", "X-Api-Key": place.secret(f"{name}_KEY"),
                       "X-Scope": place.secret(f"{name}_ODD")}  # fmt: skip
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
        done = place("start", "checkout", "--title", "x", "--answers", answers(*REST))
        assert len(parrot.heard) >= len(checks), done.out + done.err
        assert "The runbook is broken" not in done.err
        read_back(place, "checkout")
    assert any(place.bird.found_in(heard) for heard in parrot.heard), "the servers were told their secrets"
    assert place.leaks() == {}
    print(place.said["0 start checkout"], place.said["15 doctor checkout"])
    assert 0
