"""What can be asked.  A Request is data: what is asked, what it accepts, what is shown above it, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from incidentctl.incident.words import CommsPhase, Text
from incidentctl.record import record
from incidentctl.runbook.model import Link
from incidentctl.walker.replies import Accepts, Reply


class Phase(StrEnum):
    """Where the walk is; the order of the phases stands in `walk.py`."""

    FIRST_MINUTES = "first-minutes"
    TRIAGE = "triage"
    TREE = "tree"
    MITIGATION = "mitigation"
    VERIFY = "verify"
    ALL_CLEAR = "all-clear"
    DONE = "done"


@record
class Command:
    """A command line to copy: shown bare and whole.  `label` stands on a line of its own above it."""

    label: str
    line: str
    shell: bool = False


@record
class Shown:
    """What stands above a question: `said` to read, `links` to open, `commands` and `texts` to copy."""

    said: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    commands: tuple[Command, ...] = ()
    output: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()


@record
class AskStep:
    """`first.STEP`: acknowledge, dashboards, or a step of the runbook's own."""

    step: str
    text: str


@record
class AskChannel:
    """`first.channel`; the session fills in the name that is `proposed`."""

    template: str
    proposed: str = ""


@record
class AskTitle:
    """`triage.title`"""


@record
class AskImpact:
    """`triage.impact`"""


@record
class AskSeverity:
    """`triage.severity`"""

    proposed: str


@record
class AskSeverityReason:
    """`triage.reason`"""


@record
class AskPage:
    """`first.page`: the roles that are to be paged now."""

    level: str
    roles: tuple[str, ...]


@record
class AskEscalation:
    """`page.escalate`: nobody of `role` has acknowledged; `after` is who could be paged then, empty where nobody."""

    role: str
    after: str


@record
class AskRole:
    """`roles.ic`, `roles.comms-lead`"""

    role: Literal["ic", "comms-lead"]


@record
class AskHandoff:
    """`handoff.accepted`: `incoming` says whether they take the command over from `outgoing`."""

    outgoing: str
    incoming: str


@record
class AskAffected:
    """`war-room.affected`"""


@record
class AskJoined:
    """`war-room.joined`"""


@record
class AskFeature:
    """`comms.feature`"""


@record
class AskUpdate:
    """`comms.update`: the texts were made at `made_at` and name `next_update_at`; the session fills in `drafts`.

    `still` is the same update without news (P-COMMS-2).
    """

    phase: CommsPhase
    made_at: datetime
    next_update_at: datetime | None
    drafts: tuple[Text, ...] = ()
    still: tuple[Text, ...] = ()


@record
class AskUpdateText:
    """`comms.text`: `beside` are the lines to read next to it, what was sent last and what changed since."""

    beside: tuple[str, ...] = ()


@record
class AskSnoozeReason:
    """`comms.snooze-reason`"""


@record
class WatchPosts:
    """`comms.sending`: texts are on their way; there is nothing to say, but that nobody waits for them."""


@record
class ConfirmSent:
    """`comms.sent`"""

    audiences: tuple[str, ...]


@record
class AskTree:
    """`tree.QUESTION`"""

    question: str
    text: str
    if_yes: tuple[str, ...]
    if_no: tuple[str, ...]


@record
class AskExhausted:
    """`tree.exhausted`: `questions` and `steps` are what another round would open again."""

    questions: tuple[str, ...]
    steps: tuple[str, ...]


@record
class AskInput:
    """`tree.STEP.input.NAME`"""

    step: str
    name: str


@record
class ConfirmAction:
    """`tree.STEP.run`: was it done?"""

    step: str


@record
class AskRows:
    """`tree.STEP.rows`: which of the rows that were found."""

    step: str


@record
class WatchAction:
    """`tree.STEP.running`: it runs; there is nothing to say, but that it has to stop."""

    step: str


@record
class AskInterrupted:
    """`tree.STEP.interrupted`: it may have run in part."""

    step: str


@record
class AskRetry:
    """`tree.STEP.failed`: is it tried again?"""

    step: str


@record
class AskRecovered:
    """`tree.STEP.recovered`: did the numbers come back?  The step ended at `since`, where the journal says so."""

    step: str
    since: datetime | None = None


@record
class ConfirmUndo:
    """`tree.STEP.undo`"""

    step: str


@record
class AskMitigation:
    """`mitigation.choice`, or `mitigation.reconsider` where the clock brought it back (`again`)."""

    step: str
    again: bool


@record
class AskBlocker:
    """`mitigation.blocker`"""


@record
class AskMitigationReason:
    """`mitigation.reason`"""


@record
class AskEstimate:
    """`mitigation.estimate`"""


@record
class ConfirmRecovery:
    """`clear.verify`.  `leaves` are the checklist items that stay for later, where the walk does not ask them."""

    items: tuple[str, ...]
    leaves: tuple[tuple[str, str], ...] = ()


@record
class ConfirmItem:
    """`clear.ITEM`"""

    item: str
    text: str


@record
class AskClosingNote:
    """`clear.note` (light process)"""


@record
class AskTicket:
    """`ticket.reference` (P3)"""


FirstMinutesAsk = AskStep | AskChannel
TriageAsk = AskTitle | AskImpact | AskSeverity | AskSeverityReason
PeopleAsk = AskPage | AskEscalation | AskRole | AskHandoff | AskAffected | AskJoined
CommsAsk = AskFeature | AskUpdate | AskUpdateText | AskSnoozeReason | WatchPosts | ConfirmSent
TreeAsk = AskTree | AskExhausted | AskInput | AskRows | ConfirmAction | AskRetry | AskRecovered | ConfirmUndo
RunningAsk = WatchAction | AskInterrupted
MitigationAsk = AskMitigation | AskBlocker | AskMitigationReason | AskEstimate
ClearAsk = ConfirmRecovery | ConfirmItem | AskClosingNote | AskTicket
Ask = FirstMinutesAsk | TriageAsk | PeopleAsk | CommsAsk | TreeAsk | RunningAsk | MitigationAsk | ClearAsk


@record
class Request:
    """The one thing to ask now.

    `prompt` is its stable id, `text` the question in words, `why` what `?` explains (with the rule's id), `default`
    the reply that Enter gives (None: there is none), `shown` what stands above it.  `evidence` names the measurements
    that it rests on: they are taken anew while it is open.
    """

    prompt: str
    ask: Ask
    phase: Phase
    text: str
    why: str
    accepts: Accepts
    default: Reply | None = None
    shown: Shown = Shown()
    evidence: tuple[str, ...] = ()


def text_request(prompt: str, ask: Ask, phase: Phase, text: str, *, why: str, default: Reply | None = None) -> Request:
    """A question that is answered with a free text and nothing else."""
    return Request(prompt, ask, phase, text, why, Accepts(text=True), default)
