"""What `doctor` found: `incidentctl/doctor/1` for scripts, grouped by service for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal, TypedDict

from incidentctl.record import record
from incidentctl.reports.timeline import wrapped
from incidentctl.text.escape import columns, one_line
from incidentctl.text.redact import redact

Kind = Literal["program", "store", "runbook", "check", "signal", "link", "person", "channel", "command"]
Result = Literal["ok", "failed", "unknown", "skipped"]
Style = Literal["", "bold", "dim", "yellow", "bold red", "green"]

_SHOWN: Final[dict[Result, tuple[str, Style]]] = {
    "failed": ("FAILED", "bold red"),
    "unknown": ("UNKNOWN", "yellow"),
    "ok": ("ok", ""),
    "skipped": ("skipped", "dim"),
}
"""The worst first: so they are shown, and so they are counted."""
_WORST: Final[Sequence[Result]] = tuple(_SHOWN)
_MACHINE: Final = "This machine"
_EVERY: Final = "Every service"
_MARGIN: Final = 11
_LONGEST: Final = 400
_SLOW: Final = 1.0
_TO_DO: Final = "What to do"
_INDENT: Final = 4


@record
class Examination:
    """One thing that was looked at.

    `subject` names it, among all of its `kind` and `service` (empty: this machine).  `said` is what was found, in a
    few words; `hint` is what to do about it.  `took` is in seconds, and None where nothing was waited for.
    """

    subject: str
    kind: Kind
    service: str
    result: Result
    said: str = ""
    hint: str = ""
    took: float | None = None


class Examined(TypedDict):
    """One examination, for scripts."""

    subject: str
    kind: Kind
    service: str | None
    result: Result
    said: str
    hint: str
    took_s: float | None


class Report(TypedDict):
    """`incidentctl/doctor/1` (docs/json.md)."""

    schema: Literal["incidentctl/doctor/1"]
    ok: bool
    examinations: list[Examined]


def harmless(one: Examination) -> Examination:
    """Without secrets and control characters, each of its texts on one line."""
    subject, said, hint = (one_line(redact(text), _LONGEST) for text in (one.subject, one.said, one.hint))
    return replace(one, subject=subject, said=said, hint=hint)


def all_is_well(found: Sequence[Examination]) -> bool:
    """Whether nothing failed and nothing was left open; what was skipped was not meant to be asked."""
    return all(one.result in ("ok", "skipped") for one in found)


def report(found: Sequence[Examination]) -> Report:
    """The promised shape, in the order in which things were looked at."""
    examinations: list[Examined] = [
        {
            "subject": one.subject,
            "kind": one.kind,
            "service": one.service or None,
            "result": one.result,
            "said": one.said,
            "hint": one.hint,
            "took_s": None if one.took is None else round(one.took, 3),
        }
        for one in found
    ]
    return {"schema": "incidentctl/doctor/1", "ok": all_is_well(found), "examinations": examinations}


# --- for people --------------------------------------------------------------------------------------------


@record
class Line:
    """One line, ready to be printed."""

    text: str
    style: Style = ""


def lines(found: Sequence[Examination], width: int) -> Iterator[Line]:
    """Group by group, in each what failed first; at most `width` columns.

    What is to be done stands once more at the end, under the sum: that is what a terminal still shows.
    """
    for title, group in _groups(found):
        yield Line(one_line(title, width), "bold")
        for one in sorted(group, key=lambda one: _WORST.index(one.result)):
            yield from _shown(one, width)
        yield Line("")
    yield from _sum(found, width)
    yield from _to_do(found, width)


def _groups(found: Sequence[Examination]) -> Iterator[tuple[str, list[Examination]]]:
    """The machine, what every service has in common (once), then service by service."""
    services = list(dict.fromkeys(one.service for one in found if one.service))
    common = _common(found, services)
    yield _MACHINE, [one for one in found if not one.service]
    if common:
        yield _EVERY, list(common.values())
    for service in services:
        yield service, [one for one in found if one.service == service and _words(one) not in common]


def _common(found: Sequence[Examination], services: Sequence[str]) -> dict[tuple[str, ...], Examination]:
    """What the organisation's defaults gave to all of them."""
    if len(services) < 2:
        return {}
    times = Counter(words for _, words in {(one.service, _words(one)) for one in found if one.service})
    shared = (one for one in found if one.service == services[0])
    return {_words(one): one for one in shared if times[_words(one)] == len(services)}


def _words(one: Examination) -> tuple[str, ...]:
    return one.kind, one.subject, one.result, one.said, one.hint


def _shown(one: Examination, width: int) -> Iterator[Line]:
    """`  link     Errors: logs.example.com answers 200 ......... ok`; below it the reason, or what does not fit."""
    word, style = _SHOWN[one.result]
    room = width - _MARGIN - len(word) - 2
    slow = one.result == "ok" and one.took is not None and one.took >= _SLOW
    said = f"{one.said} ({one.took:.1f} s)" if slow else one.said
    together = f"{one.subject}: {said}" if said else one.subject
    fits = columns(together) <= room and one.result in ("ok", "skipped")
    head = f"  {one.kind:<{_MARGIN - 2}}{one_line(together if fits else one.subject, room)}"
    yield Line(f"{head} {'.' * (width - columns(head) - len(word) - 2)} {word}", style)
    for sentence in filter(None, (said if not fits else "", one.hint)):
        for part in wrapped(sentence, width - _MARGIN):
            yield Line(" " * _MARGIN + part, "dim" if style == "dim" else "")


def _sum(found: Sequence[Examination], width: int) -> Iterator[Line]:
    counted = Counter(one.result for one in found)
    told = ", ".join(f"{counted[result]} {result}" for result in _WORST if counted[result])
    for part in wrapped(f"{told}.", width):
        yield Line(part, "green" if all_is_well(found) else "bold")


def _to_do(found: Sequence[Examination], width: int) -> Iterator[Line]:
    """Each thing that is not well once more: what to do about it, or what was found where nobody can say that."""
    if all_is_well(found):
        return
    yield Line("")
    yield Line(one_line(_TO_DO, width), "bold")
    for title, group in _groups(found):
        place = "" if title == _MACHINE else f"{title}, "
        for one in group:
            if one.result not in ("ok", "skipped"):
                yield from _in_short(f"{place}{one.subject}: {one.hint or one.said or one.result}", width)


def _in_short(text: str, width: int) -> Iterator[Line]:
    """One line, where it fits; else the rest further in, and nothing is left out: it may be a command."""
    for number, part in enumerate(wrapped(text, width - _INDENT)):
        yield Line(" " * (_INDENT if number else _INDENT // 2) + part)
