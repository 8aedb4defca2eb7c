"""The one door to other programs: no shell, a deadline, and no more output than was asked for."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from incidentctl.errors import UserError
from incidentctl.record import record

_PIECE: Final = 1 << 16


class Unfinished(UserError):
    """The program could not be started, took too long, or said too much; it runs no more."""


@record
class Done:
    """What a program left behind; a negative `status` is the signal that ended it."""

    status: int
    out: bytes
    err: bytes


def run(
    argv: Sequence[str],
    *,
    seconds: float,
    most: int,
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Done:
    """Run `argv` with nothing to read, for at most `seconds`; both its streams together hold at most `most` bytes.

    `environ` is added to our own.  Raises Unfinished; whatever the program had started is ended with it.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - a list of words, no shell: that is what this door is for
            list(argv),
            cwd=cwd,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that its children can be ended with it
        )
    except (OSError, ValueError) as error:
        raise Unfinished(f"`{argv[0]}` cannot be started: {error}") from error
    try:
        out, err = _output(process, argv[0], time.monotonic() + seconds, most)
        return Done(process.wait(), out, err)
    finally:
        _end(process)


def _output(process: subprocess.Popen[bytes], name: str, deadline: float, most: int) -> tuple[bytes, bytes]:
    """Both streams, to their ends."""
    streams: dict[IO[bytes], bytearray] = {}
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            assert stream is not None  # noqa: S101 - both were asked for as pipes
            streams[stream] = bytearray()
            selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise Unfinished(f"`{name}` took too long")
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                if not piece:
                    selector.unregister(key.fileobj)
                streams[key.data] += piece
            if sum(map(len, streams.values())) > most:
                raise Unfinished(f"`{name}` said more than {most} bytes")
    out, err = streams.values()
    return bytes(out), bytes(err)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it and its children, if anything of it still runs, and close what was open."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
