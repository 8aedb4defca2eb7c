"""A JSON API of a test's own: one function answers every request; and it may misbehave, once or for good."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """One request: every value of each name of the query, headers in lower case, the body as it was read from JSON."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """A status, what becomes JSON, and headers; a text is sent as it is."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Moods:
    """What goes wrong: `instead` is answered in place of what would be, in order, then all is well again.

    `silent`: it does what it is asked, and says nothing; `hangs_up`: it does, and breaks off.  Both once.
    """

    instead: list[Reply] = field(default_factory=list)
    silent: bool = False
    hangs_up: bool = False
    closing: Event = field(default_factory=Event)


@contextmanager
def json_api(answer: Callable[[Request], Reply], moods: Moods) -> Iterator[str]:
    """The address at which `answer` is asked, in threads of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """And every other method."""
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            raw = self.rfile.read(int(headers.get("content-length", "0")))
            request = Request(
                self.command, parts.path, parse_qs(parts.query), headers, json.loads(raw) if raw else None
            )
            if moods.instead:
                self.reply(moods.instead.pop(0))
                return
            reply = answer(request)
            if request.method != "GET" and moods.hangs_up:
                moods.hangs_up = False
                self.close_connection = True
            elif request.method != "GET" and moods.silent:
                moods.silent = False
                moods.closing.wait(30)
            else:
                self.reply(reply)

        do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815 - the library's names

        def reply(self, reply: Reply) -> None:
            body = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
            """Callers hang up on it all the time."""

    server = Server(("127.0.0.1", 0), Handler)
    serving = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        moods.closing.set()
        server.shutdown()
        serving.join()
        server.server_close()
