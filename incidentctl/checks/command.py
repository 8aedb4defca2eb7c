"""The `command` check: a command line that only looks, for what no other kind of check can see.

Keys: `run` (one command line), `read_only: true`, `yes_when` (`"> 80%"`).

yes      it exits 0; with `yes_when`, the first number that it prints meets the condition
no       it exits with 1 to 125; with `yes_when`, the number does not meet the condition
unknown  The check itself does not say `read_only: true`.  It cannot be started, is killed, takes too long, says too
         much, or exits with 126 and above (for POSIX shells: cannot be run, not found, ended by a signal).  With
         `yes_when`: it fails, or prints no number.  The line needs a shell or an input.

The line is split as a shell would split words, and no shell sees it.  It runs in the runbook's folder, has nothing to
read, and has our environment: what it needs of secrets it takes from there, since `${NAME}` is not replaced in it.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.incident.words import Answer, Row
from incidentctl.runbook.quantities import Quantity, holds, in_unit, parse_comparison, parse_quantity
from incidentctl.subprocesses import Done, run
from incidentctl.text.escape import clean, one_line
from incidentctl.text.ours import withheld
from incidentctl.text.redact import redact

_MOST: Final = 1_000_000
_LOOKED_AT: Final = 50_000
_ROWS: Final = 20
_WIDEST: Final = 300
_NO_SHELL: Final = re.compile(r"\|\|?|&&?|;|[0-9]?(>>?|<<?)(&[0-9-])?")
_BETWEEN_NUMBERS: Final = re.compile(r"[\s=:{}\[\]()\"'|]+")


async def ask(inquiry: Inquiry) -> Found:
    """Run the command once, to its end."""
    argv = _words(inquiry)
    raw = await asyncio.to_thread(run, argv, seconds=inquiry.seconds * 0.9, most=_MOST, cwd=inquiry.folder)
    done = replace(raw, out=_discreet(raw.out, inquiry), err=_discreet(raw.err, inquiry))
    if done.status < 0 or done.status >= 126:
        raise Unknown(_ended(argv[0], done))
    printed = done.out.decode()
    measured = _first_number(raw.out.decode("utf-8", "replace")) if done.status == 0 else None
    said = _line(done.out) or _line(done.err) if done.status == 0 else _line(done.err) or _line(done.out)
    rows = tuple(Row(one_line(line, _WIDEST)) for line in printed.splitlines()[:_ROWS] if line.strip())
    condition = inquiry.text("yes_when")
    if condition:
        return _compared(inquiry, condition, measured, _ended(argv[0], done), rows)
    answer = Answer.YES if done.status == 0 else Answer.NO
    return Found(answer, said or _ended(argv[0], done), rows, _in_unit(measured, inquiry.unit))


# --- the command line --------------------------------------------------------------------------------------


def _words(inquiry: Inquiry) -> Sequence[str]:
    """The words of the command.  Raises Unknown where it must not, or cannot, be run like this."""
    # Of the check itself: `sources` cannot promise it for commands that nobody has written yet.
    values = inquiry.check.values
    if values.get("read_only") != "true":
        message = "the runbook does not say `read_only: true` for this command"
        raise Unknown(message)
    line = values.get("run", "")
    if "{{" in line:
        message = "a check has no inputs to fill the `{{ }}` of its command"
        raise Unknown(message)
    try:
        words = shlex.split(line)
    except ValueError as error:
        message = f"the command cannot be split into words: {error}"
        raise Unknown(message) from error
    odd = next((word for word in words if _NO_SHELL.fullmatch(word) or re.search(r"\$\{\w+\}", word)), "")
    if odd or not words:
        message = f"`{odd}` needs a shell, and none runs this command" if odd else "the runbook does not say `run`"
        raise Unknown(message)
    return words


# --- what it did -------------------------------------------------------------------------------------------


def _discreet(output: bytes, inquiry: Inquiry) -> bytes:
    """The beginning, without secrets: they go before a line is cut, since half of one would not be recognised.

    Colours go even before that: `"token"` may be green and its value red.
    """
    text = clean(output[:_LOOKED_AT].decode("utf-8", "replace"), lines=True)
    return redact(withheld(text, inquiry.environ)).encode()


def _ended(name: str, done: Done) -> str:
    """`kubectl ended with status 1`, and the first line that it complained with."""
    how = f"was ended by signal {-done.status}" if done.status < 0 else f"ended with status {done.status}"
    complaint = _line(done.err)
    return f"`{name}` {how}" + (f": {complaint}" if complaint else "")


def _line(output: bytes) -> str:
    """The first line that says something."""
    lines = output[:10_000].decode("utf-8", "replace").splitlines()
    return next((line for line in (one_line(raw, _WIDEST) for raw in lines) if line), "")


# --- its number --------------------------------------------------------------------------------------------


def _first_number(printed: str) -> Quantity | None:
    """The first number that stands by itself, with its unit: `85%`, `lag=1,200`, `"lag": 7`; not that of `pod-7d9f`."""
    # Colours are numbers as well, and go first.
    for word in _BETWEEN_NUMBERS.split(clean(printed, lines=True)):
        try:
            found = parse_quantity(word.rstrip(",.;"))
        except ValueError:
            continue
        if found.unit in ("", "%") or found.unit.isalpha():
            return found
    return None


def _compared(inquiry: Inquiry, condition: str, measured: Quantity | None, ended: str, rows: tuple[Row, ...]) -> Found:
    """What `yes_when` makes of the number; a bare bound is in whatever the command prints."""
    if measured is None:
        message = f"no number to compare: {ended}"
        raise Unknown(message)
    try:
        sign, bound = parse_comparison(condition)
        unit = inquiry.unit or bound.unit or measured.unit
        number = in_unit(measured, unit)
        met = holds(number, sign, in_unit(bound, unit))
    except ValueError as error:
        message = f"`yes_when` cannot be compared with what the command prints: {error}"
        raise Unknown(message) from error
    said = f"{measured.number:.15g}{measured.unit}, which is {'' if met else 'not '}{condition}"
    return Found(Answer.YES if met else Answer.NO, said, rows, number)


def _in_unit(measured: Quantity | None, unit: str) -> float | None:
    """The number as the signal counts it; None where it has a unit that does not fit."""
    try:
        return in_unit(measured, unit) if measured else None
    except ValueError:
        return None
