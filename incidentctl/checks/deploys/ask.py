"""The `deploys` check: was anything deployed within the question's window (P-TREE-1)?

Every source that the runbook names is asked, and always the change log, all side by side.

yes      any of them knows of a deploy inside the window, whatever the others say; a deploy of exactly then counts
no       every source could be read, none has one, and one of them is more than the change log: what nobody wrote down
         is not in there
unknown  a source could not be read, or cannot see all of its deploys, and no other one has any
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from incidentctl.checks.deploys import argocd, changes, git, github, kubernetes
from incidentctl.checks.deploys.deploy import Deploy, Seen
from incidentctl.checks.foreign import patience
from incidentctl.checks.interface import Found, Inquiry
from incidentctl.errors import UserError
from incidentctl.incident.words import Answer, Row
from incidentctl.record import record
from incidentctl.text.escape import clean, one_line
from incidentctl.text.redact import REDACTED, redact
from incidentctl.text.times import clock_time, span

Source = Callable[[Inquiry], Awaitable[Seen]]

SOURCES: Final[Mapping[str, Source]] = {
    "git": git.deploys,
    "github": github.deploys,
    "kubernetes": kubernetes.deploys,
    "argocd": argocd.deploys,
}
WINDOW: Final = timedelta(hours=6)
_SKEW: Final = timedelta(minutes=1)
_MOST_ROWS: Final = 20
_LONGEST: Final = 120
_SECRETS: Final = (github.TOKEN, argocd.TOKEN)


@record
class Look:
    """What one source said: `seen`, or why it could not be read."""

    name: str
    seen: Seen | None
    why: str = ""


async def ask(inquiry: Inquiry) -> Found:
    """Ask all sources at once; one that is silent keeps nothing back of what the others know."""
    asked = {**{name: one for name, one in SOURCES.items() if _named(inquiry, name)}, changes.NAME: changes.deploys}
    looks = await asyncio.gather(*(_look(name, source, inquiry) for name, source in asked.items()))
    return _discreet(_Judge(looks, inquiry).found(), inquiry)


def _named(inquiry: Inquiry, source: str) -> bool:
    """Whether the runbook names it, if only as `kubernetes: {}`."""
    keys = {*inquiry.check.values, *inquiry.source}
    return any(key == source or key.startswith(f"{source}.") for key in keys)


async def _look(name: str, source: Source, inquiry: Inquiry) -> Look:
    """What the others found must be told before the check itself is ended, so each has a little less than there is."""
    seconds = inquiry.seconds * 0.9
    try:
        async with asyncio.timeout(seconds):
            return Look(name, await source(replace(inquiry, seconds=patience(inquiry))))
    except TimeoutError:
        return Look(name, None, f"it took more than {seconds:g} s")
    except UserError as error:
        return Look(name, None, error.message)


def _discreet(found: Found, inquiry: Inquiry) -> Found:
    """Without the tokens, which a server may say back."""
    said, rows = found.said, found.rows
    for secret in filter(None, map(inquiry.environ.get, _SECRETS)):
        said = said.replace(secret, REDACTED)
        rows = tuple(Row(row.text.replace(secret, REDACTED), row.key.replace(secret, REDACTED)) for row in rows)
    return replace(found, said=said, rows=rows)


# --- the verdict -------------------------------------------------------------------------------------------


class _Judge:
    """Puts together what all sources said."""

    def __init__(self, looks: Sequence[Look], inquiry: Inquiry) -> None:
        self._looks = looks
        self._now = inquiry.now
        self._within = inquiry.within or WINDOW
        edge = inquiry.now - self._within
        known = [(deploy, look.name) for look in looks if look.seen for deploy in look.seen.deploys]
        known.sort(key=lambda one: one[0].latest, reverse=True)
        self._recent = [one for one in known if one[0].latest >= edge]
        self._earlier = [one for one in known if one[0].latest < edge][:1]

    def found(self) -> Found:
        """Yes, no or unknown, with the deploys, the newest first, and with what could not be seen."""
        rows = tuple(self._rows(self._recent or self._earlier))
        gaps = tuple(self._gaps())
        if self._recent:
            return Found(Answer.YES, self._yes(), (*rows, *map(Row, gaps)))
        if gaps:
            return Found(Answer.UNKNOWN, "; ".join(gaps), rows)
        return Found(Answer.NO, "; ".join([self._no(), *self._remarks()]), rows)

    def _yes(self) -> str:
        """`1 deploy in the last 6 h: 14:02 UTC, 1 h 10 min ago, v1.42 by Ana`"""
        said = f"{self._how_many()} in the last {span(self._within)}{', the latest' if self._recent[1:] else ''}: "
        unread = [look.name for look in self._looks if look.seen is None]
        more = f"; not read: {', '.join(unread)}" if unread else ""
        return f"{said}{self._told(self._recent[0][0])}{more}"

    def _how_many(self) -> str:
        """`1 deploy`, `3 deploys (1 failed)`: what failed may have changed something all the same, and so it counts."""
        count, failed = len(self._recent), sum(deploy.failed for deploy, _ in self._recent)
        if count == 1:
            return "1 failed deploy, which may have changed something," if failed else "1 deploy"
        return f"{count} deploys ({failed} failed)" if failed else f"{count} deploys"

    def _no(self) -> str:
        """`none since 14:02 UTC on 20 November, 3 days ago: v1.41 by Bo`"""
        if not self._earlier:
            return f"none in the last {span(self._within)}, and no earlier one is known"
        deploy = self._earlier[0][0]
        return f"none since {self._when(deploy.latest)}: {_by(deploy)}"

    def _gaps(self) -> Iterator[str]:
        """What could not be seen, source by source."""
        for look in self._looks:
            if look.seen is None:
                yield f"{look.name}: {look.why}"
            elif look.seen.doubt:
                yield f"{look.name}: {look.seen.doubt}"
        if len(self._looks) == 1 and self._looks[0].seen and not self._recent:
            # By itself it says nothing: somebody may not have written.
            since = f" in the last {span(self._within)}" if self._earlier else ""
            yield f"the change log has nothing{since}, and the runbook names no other source of deploys"

    def _remarks(self) -> Iterator[str]:
        return (f"{look.name}: {look.seen.remark}" for look in self._looks if look.seen and look.seen.remark)

    # --- in words

    def _rows(self, deploys: Sequence[tuple[Deploy, str]]) -> Iterator[Row]:
        for deploy, source in deploys[:_MOST_ROWS]:
            where = f"{source} {deploy.reference}".rstrip()
            yield Row(f"{self._told(deploy)} ({where})", deploy.reference)
        if len(deploys) > _MOST_ROWS:
            yield Row(f"and {len(deploys) - _MOST_ROWS} more")

    def _told(self, deploy: Deploy) -> str:
        return f"{self._when(deploy.at)}, {_by(deploy)}"

    def _when(self, moment: datetime) -> str:
        """`14:02 UTC, 1 h 10 min ago`"""
        clock = clock_time(moment, UTC, seen_from=self._now)
        if moment > self._now + _SKEW:
            return f"{clock}, {span(moment - self._now)} ahead of our clock"
        return f"{clock}, {span(self._now - moment)} ago"


def _by(deploy: Deploy) -> str:
    what = one_line(redact(clean(deploy.what)), _LONGEST)  # cut afterwards: half a secret would not be recognised
    done = f"{what} by {deploy.by}" if deploy.by else what
    return f"{done}, {deploy.outcome}" if deploy.outcome else done
