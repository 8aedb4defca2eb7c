"""Route -> where it was written, over all layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from textwrap import dedent

import pytest
from hypothesis import given

from incidentctl.runbook.doubtful import doubtful_texts
from incidentctl.runbook.load import Loaded, load_service
from incidentctl.runbook.model import Action, Route, steps_below
from incidentctl.runbook.nodes import Origin
from incidentctl.runbook.places import _way, is_written, place
from incidentctl.runbook.slugs import STRUCTURAL
from tests.runbook.reading import loaded
from tests.runbook.test_examples import RUNBOOKS
from tests.runbook.test_fuzz import decoded, mutated

ORGANISATION = """\
people:
  lead: {name: Ada}
severity:
  P1: {update_every: 20 min}
decision_tree:
  - use: recent-deploy
    if_yes:
      - rollback: Take the deploy back
        id: take-back
        run: deployctl back
        undo: deployctl forth
  - ask: Is it the moon?
    id: moon
    if_yes:
      - note: Wait.
comms:
  templates:
    - {audience: customers, text: theirs}
"""
SERVICE = """\
service: shop
people:
  on-call: {name: Grace, pagerduty: P1}
severity:
  P1:
    update_every: 10 min
decision_tree:
  - use: slow-database
  - use: moon
    why: It was, once.
  - use: recent-deploy
  - ask: Is it late?
    id: late
    check: {postgres: {dsn: "${DB}", longer_than: 30 s}}
    if_yes:
      - action: Sleep
        id: sleep
        run: sleep 1
comms:
  templates:
    - {audience: customers, text: ours}
"""


@pytest.fixture(scope="module")
def both() -> Loaded:
    return loaded(SERVICE, ORGANISATION)


def covered(both: Loaded, route: Route, on: str = "value") -> tuple[str, str] | None:
    """The file and the text that is pointed at."""
    assert both.root is not None
    found = place(both.root, route, on)
    if found is None:
        return None
    name, span, origin = found
    assert origin == (Origin.SERVICE if name == "shop.yaml" else Origin.ORGANISATION)
    text = {"shop.yaml": dedent(SERVICE), "_defaults.yaml": dedent(ORGANISATION)}[name]
    first = text.splitlines()[span.line - 1]
    return name, first[span.column - 1 : span.end_column - 1 if span.line == span.end_line else None]


@pytest.mark.parametrize(
    ("route", "on", "expected"),
    [
        (("people", "on-call", "pagerduty"), "value", ("shop.yaml", "P1")),
        (("people", "on-call", "pagerduty"), "key", ("shop.yaml", "pagerduty")),
        (("people", "on-call"), "lack", ("shop.yaml", "{name")),
        (("people", "lead", "name"), "value", ("_defaults.yaml", "Ada")),
        (("decision_tree", 3, "if_yes", 0, "run"), "value", ("shop.yaml", "sleep 1")),
        (("decision_tree", 3, "if_yes", 0), "value", ("shop.yaml", "action")),
        (("decision_tree", 3, "check", "postgres", "longer_than"), "value", ("shop.yaml", "30 s")),
        (("severity", "P1", "update_every"), "value", ("shop.yaml", "10 min")),
        # what the service uses from the organisation's file stands there
        (("decision_tree", 1, "if_yes", 0, "note"), "value", ("_defaults.yaml", "Wait.")),
        (("decision_tree", 1, "why"), "value", ("shop.yaml", "It was, once.")),
        (("decision_tree", 2, "if_yes", 0, "run"), "value", ("_defaults.yaml", "deployctl back")),
        # the texts of all layers are one list
        (("comms", "templates", 0, "text"), "value", ("shop.yaml", "ours")),
        (("comms", "templates", 1, "text"), "value", ("_defaults.yaml", "theirs")),
        # nobody is blamed for the built-in runbook: the nearest part above it
        (("comms", "templates", 2, "text"), "value", ("shop.yaml", "- {audience")),
        (("decision_tree", 0, "if_yes", 0, "takes"), "value", ("shop.yaml", "use")),
        (("severity", "P1", "when", 1), "key", ("shop.yaml", "update_every")),
        (("severity", "P2", "when", 1), "value", ("shop.yaml", "P1")),
        # what is not there
        (("people", "on-call", "slack"), "key", ("shop.yaml", "{name")),
        (("owner",), "value", ("shop.yaml", "service")),
        ((), "lack", ("shop.yaml", "service")),
        (("decision_tree", 9), "value", ("shop.yaml", "- use")),
        (("decision_tree", "late", 0), "value", ("shop.yaml", "- use")),
    ],
)
def test_a_part_is_found_where_it_was_written(both: Loaded, route: Route, on: str, expected: tuple[str, str]) -> None:
    assert covered(both, route, on) == expected


def test_nobody_wrote_the_built_in_runbook() -> None:
    alone = loaded("")
    assert alone.root is not None
    assert place(alone.root, ("severity", "P1", "meaning"), "value") == ("shop.yaml", alone.root.span, Origin.SERVICE)
    assert not is_written(alone.root, ("severity", "P1", "meaning"))


def test_what_was_written_and_what_was_not(both: Loaded) -> None:
    assert both.root is not None
    written: list[Route] = [
        ("people", "lead"),
        ("decision_tree", 0),
        ("decision_tree", 2, "if_yes"),
        ("severity", "P1"),
    ]
    not_written: list[Route] = [
        ("decision_tree", 0, "if_yes"),
        ("severity", "P2"),
        ("owner",),
        ("comms", "templates", 2),
    ]
    assert all(is_written(both.root, route) for route in written)
    assert not any(is_written(both.root, route) for route in not_written)


def test_a_key_with_nothing_behind_it_was_not_written() -> None:
    alone = loaded("reviewed:\nowner: ''\n")
    assert alone.root is not None
    assert not is_written(alone.root, ("reviewed",))
    assert is_written(alone.root, ("owner",))


def test_every_step_has_the_route_that_it_has_in_the_merged_runbook(both: Loaded) -> None:
    assert both.draft is not None
    routes = {step.id: step.route for step in steps_below(both.draft.tree) if isinstance(step, Action)}
    assert routes == {
        "end-queries": ("decision_tree", 0, "if_yes", 0),
        "take-back": ("decision_tree", 2, "if_yes", 0),
        "sleep": ("decision_tree", 3, "if_yes", 0),
    }


def test_a_text_written_once_and_named_again_stands_where_it_was_written() -> None:
    both = loaded("owner: &us team-shop\ntitle: *us\n")
    assert both.root is not None
    found = place(both.root, ("title",), "value")
    assert found is not None
    assert (found[1].line, found[1].column) == (1, 8)


def routes_in(part: object) -> Iterator[Route]:
    """Every route that the model holds, of whatever part."""
    if isinstance(part, dict):
        yield from routes_in(tuple(part.values()))
    elif isinstance(part, tuple):
        for inner in part:
            yield from routes_in(inner)
    elif is_dataclass(part):
        yield getattr(part, "route", ())
        yield from routes_in(tuple(getattr(part, one.name) for one in fields(part) if one.name != "route"))


@pytest.mark.parametrize("service", ["checkout", "payments", "search"])
def test_every_route_of_the_model_leads_to_its_part(service: str) -> None:
    result = load_service(RUNBOOKS, service)
    assert result.root is not None
    routes = set(routes_in(result.draft))
    assert len(routes) > 50
    for route in routes:
        assert len(list(_way(result.root, route))) == len(route) + 1, route


@given(mutated(), mutated())
def test_of_a_damaged_runbook_too(service: str, defaults: str) -> None:
    result = decoded(service, defaults)
    if result.root is None:
        return
    for route in routes_in(result.draft):
        found = place(result.root, route, "lack")
        assert found is not None
        assert found[0] in {"shop.yaml", "_defaults.yaml"}
    for remark in (*result.remarks, *doubtful_texts(result)):
        assert remark.file in {"shop.yaml", "_defaults.yaml"}
        assert remark.slug in STRUCTURAL
