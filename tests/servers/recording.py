"""A server that answers 200 to whatever it is asked, or what it is told to, and keeps it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass(frozen=True)
class Asked:
    """One request; the names of its headers are in lower case."""

    method: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is answered in place of an empty 200."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Recorder:
    """The address, what was asked there, and what is answered next."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: deque[Answer] = field(default_factory=deque)


@contextmanager
def recording() -> Iterator[Recorder]:
    """A server on a free port of the loopback, until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            recorder.asked.append(Asked(self.command, headers, body))
            answer = recorder.answers.popleft() if recorder.answers else Answer()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def do_POST(self) -> None:
            self.do_PUT()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    recorder = Recorder(f"http://127.0.0.1:{server.server_address[1]}/")
    serving = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
