"""A P1 of checkout walked by hand, question by question, through the real program on a held clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from incidentctl.runbook.answers import Row
from tests.clocked import VARIABLE, Hand
from tests.crash.walks import write_answers
from tests.tty.screen import ROOT, Terminal

FOOT: Final = "Ctrl-C stops"
START: Final = ("start", "checkout", "--title", "It fails")
RESUME: Final = ("resume",)


@dataclass(frozen=True)
class Step:
    """One question: its prompt, how it begins on the screen, the keys that answer it, and the same for a file."""

    prompt: str
    question: str
    keys: str = "\r"
    answer: str | tuple[str, ...] | None = None


TO_THE_TREE: Final = (
    Step("first.acknowledge", "Acknowledge the page"),
    Step("first.channel", "Open the incident channel", "t\rinc-checkout\r", "inc-checkout"),
    Step("first.dashboards", "Pull up the dashboards"),
    Step("triage.impact", "How bad is it?", "2 \r", ("critically degraded",)),
    Step("triage.severity", "Which severity?"),
    Step("first.page", "P1: page lead, ic-backup and comms-lead. Done?"),
    Step("first.freeze-deploys", "Freeze deploys"),
    Step("roles.comms-lead", "Who is comms lead?"),
    Step("comms.update", "First update:"),
    Step("comms.sent", "Copied and sent to customers, internal, support?", "y\r"),
)
FIX_FORWARD: Final = (
    Step("tree.recent-deploy", "Was there a deploy in the last 6 hours?", "y\r", "yes"),
    Step("mitigation.choice", "Roll back the last deploy (about 5 min)?", "f\r", "fix-forward"),
    Step("mitigation.blocker", "Why not roll back?", "m\r", "migrated"),
    Step("mitigation.estimate", "How long will the fix take?", "20 min\r", "20 min"),
)
TO_THE_END: Final = (
    Step("tree.roll-back.recovered", "Did the numbers come back?", "y\r", "yes"),
    Step("clear.verify", "Verified: are the numbers back to normal?", "y\r", "yes"),
    Step("comms.update", "Tell them it is over:"),
    Step("comms.sent", "Copied and sent to customers, internal, support?", "y\r"),
    Step("clear.customers-told", "Customers were told that it is resolved"),
    Step("clear.summary-posted", "A summary was posted in the incident channel"),
    Step("clear.post-mortem", "The post-mortem document was created"),
    Step("clear.review-booked", "The blameless review was booked within 48 h"),
    Step("clear.unfreeze-deploys", "Unfreeze deploys"),
)
WALK: Final = (*TO_THE_TREE, *FIX_FORWARD, *TO_THE_END)


class Place:
    """A store, the example runbooks, and a clock that stands until `clock` is set."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "incidents.db"
        self.clock = Hand(folder / "clock")

    def terminal(self, *words: str, me: str = "Ada", tracer: Sequence[str] = ()) -> Terminal:
        """`incidentctl WORDS` on a terminal of its own."""
        settings = {
            VARIABLE: str(self.clock.path),
            "INCIDENTCTL_STORE": str(self.store),
            "INCIDENTCTL_RUNBOOKS": str(ROOT / "runbooks"),
            "INCIDENTCTL_ME": me,
        }
        return Terminal("-m", "tests.clocked", *words, environment=settings, tracer=tracer)

    def script(self, *steps: Step) -> None:
        """Walk `steps` from an answers file, in a new incident or the one that is there."""
        rows = write_answers(self.store.with_suffix(".yaml"), [Row(step.prompt, step.answer) for step in steps])
        with self.terminal(*(RESUME if self.store.exists() else START), "--answers", rows) as terminal:
            assert terminal.wait_for_end() in (0, 3), terminal.shown


def wait_until_asked(terminal: Terminal, step: Step) -> str:
    """Read until the question of `step` is the one that is open, and return the screen."""
    terminal.wait_until(lambda shown: is_asked(shown, step), f"it asks {step.question!r}")
    return terminal.shown


def is_asked(shown: str, step: Step) -> bool:
    """Whether the question of `step` is open, ready for keys."""
    return f"\n? {step.question}" in shown and shown.rstrip().endswith(FOOT)


def answer(terminal: Terminal, *steps: Step) -> None:
    """Answer `steps`, each when it is asked."""
    for step in steps:
        wait_until_asked(terminal, step)
        terminal.press(step.keys)
