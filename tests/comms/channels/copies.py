"""A program that a test starts in a terminal: it copies the text of a file, says what became of it, and waits.

`python tests/comms/channels/copies.py FILE [NAME=VALUE]...`; its standard output is not what it copies to.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from incidentctl.comms.channels.clipboard import ClipboardChannel
from incidentctl.comms.channels.interface import Unsent
from tests.comms.channels.posts import post


def main(path: str, *settings: str) -> None:
    environ = {**os.environ, **dict(one.split("=", 1) for one in settings)}
    channel = ClipboardChannel({}, environ)
    try:
        receipt = asyncio.run(channel.send(post(Path(path).read_text()), seconds=10))
        print(f"copied, receipt {receipt.id!r}")
    except Unsent as error:
        print(f"{error.message}. {error.hint}")
    input()


if __name__ == "__main__":
    main(*sys.argv[1:])
