"""docs/json.md shows the shapes as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

from incidentctl.incident import events as ev
from incidentctl.incident.asking import HandoffOffered, UpdateRequested
from incidentctl.incident.facts import ActionStarted
from incidentctl.incident.wire import WIRE
from incidentctl.incident.words import Answer, Measured
from incidentctl.reports.brief import brief
from incidentctl.reports.history import history
from incidentctl.reports.status import status
from incidentctl.reports.timeline import timeline
from incidentctl.runbook.model import Action, Need
from tests.reports.walked import MINUTE, START, answered, folded, generic, journal, rolled_back, severity

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
SHOWN = {
    shape["schema"]: shape
    for shape in map(json.loads, re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
}
BOOK = generic()
ENTRIES = journal(
    (1, severity()), (2, answered("recent-deploy", Answer.YES)), (3, rolled_back()), (4, ev.NoteAdded("x"))
)
STATE, NOW = folded(ENTRIES), START + MINUTE * 5


def fields(shape: object) -> object:
    """The names of all fields, and of those below; of a list the first item's."""
    if isinstance(shape, Mapping):
        return {name: fields(value) for name, value in shape.items()}
    return [fields(one) for one in shape[:1]] if isinstance(shape, list) else ""


def test_the_status() -> None:
    state = replace(STATE, affected=("ledger",), war_room=True, joined=("ledger on-call",), paged={"lead": True})
    assert fields(SHOWN["incidentctl/status/1"]) == fields(status(BOOK, state, NOW))


def test_the_brief() -> None:
    more = (
        (1, ev.PageAcknowledged("Ada")),
        (1, severity()),
        (1, ev.ImpactDescribed(("down",), (Measured("error_rate", "error_rate = 6%", 0.06),), False, "P1")),
        (2, ev.PeoplePaged("P1", ("lead",), ())),
        (3, rolled_back()),
        (4, ActionStarted("restart", "Restart it", "action", "deployctl restart")),
        (4, ev.MitigationChosen("roll-back", "roll-back", again=False, decision_due_at=START)),
        (4, ev.InputGiven("restart", "pod", "checkout-7")),
        (5, HandoffOffered("Ada", "Ben")),
        (5, UpdateRequested("why")),
        (5, answered("slow-database", Answer.NO)),
    )
    entries = journal(*more)
    steps = (Action("restart", "Restart it", needs=(Need("pod", "Which pod?"),)),)
    made = brief(replace(BOOK, tree=(*BOOK.tree, *steps)), folded(entries), entries, NOW)
    shown = SHOWN["incidentctl/brief/1"] | {"incident": made["incident"]}
    shown["ruled_out"][0]["evidence"] = []
    assert fields(shown) == fields(made)


def test_the_timeline() -> None:
    made = timeline(ENTRIES[-1:], STATE, BOOK, NOW)
    assert fields(SHOWN["incidentctl/timeline/1"]["entries"]) == fields(made["entries"])
    assert SHOWN["incidentctl/timeline/1"].keys() == made.keys()


def test_the_history() -> None:
    assert SHOWN["incidentctl/history/1"].keys() == history([], NOW).keys()


def test_the_kinds_that_scripts_may_count_on_exist() -> None:
    promised = PAGE.partition("count on these kinds:")[2].partition("A kind")[0]
    kinds = cast("list[str]", re.findall(r"`([^`]+)`", promised))
    assert len(kinds) == 12
    assert set(kinds) <= {name.partition("/")[0] for name in WIRE}
