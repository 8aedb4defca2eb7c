"""A journal of every kind of thing that happens in a long night, for the reports' tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from incidentctl.incident import events as ev
from incidentctl.incident.entry import Entry, occurred_at
from incidentctl.incident.events import Event
from incidentctl.incident.fold import fold
from incidentctl.incident.state import Incident
from incidentctl.incident.words import Answer, CommsPhase, Mode, Text
from incidentctl.runbook.load import built_in
from incidentctl.runbook.model import Runbook

ID = "20261025-0050-abc"
START = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TEXTS = (Text("customers", "Paying fails.\n  Next update by 03:20 CET."), Text("internal", "P1 checkout: x"))


def generic() -> Runbook:
    """The built-in runbook, whose questions everybody knows."""
    book = built_in("checkout").book
    assert book is not None
    return book


def entry(seq: int, event: Event, after: timedelta, *, by: str = "Ada", prompt: str | None = None) -> Entry:
    """One entry, so long after the start."""
    at = START + after
    return Entry(f"{seq:032x}", seq, occurred_at(event, at), at, by, "ic", prompt, event)


def journal(*events: tuple[float, Event], zone: str = "Europe/Berlin", mode: Mode = "real") -> list[Entry]:
    """An incident with these events, each so many minutes after its start."""
    first = ev.IncidentOpened("checkout", "Payments fail", mode, "full", zone, ())
    return [entry(seq, event, MINUTE * at) for seq, (at, event) in enumerate([(0, first), *events], start=1)]


def folded(entries: list[Entry]) -> Incident:
    """Where it stands."""
    return fold(ID, entries)


def severity(level: str = "P1", rank: int = 0, **more: object) -> ev.SeverityChanged:
    """The decision, with the cadence of P1."""
    return ev.SeverityChanged(
        level=level, rank=rank, before="", proposed=level, update_every=timedelta(minutes=30), tree=True, raised=False,
        decision_due_at=None, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def sent(at: float, *, late: bool = False) -> ev.UpdateSent:
    """An update made so many minutes after the start."""
    made = START + MINUTE * at
    return ev.UpdateSent(
        ("customers", "internal"),
        CommsPhase.INVESTIGATING,
        made,
        made + MINUTE * 30,
        counted=True,
        late=late,
        texts=TEXTS,
    )


def answered(question: str, answer: Answer, reason: str = "") -> ev.TreeAnswered:
    """A question of the tree."""
    return ev.TreeAnswered(question, f"Is it {question}?", answer, (), reason)


def rolled_back(result: str = "done") -> ev.ActionEnded:
    """The rollback, quicker than thought."""
    return ev.ActionEnded(
        "roll-back", "Roll back the last deploy", "rollback", result,  # type: ignore[arg-type]
        command="kubectl rollout undo deployment/checkout -n shop --to-revision=12 --timeout=300s --output=name",
        estimate=MINUTE * 5, took=MINUTE * 4,
    )  # fmt: skip
