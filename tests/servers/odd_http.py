"""A web server that misbehaves: each path is one way in which a real one has kept somebody waiting at 3 AM."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

TOGETHER: Final = 20
HOSTILE: Final = "\x1b]0;owned\x07\x1b[31m[bold red]no[/] \u202egnp.exe"


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class OddServer(ThreadingHTTPServer):
    """Listens on a free port of the loopback until it is closed; every request is written down."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Asked] = []
        self.closing = Event()
        self.together = Barrier(TOGETHER)
        self.scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def url(self, path: str) -> str:
        return f"{self.scheme}://{self.host}{path}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Callers hang up on it all the time."""


class Handler(BaseHTTPRequestHandler):
    """Looks up its way to misbehave by the path."""

    protocol_version = "HTTP/1.1"
    server: OddServer

    def do_GET(self) -> None:
        """And every other method."""
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append(Asked(self.command, self.path, headers, self.rfile.read(length)))
        WAYS.get(urlsplit(self.path).path, nothing)(self)

    do_HEAD = do_POST = do_DELETE = do_GET  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""

    def argument(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query).get(name, [""])[0]

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole and honest answer; `_` in a header's name is `-`."""
        self.begin(status, **{"Content_Length": str(len(body)), **headers})
        self.send(b"" if self.command == "HEAD" else body)

    def begin(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True


def nothing(to: Handler) -> None:
    to.reply(404, b"<h1>Not found</h1>", Content_Type="text/html")


def status(to: Handler) -> None:
    """`/status?is=503&after=1&says=...`"""
    after = to.argument("after")
    to.reply(int(to.argument("is")), to.argument("says").encode(), **({"Retry_After": after} if after else {}))


def redirect(to: Handler) -> None:
    """`/to?url=...&is=302`"""
    to.reply(int(to.argument("is") or 302), Location=to.argument("url"), Set_Cookie="session=1; Path=/")


def further(to: Handler) -> None:
    """A new address each time."""
    to.reply(302, Location=f"/further?n={int(to.argument('n') or 0) + 1}")


def waits(to: Handler) -> None:
    to.server.closing.wait(30)


def drips(to: Handler) -> None:
    to.begin(200, Content_Length="1000000")
    while not to.server.closing.wait(0.01):
        to.send(b".")


def never_ends(to: Handler) -> None:
    to.begin(200, Transfer_Encoding="chunked")
    while not to.server.closing.is_set():
        to.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")


def a_gigabyte(to: Handler) -> None:
    to.begin(200, Content_Length=str(1 << 30))
    for _ in range(1 << 14):
        to.send(b"x" * 0x10000)


@cache
def a_bomb() -> bytes:
    """200 kB that unpack to 200 MB."""
    return gzip.compress(bytes(200_000_000))


def bomb(to: Handler) -> None:
    to.reply(200, a_bomb(), Content_Encoding="gzip")


def packed(to: Handler) -> None:
    """Two members, as tools that append write them."""
    to.reply(200, gzip.compress(b'{"packed":') + gzip.compress(b" true}"), Content_Encoding="gzip")


def half_packed(to: Handler) -> None:
    to.reply(200, gzip.compress(b"x" * 10_000)[:-12], Content_Encoding="gzip")


def not_packed(to: Handler) -> None:
    to.reply(200, b"this is no gzip", Content_Encoding="gzip")


def other_packing(to: Handler) -> None:
    to.reply(200, b"?", Content_Encoding="br")


def babbles(to: Handler) -> None:
    to.send(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n")
    to.hang_up()


def hangs_up(to: Handler) -> None:
    to.hang_up()


def breaks_off(to: Handler) -> None:
    to.begin(200, Content_Length="100")
    to.send(b"ten bytes.")
    to.hang_up()


def echo(to: Handler) -> None:
    """A server that quotes whoever asked it, keys and all."""
    said = " ".join([to.path, to.headers.get("Authorization", ""), to.headers.get("X-Api-Key", "")])
    to.reply(int(to.argument("is") or 500), said.encode())


def together(to: Handler) -> None:
    """Answers when twenty ask at once, and not before."""
    to.server.together.wait(10)
    to.reply(200, b"ok")


def text(body: str) -> Callable[[Handler], None]:
    return lambda to: to.reply(200, body.encode(), Content_Type="application/json")


WAYS: Final[Mapping[str, Callable[[Handler], None]]] = {
    "/ok": text('{"ok": true}'),
    "/html": lambda to: to.reply(200, b"<!doctype html><title>Log in</title>", Content_Type="application/json"),
    "/empty": text(""),
    "/words": text("all good"),
    "/nan": text('{"rate": NaN}'),
    "/infinity": text('{"rate": 1e999}'),
    "/deep": text("[" * 5000 + "]" * 5000),
    "/deeper": text("[" * 200_000),
    "/hundred": text("[" * 100 + "]" * 100),
    "/hostile": lambda to: to.reply(500, HOSTILE.encode()),
    "/no-head": lambda to: to.reply(405 if to.command == "HEAD" else 200),
    "/status": status,
    "/to": redirect,
    "/circle": lambda to: to.reply(302, Location="/circle-2"),
    "/circle-2": lambda to: to.reply(302, Location="/circle"),
    "/further": further,
    "/waits": waits,
    "/drips": drips,
    "/never-ends": never_ends,
    "/a-gigabyte": a_gigabyte,
    "/bomb": bomb,
    "/packed": packed,
    "/half-packed": half_packed,
    "/not-packed": not_packed,
    "/other-packing": other_packing,
    "/babbles": babbles,
    "/hangs-up": hangs_up,
    "/breaks-off": breaks_off,
    "/echo": echo,
    "/together": together,
}


@contextmanager
def odd_server(certificate: Path | None = None) -> Iterator[OddServer]:
    """The server, answering in threads of its own; by https where `certificate` holds a key and a certificate."""
    server = OddServer(certificate)
    serving = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        serving.join()
        server.server_close()
