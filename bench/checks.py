"""Fifty checks of 200 ms at once: wall time, as a ratio to one of them.  At most 1.3 is wanted.

    python bench/checks.py [RUNS]

The source is a server on loopback that answers each request after 200 ms.  The first round, which loads the library
that the checks need, is printed apart.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import threading
import time
from typing import Final

from incidentctl.checks.interface import Inquiry
from incidentctl.checks.runner import Runner
from incidentctl.clock import SystemClock
from incidentctl.runbook.model import Check
from incidentctl.walker.evidence import Measure

CHECKS: Final = 50
EACH: Final = 0.2
AT_MOST: Final = 1.3
ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer after EACH seconds."""
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(EACH)
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


def serve(started: threading.Event, ports: list[int]) -> None:
    """Run the server, for as long as the program runs."""

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=CHECKS)
        ports.append(server.sockets[0].getsockname()[1])
        started.set()
        await server.serve_forever()

    asyncio.run(run())


def main() -> None:
    """Measure."""
    started, ports = threading.Event(), list[int]()
    threading.Thread(target=serve, args=(started, ports), daemon=True).start()
    started.wait()
    clock = SystemClock()
    url = f"http://127.0.0.1:{ports[0]}/"
    measures = [Measure(f"signal/{number}", Check("http", {"url": url})) for number in range(CHECKS)]
    subjects = [measure.subject for measure in measures]
    runner = Runner(lambda measure: Inquiry(measure.check, clock.now()), clock, measures)
    took = []
    for _ in range(1 + (int(sys.argv[1]) if len(sys.argv) > 1 else 5)):
        before = time.perf_counter()
        runner.wish(subjects)
        runner.settle(subjects)
        took.append(time.perf_counter() - before)
        answers = {found.answer for found in runner.take()}
        if answers != {"no"}:
            sys.exit(f"not every check was answered: {answers}")
    runner.close()
    print(f"{CHECKS} checks of {EACH * 1000:.0f} ms, the first time: {took[0] / EACH:.2f} x one of them")
    print(
        f"{CHECKS} checks of {EACH * 1000:.0f} ms, after that:      {statistics.median(took[1:]) / EACH:.2f} x"
        f" one of them (at most {AT_MOST} is wanted)"
    )


if __name__ == "__main__":
    main()
