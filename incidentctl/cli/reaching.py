"""For `doctor`: every check and every link is asked, side by side, each with its deadline and all with one."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from incidentctl.cli.examining import Named
from incidentctl.incident.words import Answer, Evidence
from incidentctl.lint.addresses import OPENED, Address, addresses, links, masked
from incidentctl.lint.rules.dead_link import opened
from incidentctl.record import record
from incidentctl.reports.doctor import Examination
from incidentctl.runbook.keys import DEPLOYS
from incidentctl.runbook.model import External
from incidentctl.walker.evidence import Measure, measures

if TYPE_CHECKING:
    from incidentctl.checks.interface import Inquiry
    from incidentctl.lint.online import Visit

SECONDS: Final = 60.0
"""How long all of it may take."""
_AT_ONCE: Final = 24
_OFFLINE: Final = "not asked, because of --offline"
_TOO_LATE: Final = "no answer before the time was over that all of this may take"
_LATER: Final = "its address is filled in during an incident"
_SIGN_IN: Final = (401, 403, 407, 429)
"""A server that turns a program away is there: a person who signs in is let in."""


@record
class Ask:
    """One check of one service; `key` is unique among those of all services."""

    key: str
    of: Named
    measure: Measure


@record
class Way:
    """One address that a person opens, with the name under which it is shown."""

    of: Named
    address: Address
    title: str
    whole: bool


def to_ask(all_: Sequence[Named]) -> list[Ask]:
    """Every check, signal and status page of the runbooks; what one question asks twice is asked once."""
    books = ((one, one.book) for one in all_)
    pairs = [(one, measure) for one, book in books if book is not None for measure in measures(book)]
    asks = [Ask(f"{number}", one, measure) for number, (one, measure) in enumerate(pairs)]
    return list({(_of_check(ask), *sorted(ask.measure.check.values.items())): ask for ask in reversed(asks)}.values())[
        ::-1
    ]


def to_open(all_: Sequence[Named]) -> list[Way]:
    """Every link, status page and person's page that somebody wrote."""
    return [way for one in all_ for way in _ways(one)]


def _ways(one: Named) -> Iterator[Way]:
    if one.subject is None:
        return
    titles = {(*link.route, "url"): link.title for link in links(one.subject)}
    titles |= {(*person.route, "url"): person.role for person in one.subject.book.people.values()}
    titles |= {(*other.route, "status"): f"status page of {other.name}" for other in one.subject.book.externals}
    whole = {address.route for address in opened(one.subject)}
    for address in addresses(one.subject):
        later = masked(address.text) != address.text
        if address.kind in OPENED and (address.route in whole or (later and one.subject.written(address.route))):
            yield Way(one, address, titles.get(address.route, address.kind), whole=not later)


def not_asked(asks: Sequence[Ask], ways: Sequence[Way]) -> list[Examination]:
    """The same list as `reached`, without any of it."""
    checks = [replace(_of_check(ask), result="skipped", said=_OFFLINE) for ask in asks]
    return [
        *checks,
        *(replace(_of_link(way), result="skipped", said=_OFFLINE if way.whole else _LATER) for way in ways),
    ]


def reached(
    asks: Sequence[Ask], ways: Sequence[Way], folder: Path, store: Path | None, *, seconds: float = SECONDS
) -> list[Examination]:
    """Ask them all; what is not known after `seconds` stays unknown.  Paths of a runbook count from `folder`."""
    until = time.monotonic() + seconds
    visits = _Visits({way.address.text for way in ways if way.whole})
    checks = dict(_answers(asks, folder, store, until))
    found = [checks.get(ask.key) or replace(_of_check(ask), result="unknown", said=_TOO_LATE) for ask in asks]
    pages = visits.until(until)
    return [*found, *(_judged_link(way, pages.get(way.address.text)) for way in ways)]


# --- checks ------------------------------------------------------------------------------------------------


def _answers(asks: Sequence[Ask], folder: Path, store: Path | None, until: float) -> Iterator[tuple[str, Examination]]:
    """A few dozen at once: each may be a connection, or a program that is started."""
    from incidentctl.checks.runner import Runner
    from incidentctl.cli.checking import inquiry
    from incidentctl.clock import SystemClock

    clock = SystemClock()
    by_key = {ask.key: ask for ask in asks}

    def given(measure: Measure) -> Inquiry:
        book = by_key[measure.subject].of.book
        assert book is not None  # noqa: S101 - `to_ask` names no other
        return inquiry(book, folder, measure, clock.now(), store)

    runner = Runner(given, clock, [replace(ask.measure, subject=ask.key) for ask in asks])
    try:
        for start in range(0, len(asks), _AT_ONCE):
            if time.monotonic() >= until:
                return
            keys = [ask.key for ask in asks[start : start + _AT_ONCE]]
            begun = clock.now()
            runner.wish(keys)
            runner.settle(keys)
            for evidence in runner.take():
                took = (evidence.taken_at - begun).total_seconds()
                yield evidence.subject, replace(_judged(by_key[evidence.subject], evidence), took=took)
    finally:
        runner.close()


def _of_check(ask: Ask) -> Examination:
    """What is asked, under the name of its signal or question."""
    name, _, number = ask.measure.subject.partition("/")
    kind = ask.measure.check.kind
    if name == "signal":
        return ask.of.found("signal", f"{number} ({kind})", "unknown")
    owner = _owner(ask)
    return ask.of.found("check", f"{name} ({kind}, {owner.name})" if owner else f"{name} ({kind})", "unknown")


def _owner(ask: Ask) -> External | None:
    """Whose status page it is that is asked."""
    check, book = ask.measure.check, ask.of.book
    if check.kind != "statuspage" or book is None:
        return None
    return next((other for other in book.externals if other.status and other.status == check.values.get("url")), None)


def _judged(ask: Ask, found: Evidence) -> Examination:
    """An answer is well, whatever it is; what nobody could see is not."""
    one = _of_check(ask)
    unread = _unread(ask, found)
    if found.answer is Answer.UNKNOWN and found.number is None and _is_nobodys(ask):
        return replace(one, result="skipped", said="the runbook names no source of deploys")
    if unread or (found.answer is Answer.UNKNOWN and found.number is None) or _is_silence(ask, found):
        return replace(one, result="failed", said=unread or found.said, hint=_hint(ask, found))
    answer = "" if found.answer is Answer.UNKNOWN else f"{found.answer}: "
    return replace(one, result="ok", said=f"{answer}{found.said}")


def _is_nobodys(ask: Ask) -> bool:
    """The program asks its own change log about deploys where the runbook names no source of them."""
    check, book = ask.measure.check, ask.of.book
    return check.kind == "deploys" and not check.values and book is not None and "deploys" not in book.sources


def _unread(ask: Ask, found: Evidence) -> str:
    """Which sources of deploys could not be read while another one knew of some."""
    gaps = [row.text for row in found.rows if row.text.partition(":")[0] in DEPLOYS]
    return "; ".join(gaps) if ask.measure.check.kind == "deploys" else ""


def _is_silence(ask: Ask, found: Evidence) -> bool:
    """A probe that says yes because nobody answered at all: then it has no status to show."""
    return ask.measure.check.kind == "http" and found.answer is Answer.YES and not found.rows


def _hint(ask: Ask, found: Evidence) -> str:
    owner = _owner(ask)
    where = ask.of.where(ask.measure.check.route or ((*owner.route, "status") if owner else ()))
    if _is_silence(ask, found):
        return f"It is down, or its address is wrong{f': {where}' if where else '.'}"
    return _mend_it(where)


def _mend_it(where: str) -> str:
    """What to do about something that does not answer; nothing about what nobody wrote."""
    return f"Make it answer, or mend {where}" if where else ""


# --- links -------------------------------------------------------------------------------------------------


class _Visits:
    """The addresses, asked in a thread that nobody waits for longer than is left."""

    def __init__(self, urls: Collection[str]) -> None:
        """Begin at once."""
        self._urls = urls
        self._found: dict[str, Visit] = {}
        self._over = Event()
        if urls:
            Thread(target=self._ask, name="links", daemon=True).start()

    def _ask(self) -> None:
        from incidentctl.lint.online import visited

        try:
            visited(self._urls, self._found.__setitem__)
        finally:
            self._over.set()

    def until(self, moment: float) -> Mapping[str, Visit]:
        """What was found by then, on the clock of `time.monotonic`."""
        if self._urls:
            self._over.wait(max(0.0, moment - time.monotonic()))
        return dict(self._found)


def _of_link(way: Way) -> Examination:
    return way.of.found("link", way.title, "unknown")


def _judged_link(way: Way, visit: Visit | None) -> Examination:
    if not way.whole:
        return replace(_of_link(way), result="skipped", said=_LATER)
    if visit is None:
        return replace(_of_link(way), result="unknown", said=_TOO_LATE)
    if visit.opens or visit.status in _SIGN_IN:
        return replace(_of_link(way), result="ok", said=visit.said, took=visit.took)
    hint = _mend_it(way.of.where(way.address.route))
    return replace(_of_link(way), result="failed", said=visit.said, hint=hint, took=visit.took)
