"""A server that answers 200 to whatever it is asked, and keeps it."""

from __future__ import annotations

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


@dataclass
class Recorder:
    """The address, and what was asked there."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def recording() -> Iterator[Recorder]:
    """A server on a free port of the loopback, until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            recorder.asked.append(Asked(self.command, headers, body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

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
