"""Pages on their way, and whether anybody has acknowledged them: each in a thread of its own, beside the prompts.

So are the acknowledging and resolving of what is in PagerDuty already.

What PagerDuty answers waits here until the session takes it.  Nobody is paged here unless a person has let that page
go; after a crash PagerDuty is asked whether it has it, and nothing is sent again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from incidentctl.comms.background import Background, made_in_time
from incidentctl.errors import UserError
from incidentctl.incident.paging import PageAnswered, PageEnded, PagerAct, PagerAsked, PagerTold, PageStarted
from incidentctl.incident.state import Incident, Paging
from incidentctl.text.escape import one_line
from incidentctl.text.redact import redact

if TYPE_CHECKING:
    from incidentctl.comms.channels.interface import Receipt
    from incidentctl.comms.channels.pagerduty import Page, Pagerduty

T = TypeVar("T")
_SECONDS: Final = 20.0
_BETWEEN: Final = 20.0
_LONGEST: Final = 200
_UNSEEN: Final = "PagerDuty has no open incident of it"


class RealPager:
    """Pages through PagerDuty, with the key that the environment or the keyring has."""

    def __init__(self, environ: Mapping[str, str], between: float = _BETWEEN) -> None:
        """`between` are the seconds from one look at who has acknowledged to the next."""
        self._environ = environ
        self._between = between
        self._looked_at: float | None = None
        self._trouble = ""
        self._background: Background[PageEnded | PageAnswered | PagerTold] = Background()

    def name(self) -> str:
        """What it pages through, where that can be used from here; else empty."""
        return "" if isinstance(self._pagerduty, UserError) else "PagerDuty"

    def trouble(self) -> str:
        """Why it cannot be told at present who has acknowledged; empty where it can."""
        return self._trouble

    def begin(self, incident: Incident, page: PageStarted, *, again: bool) -> None:
        """Page them; or, `again`, ask whether they were paged already."""
        self._background.begin(partial(self._page, incident, page, again=again))

    def ask(self, asked: PagerAsked) -> None:
        """Acknowledge or resolve those incidents."""
        for id_ in asked.ids:
            self._background.begin(partial(self._ask, asked.what, id_))

    def look(self, pages: Sequence[Paging]) -> None:
        """Ask who has acknowledged these, unless that was asked a moment ago."""
        now = time.monotonic()
        if pages and (self._looked_at is None or now - self._looked_at >= self._between):
            self._looked_at = now
            self._background.begin(partial(self._look, tuple(pages)))

    def take(self) -> Sequence[PageEnded | PageAnswered | PagerTold]:
        """What came to be known since the last time."""
        return self._background.take()

    def settle(self) -> None:
        """Wait until nothing is on its way; the deadlines bound it."""
        self._background.settle()

    # --- in the threads -------------------------------------------------------------------------------------

    def _page(self, incident: Incident, page: PageStarted, *, again: bool) -> None:
        self._background.put(self._outcome(incident, page, again=again))

    def _outcome(self, incident: Incident, page: PageStarted, *, again: bool) -> PageEnded:
        ended = PageEnded(page.role, page.channel, page.key, "perhaps")
        try:
            receipt = asyncio.run(_in_time(self._receipt(page, _words(incident, page), again=again)))
        except UserError as error:
            # After a crash nobody can tell what is not there to be seen: it may have come, and be over.
            perhaps = again or getattr(error, "perhaps", False)
            reason = one_line(redact(error.message), _LONGEST)
            return replace(ended, result="perhaps" if perhaps else "failed", reason=reason)
        except Exception as error:  # noqa: BLE001 - they are paged by hand; the walk goes on
            return replace(ended, reason=f"paging itself failed ({type(error).__name__})")
        if receipt is None:
            return replace(ended, reason=_UNSEEN)
        id_, url = (one_line(redact(text), _LONGEST) for text in (receipt.id, receipt.url))
        return replace(ended, result="sent", id=id_, url=url)

    async def _receipt(self, page: PageStarted, words: Page, *, again: bool) -> Receipt | None:
        if again:
            return await self._usable().paged(words, seconds=_SECONDS)
        return await self._usable().page(page.whom, words, service=page.service, seconds=_SECONDS)

    def _ask(self, what: PagerAct, id_: str) -> None:
        result, reason = self._told(what, id_)
        self._background.put(PagerTold(what, id_, result, reason))

    def _told(self, what: PagerAct, id_: str) -> tuple[Literal["done", "failed", "perhaps"], str]:
        try:
            asyncio.run(_in_time(self._done(what, id_)))
        except UserError as error:
            reason = one_line(redact(error.message), _LONGEST)
            return "perhaps" if getattr(error, "perhaps", False) else "failed", reason
        except Exception as error:  # noqa: BLE001 - a person does it there; the walk goes on
            return "perhaps", f"asking itself failed ({type(error).__name__})"
        return "done", ""

    async def _done(self, what: PagerAct, id_: str) -> None:
        if what == "acknowledge":
            await self._usable().acknowledge(id_, seconds=_SECONDS)
        else:
            await self._usable().resolve(id_, seconds=_SECONDS)

    def _look(self, pages: tuple[Paging, ...]) -> None:
        troubles = []
        for page in pages:
            try:
                for first in asyncio.run(_in_time(self._usable().acknowledged(page.id, seconds=_SECONDS)))[:1]:
                    who = one_line(redact(first.by), _LONGEST)
                    self._background.put(PageAnswered(page.started.role, page.started.key, who, first.at))
            except UserError as error:
                troubles.append(one_line(redact(error.message), _LONGEST))
            except Exception as error:  # noqa: BLE001 - it is asked again
                troubles.append(f"asking itself failed ({type(error).__name__})")
        self._trouble = troubles[0] if troubles else ""

    def _usable(self) -> Pagerduty:
        """Raises UserError where PagerDuty cannot be asked from here."""
        if isinstance(self._pagerduty, UserError):
            raise self._pagerduty
        return self._pagerduty

    @cached_property
    def _pagerduty(self) -> Pagerduty | UserError:
        from incidentctl.comms.channels.pagerduty import Pagerduty

        return made_in_time(partial(Pagerduty, self._environ))


async def _in_time(asked: Awaitable[T]) -> T:
    async with asyncio.timeout(_SECONDS + 1):
        return await asked


def _words(incident: Incident, page: PageStarted) -> Page:
    """What they read on their telephone: how bad, what, and why it is them."""
    from incidentctl.comms.channels.pagerduty import Page

    severity = f"{incident.severity.level} " if incident.severity else ""
    commander = incident.holder("ic")
    lines = [
        f"You are paged as {page.role} ({page.name}).",
        *([f"Incident commander: {commander}."] if commander else []),
        *([f"Channel: {incident.channel}."] if incident.channel else []),
        *([f"War room: {', '.join(incident.affected)} affected too."] if incident.affected else []),
        f"incidentctl, incident {incident.id}",
    ]
    return Page(f"{severity}{incident.service}: {incident.title}", "\n".join(lines), page.key)
