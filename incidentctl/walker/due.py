"""Everything that can fall due: one function of the journal and of the moment, for all who ask or show it.

A moment that the journal holds stays where it is.  Where the machine's clock was put back it can seem to be further
away than it ever was; then nobody waits for the clock to come round again (P-COMMS-2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from incidentctl.incident.names import same_person
from incidentctl.incident.state import FIRST_UPDATE_GRACE, UPDATE_GRACE, Incident
from incidentctl.incident.words import Answer
from incidentctl.record import record
from incidentctl.runbook.model import Runbook
from incidentctl.walker import evidence, paging, presence, shifts, wanted
from incidentctl.walker.requests import AskEscalation, AskFeature, AskMitigation, AskUpdate, Phase, Request
from incidentctl.walker.scene import Scene
from incidentctl.walker.triage import DECISION

What = Literal["triage", "update", "request", "decision", "page", "stable", "hand-off", "post-mortem"]

LONGEST_TRIAGE: Final = timedelta(minutes=5)
"""P-FIRST-6"""
RETRY: Final = timedelta(minutes=2)
"""How soon an update that could not be sent is asked for again."""
SKEW: Final = timedelta(minutes=10)
"""How far the clocks of two responders may differ before one of them takes its own for put back."""
COVER: Final = timedelta(minutes=2)
"""After how long a comms lead who is there and silent is covered by the others (*The order*)."""
POST_MORTEM: Final = "post-mortem"


@record
class Due:
    """Something falls due `at` a moment, and is asked from `asked_at` on, which a snooze puts off.

    `owed`: nothing is waited for, whatever the clock says; the first update is, the last one, and what was promised
    by a clock that was put back since.  `first`: who is asked before the one who looks, from when it falls due until
    then; empty where nobody is.
    """

    what: What
    at: datetime
    asked_at: datetime
    owed: bool = False
    first: str = ""

    def has_come(self, now: datetime) -> bool:
        """Whether it is asked for, or to be told, now."""
        return self.owed or now >= self.asked_at


def moments(
    incident: Incident, now: datetime, book: Runbook | None = None, phase: Phase = Phase.TREE, me: str = ""
) -> tuple[Due, ...]:
    """All that is or falls due, the soonest first.

    Without the `book` nobody knows for how long the numbers have to be back, nor when a post-mortem is due.  `phase` is
    where the walk is: the first update has its place in it.  `me` is in whose terminal it is asked.
    """
    found = [triage(incident), update(incident, now, phase, me), decision(incident, now), *requests(incident, now, me)]
    found += [*_pages(incident), _hand_off(incident, now)]
    if book is not None:
        found += [stable(Scene(book, incident, now)), post_mortem(incident, book.postmortem_due)]
    return tuple(sorted((due for due in found if due is not None), key=lambda due: due.at))


def cause(asked: Request, incident: Incident, now: datetime) -> Due | None:
    """What falls due that brings this question; None for one that does not come by the clock."""
    match asked.ask:
        case AskUpdate() | AskFeature():
            wishes = [wish for wish in requests(incident, now) if wish.has_come(now)]
            by_the_clock = update(incident, now, asked.phase)
            came = by_the_clock is not None and by_the_clock.has_come(now)
            return by_the_clock if came or not wishes else wishes[0]
        case AskMitigation(again=True):
            return decision(incident, now)
        case AskEscalation(role=role):
            at = paging.asked_at(incident, role)
            return Due("page", at, at) if at is not None else None
        case _:
            return None


# --- each of them ------------------------------------------------------------------------------------------


def triage(incident: Incident) -> Due | None:
    """The severity, five minutes after the page (P-FIRST-6)."""
    decided = incident.severity is not None or incident.process == "light" or not incident.is_open
    if decided or incident.paged_at is None:
        return None
    at = incident.paged_at + LONGEST_TRIAGE
    return Due("triage", at, at)


def update(incident: Incident, now: datetime, phase: Phase, me: str = "") -> Due | None:
    """The next update by the cadence (P-COMMS-1).

    The first one has its place in the order, after the affected services; it comes before them where it would be late
    otherwise (P-COMMS-8).  A snooze puts off when it is asked for, and never when it is due.  A comms lead who is there
    is asked before the others; once it would be late, the first one waits for nobody.
    """
    comms = incident.comms
    if comms.due_at is None:
        return None
    in_its_place = comms.last_made_at is None and phase in (Phase.FIRST_MINUTES, Phase.TRIAGE)
    asked_at = comms.due_at + FIRST_UPDATE_GRACE if in_its_place else comms.due_at
    asked_at = max(asked_at, _put_off_until(incident, now) or asked_at)
    went_back, awake = clock_went_back(incident, now), asleep_until(incident, now) is None
    owed = awake and ((_is_owed(incident) and not in_its_place) or went_back)
    alone = Due("update", comms.due_at, asked_at, owed)
    lead = "" if in_its_place or went_back else presence.writes_for(incident, me)
    return _after(lead, alone, incident, now, me)


def _after(lead: str, alone: Due, incident: Incident, now: datetime, me: str) -> Due:
    """What would be asked of `me` alone, where the comms `lead` is asked before them, or somebody is at it already."""
    if busy := in_hand(incident, now, me):
        covered_at = (incident.comms.begun_at or now) + COVER
        return replace(alone, asked_at=max(alone.asked_at, covered_at), owed=False, first=busy)
    # What is owed and seems to lie ahead was promised by a clock that was put back since.
    if not lead or (alone.owed and now < alone.asked_at):
        return alone
    waits = alone.has_come(now) and now < alone.asked_at + COVER
    return replace(alone, asked_at=alone.asked_at + COVER, owed=False, first=lead if waits else "")


def in_hand(incident: Incident, now: datetime, me: str) -> str:
    """Who has begun the update that is not sent yet, or puts it off, and is at it; empty where that is for `me` to end.

    Whoever was silent for two minutes is covered here, too.
    """
    comms = incident.comms
    begun = comms.begun_at if comms.pending is not None or comms.snooze_unexplained else None
    theirs = bool(me) and not same_person(me, comms.begun_by) and presence.is_there(incident, comms.begun_by)
    return comms.begun_by if theirs and begun is not None and begun <= now < begun + COVER else ""


def asleep_until(incident: Incident, now: datetime) -> datetime | None:
    """Until when nobody is reminded; None where nothing sleeps."""
    until = _put_off_until(incident, now)
    return until if until is not None and now < until else None


def _put_off_until(incident: Incident, now: datetime) -> datetime | None:
    """Until when the reminder sleeps, or slept, since the last update.

    No snooze is longer than one cadence (P-COMMS-8): one that seems to be was begun before the clock was put back.
    """
    until = incident.comms.quiet_until
    longest = max(_cadence(incident) or RETRY, RETRY)
    return until if until is not None and until <= now + longest + SKEW else None


def clock_went_back(incident: Incident, now: datetime) -> bool:
    """Whether the next update is further away than one cadence, which only a clock that was put back explains."""
    every, at = _cadence(incident), incident.comms.due_at
    return every is not None and at is not None and at > now + every + SKEW


def late_by(incident: Incident, made_at: datetime) -> timedelta | None:
    """How late an update is whose text is made then; None while it is not (P-COMMS-8)."""
    comms = incident.comms
    grace = UPDATE_GRACE if comms.sent else FIRST_UPDATE_GRACE
    is_late = comms.due_at is not None and made_at > comms.due_at + grace
    return made_at - comms.due_at if comms.due_at is not None and is_late else None


def is_last(incident: Incident) -> bool:
    """Whether the next update is the last: after the all clear, and at a level that has none (*The order*)."""
    return not incident.is_open or (incident.severity is not None and incident.severity.update_every is None)


def _is_owed(incident: Incident) -> bool:
    """Due at once, from the moment that made it due: the first one, the last one, and the one after a reopening."""
    comms = incident.comms
    return comms.last_made_at is None or is_last(incident) or comms.due_at == incident.reopened_at


def _cadence(incident: Incident) -> timedelta | None:
    return incident.severity.update_every if incident.severity else None


def requests(incident: Incident, now: datetime, me: str = "") -> Iterator[Due]:
    """What somebody waits for since they asked (`update --request`); a snooze puts it off, too."""
    asleep, until = asleep_until(incident, now), _put_off_until(incident, now)
    lead = presence.writes_for(incident, me)
    for at in wanted.moments(incident):
        yield _after(lead, Due("request", at, max(at, until or at), owed=asleep is None), incident, now, me)


def decision(incident: Incident, now: datetime) -> Due | None:
    """Roll back or not: thirty minutes after the severity or the last choice (P-ROLL-4), while nobody rolls back."""
    at, severity, running = incident.decision_due_at, incident.severity, incident.tree.running
    settled = not incident.is_open or incident.recovered_at is not None or (severity is not None and not severity.tree)
    if at is None or settled or (running is not None and running.kind == "rollback") or _is_unjudged(incident):
        return None
    return Due("decision", at, at, owed=at > now + DECISION + SKEW)


def _is_unjudged(incident: Incident) -> bool:
    """Whether the rollback that was chosen has ended, and nobody has said yet whether the numbers came back."""
    chosen = incident.mitigation
    done = incident.tree.steps.get(chosen.step) if chosen is not None and chosen.choice == "roll-back" else None
    return done is not None and done.result == "done" and done.recovered is None


def _pages(incident: Incident) -> Iterator[Due]:
    """The pages that nobody has acknowledged (P-FIRST-5)."""
    for role in incident.pages:
        at = paging.asked_at(incident, role)
        if at is not None:
            yield Due("page", at, at)


def stable_since(scene: Scene) -> datetime | None:
    """Since when there was no symptom: by what is measured, else by a person's word.  Never later than now."""
    recovered = evidence.recovered(scene, None)
    by_word = recovered is Answer.UNKNOWN
    since = scene.incident.recovered_at if by_word else evidence.steady_since(scene)
    return None if since is None else min(since, scene.now)


def stable(scene: Scene) -> Due | None:
    """When the numbers have been back for as long as the runbook asks (P-CLEAR-1); None while they are not back."""
    wanted_for, since = scene.book.all_clear.stable_for, stable_since(scene)
    if not scene.incident.is_open or scene.incident.recovered_at is None or wanted_for is None or since is None:
        return None
    return Due("stable", since + wanted_for, since + wanted_for)


def _hand_off(incident: Incident, now: datetime) -> Due | None:
    at = shifts.hand_over_by(incident, now)
    return Due("hand-off", at, at) if at is not None else None


def post_mortem(incident: Incident, after: timedelta) -> Due | None:
    """The post-mortem of a real incident, `after` the all clear, until its item is done (P-CLEAR-4)."""
    ended = incident.clear.given_at
    owes = incident.mode == "real" and incident.clear.items.get(POST_MORTEM, "done") != "done"
    return Due("post-mortem", ended + after, ended + after) if ended is not None and owes else None
