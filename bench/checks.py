"""Fifty checks of 200 ms at once: wall time, as a ratio to one of them.  At most 1.3 is wanted.

    python bench/checks.py [RUNS]

The source is a server on loopback that answers each request after 200 ms.  The first round, which loads the library
that the checks need, is printed apart.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from incidentctl.checks.interface import Inquiry
from incidentctl.checks.runner import Runner
from incidentctl.clock import SystemClock
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Check
from incidentctl.walker.evidence import Measure

CHECKS: Final = 50
EACH: Final = 0.2
AT_MOST: Final = 1.3
ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


SERVER: Final = f"""
import asyncio

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    await asyncio.sleep({EACH})
    writer.write({ANSWER!r})
    await writer.drain()
    writer.close()

async def serve():
    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog={CHECKS})
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(serve())
"""


@contextmanager
def serving() -> Iterator[int]:
    """The server, in a process of its own as a real one is; its port."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None  # noqa: S101 - it was asked for as a pipe
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


def main() -> None:
    """Measure."""
    rounds = 1 + (int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    with serving() as port:
        took = [*measured(f"http://127.0.0.1:{port}/", rounds)]
    each = f"{CHECKS} checks of {EACH * 1000:.0f} ms"
    print(f"{each}, the first time: {took[0] / EACH:.2f} x one of them")
    again = statistics.median(took[1:]) / EACH
    verdict = "kept" if again <= AT_MOST else "MISSED"
    print(f"{each}, after that:     {again:.2f} x one of them, at most {AT_MOST} ({verdict})")


def measured(url: str, rounds: int) -> Iterator[float]:
    """Seconds of each round, from the wish until the last answer."""
    clock = SystemClock()
    measures = [Measure(f"signal/{number}", Check("http", {"url": url})) for number in range(CHECKS)]
    subjects = [measure.subject for measure in measures]
    runner = Runner(lambda measure: Inquiry(measure.check, clock.now()), clock, measures)
    for _ in range(rounds):
        before = time.perf_counter()
        runner.wish(subjects)
        runner.settle(subjects)
        yield time.perf_counter() - before
        answers = {found.answer for found in runner.take()}
        if answers != {Answer.NO}:
            sys.exit(f"not every check was answered: {answers}")
    runner.close()


if __name__ == "__main__":
    main()
