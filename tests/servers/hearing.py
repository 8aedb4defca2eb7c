"""A web hook of a test's own: whatever is posted to it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from typing import Final

PATIENCE: Final = 20.0


class Hook:
    """The address to post to, and what was posted."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.posted: Queue[bytes] = Queue()

    def heard(self, fits: Callable[[bytes], bool]) -> bytes:
        """The next body that fits; those before it are thrown away."""
        last = b""
        while not (last and fits(last)):
            try:
                last = self.posted.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError(f"nothing that fits was posted; the last was {last!r}") from None
        return last


@contextmanager
def hearing() -> Iterator[Hook]:
    """A hook on a free port of the loopback, until the block is left."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.posted.put(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hook = Hook(f"http://127.0.0.1:{server.server_address[1]}/")
    serving = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    try:
        yield hook
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
