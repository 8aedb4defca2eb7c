"""Which links are dead: each address of all files is asked once, side by side.  Only `--online` comes here."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

from incidentctl.http import Nowhere, Response, Unanswered, host_of, once, send
from incidentctl.lint.interface import Subject
from incidentctl.lint.rules import dead_link
from incidentctl.lint.targets import Folder
from incidentctl.record import record
from incidentctl.runbook.load import shown
from incidentctl.runbook.places import is_written
from incidentctl.runbook.tree import Tree

_AT_ONCE: Final = 16
_SECONDS: Final = 5.0
_IN_VAIN: Final = 3
_GONE: Final = (404, 410)
_NOT_BY_HEAD: Final = (*_GONE, 405, 501)  # some servers know pages by GET alone, and say so in all of these ways


@record
class Judged:
    """`dead`: why, for each address where nobody is.  `unknown`: of how many others, out of `asked`, none can tell."""

    dead: Mapping[str, str]
    unknown: int
    asked: int


def judged(folders: Sequence[Folder], given: Mapping[Path, bytes], today: date) -> Judged:
    """Ask for every link in the files that are wanted, and in the organisation's files under them."""
    return judged_addresses({url for folder in folders for url in _links(folder, given, today)})


def judged_addresses(urls: Iterable[str]) -> Judged:
    """Each is asked for at most 5 s by HEAD and, where that is no answer, by GET."""
    found = visited(urls)
    dead = {url: visit.said for url, visit in found.items() if visit.dead}
    unknown = sum(not visit.dead and not visit.opens for visit in found.values())
    return Judged(dead, unknown, len(found))


@record
class Visit:
    """What came of asking for one address: `said` is a sentence that holds no secret.

    `dead`: nobody is there any more.  `status` is what a server answered, 0 where none did.  `took` is in seconds.
    """

    said: str
    status: int = 0
    dead: bool = False
    took: float | None = None

    @property
    def opens(self) -> bool:
        """Whether there is a page for whoever asks."""
        return 0 < self.status < 400


def _nobody_is_told(_url: str, _visit: Visit) -> None:
    """Whoever waits for the end has all of them."""


def visited(urls: Iterable[str], tell: Callable[[str, Visit], None] = _nobody_is_told) -> dict[str, Visit]:
    """Ask for each once, as in `judged_addresses`; `tell` is told of each as soon as it is known."""
    asked = sorted(set(urls))
    return dict(zip(asked, once(_all(asked, tell)), strict=True))


def _links(folder: Folder, given: Mapping[Path, bytes], today: date) -> Iterator[str]:
    tree = Tree(folder.defaults, given)
    for path in folder.services:
        if path not in folder.wanted and folder.defaults not in folder.wanted:
            continue
        loaded = tree.load(path)
        if loaded.draft is not None and loaded.root is not None:
            subject = Subject(loaded.draft, shown(path), today, {}, partial(is_written, loaded.root))
            yield from (address.text for address in dead_link.opened(subject))


async def _all(urls: Sequence[str], tell: Callable[[str, Visit], None]) -> list[Visit]:
    turns = asyncio.Semaphore(_AT_ONCE)
    silent: Counter[str] = Counter()

    async def one(url: str) -> Visit:
        visit = await _in_turn(url, turns, silent)
        tell(url, visit)
        return visit

    return await asyncio.gather(*map(one, urls))


async def _in_turn(url: str, turns: asyncio.Semaphore, silent: Counter[str]) -> Visit:
    """A host that was asked in vain too often is let be: what a firewall hides would cost 5 s for each link."""
    async with turns:
        if silent[host_of(url)] >= _IN_VAIN:
            return Visit(f"{host_of(url)} did not answer for other links, and was asked no more")
        begun = time.monotonic()
        try:
            visit = await _visit(url)
        except Unanswered as error:
            silent[host_of(url)] += 1
            visit = Visit(error.message)
        return replace(visit, took=time.monotonic() - begun)


async def _visit(url: str) -> Visit:
    """What is answered, and whether that means that nobody can open `url`.  Raises Unanswered where none can tell."""
    try:
        answer = await _asked("HEAD", url)
        if answer.status in _NOT_BY_HEAD:
            answer = await _asked("GET", url)
    except Nowhere as nowhere:
        return Visit(nowhere.message, dead=True)
    return Visit(f"{host_of(answer.url)} answers {answer.status}", answer.status, dead=answer.status in _GONE)


async def _asked(method: str, url: str) -> Response:
    return await send(method, url, seconds=_SECONDS, most=0, whole=False, redirects=10)
