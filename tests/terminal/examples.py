"""Requests made by hand, as the walk makes them, and an incident for the header."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from incidentctl.incident.state import Comms, Incident, Severity
from incidentctl.incident.words import CommsPhase, Text
from incidentctl.runbook.model import Link
from incidentctl.walker.replies import Accepts, Lasting, Option, Several, Typed, Word
from incidentctl.walker.requests import (
    AskAffected,
    AskChannel,
    AskEstimate,
    AskExhausted,
    AskImpact,
    AskPage,
    AskRole,
    AskSeverity,
    AskTree,
    AskUpdate,
    AskUpdateText,
    Command,
    ConfirmSent,
    Phase,
    Request,
    Shown,
)

START = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
ROLLBACK = "kubectl -n payments rollout undo deployment/checkout --to-revision=0 && kubectl -n payments rollout status"
INCIDENT = Incident(
    "20261123-0312-abc",
    service="checkout",
    mode="drill",
    channel="incident-20261123-0312",
    roles={"ic": "sam"},
    opened_at=START,
    severity=Severity("P1", 0, "P1", timedelta(minutes=30), tree=True, decided_at=START),
    comms=Comms(due_at=START + timedelta(minutes=30), sent=1),
)
TREE = Request(
    "tree.recent-deploy",
    AskTree("recent-deploy", "Was there a deploy in the last 6 hours?", (), ()),
    Phase.TREE,
    "Was there a deploy in the last 6 hours?",
    "Most incidents follow a change, and a change can be rolled back (P-TREE-1).",
    Accepts(
        words=(Option("yes", "yes"), Option("no", "no"), Option("unknown", "don't know")),
        keyed=("skip",),
    ),
    Word("unknown"),
    Shown(
        said=("Deploys, flags and configuration all count. Look at what changed, not at what should have changed.",),
        links=(
            Link(
                "dashboard",
                "Deploys",
                "https://grafana.example.com/d/abc/deploys?from=now-6h&to=now&var-service=checkout",
            ),
        ),
        commands=(
            Command("The last deploys:", "kubectl -n payments rollout history deployment/checkout"),
            Command("Roll back:", ROLLBACK),
        ),
    ),
)
DOWN = "service down or critically degraded for customers"
IMPACT = Request(
    "triage.impact",
    AskImpact(),
    Phase.TRIAGE,
    "How bad is it?",
    "What you tick and type proposes a severity (P-SEV-4).",
    Accepts(
        words=(Option("unsure", "unsure"), Option("none", "none of these")),
        several=(
            Option(DOWN, DOWN, "P1"),
            Option("error rate > 5 %", "error rate > 5 %", "P1"),
            Option("degraded", "degraded", "P2"),
        ),
        lists=True,
        open_list=True,
    ),
    Word("none"),
)
SEVERITY = Request(
    "triage.severity",
    AskSeverity("P2"),
    Phase.TRIAGE,
    "Which severity?",
    "It decides who is paged (P-SEV-4).",
    Accepts(
        words=(
            Option("P1", "P1  service down or critically degraded for customers", "pages 4, update every 30 min"),
            Option("P2", "P2  degraded", "pages 2, update every 60 min"),
            Option("P3", "P3  cosmetic, one user, or nobody blocked", "pages nobody, no updates"),
        )
    ),
    Word("P2"),
    Shown(said=("Proposed: P2 (degraded).",)),
)
CHANNEL = Request(
    "first.channel", AskChannel(""), Phase.FIRST_MINUTES, "Open the incident channel", "One channel (P-FIRST-2).",
    Accepts(text=True, keyed=("skip",)), Typed("incident-20261123-0312"),
)  # fmt: skip
ROLE = Request(
    "roles.comms-lead", AskRole("comms-lead"), Phase.FIRST_MINUTES, "Who is comms lead?", "Two people (P-ROLE-4).",
    Accepts(words=(Option("vacant", "nobody yet"),), text=True), Word("vacant"),
)  # fmt: skip
PAGE = Request(
    "first.page", AskPage("P1", ("lead", "comms-lead")), Phase.FIRST_MINUTES, "P1: page lead and comms-lead. Done?",
    "More hands early (P-FIRST-5).",
    Accepts(words=(Option("done", "done"),), several=(Option("lead", "lead"), Option("comms-lead", "comms-lead")),
            lists=True, keyed=("skip",)),
    Word("done"),
)  # fmt: skip
AFFECTED = Request(
    "war-room.affected", AskAffected(), Phase.FIRST_MINUTES, "Which other services are affected?", "P-WAR-1",
    Accepts(several=(Option("ledger", "ledger"), Option("mail", "mail")), lists=True, open_list=True), Several(()),
)  # fmt: skip
ESTIMATE = Request(
    "mitigation.estimate", AskEstimate(), Phase.MITIGATION, "How long will it take?", "P-ROLL-4",
    Accepts(duration=True), Lasting(timedelta(minutes=30)),
)  # fmt: skip
EXHAUSTED = Request(
    "tree.exhausted", AskExhausted((), ()), Phase.TREE, "The tree has no cause for this. What now?", "P-TREE-6",
    Accepts(words=(Option("again", "go round again"), Option("war-room", "open the war room")), keyed=("hypothesis",)),
)  # fmt: skip
DRAFT = "We are looking into a problem with paying. Next update at 03:42 UTC."
UPDATE = Request(
    "comms.update", AskUpdate(CommsPhase.INVESTIGATING, START, None), Phase.TREE, "Update 2 (investigating):",
    "Silence is the only wrong answer (P-COMMS-2).",
    Accepts(
        words=(Option("send", "send this", "the texts above"), Option("no-progress", "still working on it, no news"),
               Option("edit", "write it in my own words")),
        keyed=("snooze",),
    ),
    Word("no-progress"),
    Shown(texts=(Text("customers", DRAFT), Text("internal", "P1 checkout: error rate > 5 %, IC sam"))),
)  # fmt: skip
SENT = Request(
    "comms.sent", ConfirmSent(("customers", "internal")), Phase.TREE, "Copied and sent to customers, internal?",
    "An update counts once somebody says that it is out (P-COMMS-1).",
    Accepts(words=(Option("yes", "yes"), Option("no", "no")),
            several=(Option("customers", "customers"), Option("internal", "internal")), lists=True),
    Word("yes"), UPDATE.shown,
)  # fmt: skip
HOLED = replace(
    SENT,
    shown=Shown(texts=(Text("customers", "Next update at [[no value: next_update_at]]."), UPDATE.shown.texts[1])),
)
WORDS = Request(
    "comms.text", AskUpdateText(), Phase.TREE, "Your words:", "Written once (P-COMMS-6).",
    Accepts(text=True), Typed(DRAFT),
)  # fmt: skip
HOSTILE = replace(
    TREE,
    prompt="tree.hostile",
    text="Is [/red] \x1b[31mred\x1b[0m \u202edeveiler\u202c?",
    shown=Shown(
        said=("said [/api/v1] \x1b]0;owned\x07 \u202eback",),
        commands=(Command("run [/x]", "echo '[/red]' \x1b[2J \u2066x"),),
        texts=(Text("[/bold]", "text [bold]\x1b[5m blinking"),),
    ),
)
ALL = {
    "tree": TREE, "impact": IMPACT, "severity": SEVERITY, "channel": CHANNEL, "role": ROLE, "page": PAGE,
    "affected": AFFECTED, "estimate": ESTIMATE, "exhausted": EXHAUSTED, "update": UPDATE, "words": WORDS, "sent": SENT,
    "holed": HOLED, "hostile": HOSTILE,
}  # fmt: skip
