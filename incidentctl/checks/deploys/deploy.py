"""What the sources of deploys have in common: what a deploy is, and what one source can see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from incidentctl.record import record

LOOK_BACK: Final = timedelta(days=90)
"""How far back an earlier deploy is worth naming, where a source is asked for a span."""


@record
class Deploy:
    """One deploy: `what` names it (`v1.42: Round up`), `reference` is its id at the source.  Times are in UTC.

    `ended_at` is None where it is not known, or all the same moment.  `outcome` is how it ended, in words, where that
    is known.  One that `failed` is a deploy all the same: it often got half of the way.
    """

    at: datetime
    what: str
    by: str = ""
    reference: str = ""
    ended_at: datetime | None = None
    outcome: str = ""
    failed: bool = False

    @property
    def latest(self) -> datetime:
        """When it last changed something: a rollout counts until it has ended."""
        return max(self.at, self.ended_at or self.at)


@record
class Seen:
    """What one source can see.

    `doubt` says why there may be deploys that it does not see: such a source cannot say no.  `remark` is worth saying
    beside a no.
    """

    deploys: tuple[Deploy, ...]
    doubt: str = ""
    remark: str = ""


def moment(value: object) -> datetime | None:
    """The moment that a foreign text names (RFC 3339); None where it names none."""
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year > 1970 else None  # Go writes a time that nobody set as the year 1


def short(revision: str) -> str:
    """The first letters of a commit's full name; anything else as it is."""
    whole = len(revision) in (40, 64) and not set(revision) - set("0123456789abcdef")
    return revision[:10] if whole else revision
