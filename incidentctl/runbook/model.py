"""A runbook as the program walks it: merged, typed, frozen.  Every part knows its Route in the YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, timedelta
from typing import Final, Literal

from incidentctl.record import record

Route = tuple[str | int, ...]
"""The path to a part in its YAML file: `("decision_tree", 0, "if_yes", 1, "run")`."""

FOUR_QUESTIONS: Final = ("recent-deploy", "slow-database", "external-dependency", "cache-stampede")


@record
class Link:
    """A place to look.  `url` may be a Jinja2 template (`{{ opened_at.epoch_ms }}`)."""

    type: str
    title: str
    url: str
    route: Route = ()


@record
class Person:
    """Who is paged for a role (`on-call`, `lead`, `ic-backup`, `comms-lead`, `support`), and how.

    `ways` are pairs such as `("pagerduty", "PCHK001")`, in the order they were written.
    """

    role: str
    name: str
    ways: tuple[tuple[str, str], ...] = ()
    route: Route = ()


Operator = Literal[">", ">=", "<", "<="]


@record
class Condition:
    """One line of a level's `when`, as written in `text`.

    With `signal` and `operator`, numbers decide: against `number` (in the signal's own unit), or against
    `number` times the signal's baseline where `times_baseline`.  Without an operator a person judges.
    """

    text: str
    signal: str = ""
    operator: Operator | None = None
    number: float = 0.0
    times_baseline: bool = False
    route: Route = ()


@record
class Check:
    """How something is measured or asked: one kind of source and what it was given.

    `kind` is `http`, `prometheus`, `signal`, `deploys`, `postgres`, `redis`, `statuspage`, `alertmanager` or
    `command`.  `values` are its texts as written, by key; a key within a key is joined by a dot (`git.ref`), the
    items of a list by a line break.  A check that is only a word (`signal: queue > 10`) has it under the empty key,
    and as its `condition`.
    """

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)
    route: Route = ()
    condition: Condition | None = None


@record
class Signal:
    """A named measurement.  `baseline` is in `unit`; `check` is how it is measured, `source` the kind of that."""

    name: str
    unit: str = ""
    baseline: float | None = None
    source: str = ""
    route: Route = ()
    check: Check | None = None


@record
class Level:
    """A severity (P-SEV).  Levels are ordered as written; the first is the highest."""

    name: str
    meaning: str
    when: tuple[Condition, ...]
    page: tuple[str, ...]
    update_every: timedelta | None
    respond_within: str = ""
    tree: bool = True
    route: Route = ()


@record
class Need:
    """An input that a command needs: `needs: {pod: {ask: "Which pod?"}}`."""

    name: str
    ask: str


@record
class Note:
    """Something to read; nothing is asked."""

    id: str
    text: str
    route: Route = ()


@record
class Omitted:
    """A built-in step that the runbook leaves out, with its reason: shown, not asked."""

    id: str
    text: str
    reason: str
    route: Route = ()


@record
class Action:
    """Something that changes the world; `kind` tells whether it is a rollback.

    `run` is one command line, shown whole and bare.  `target`, `expect`, `undo` and `irreversible` are empty where
    the runbook is silent.  `takes` is the estimate.  `blocked_by` stands on rollbacks only.
    """

    id: str
    text: str
    kind: Literal["action", "rollback"] = "action"
    why: str = ""
    run: str = ""
    shell: bool = False
    needs: tuple[Need, ...] = ()
    target: str = ""
    expect: str = ""
    undo: str = ""
    irreversible: str = ""
    takes: timedelta | None = None
    timeout: timedelta | None = None
    by: str = ""
    blocked_by: tuple[str, ...] = ()
    end_queries: Check | None = None
    http: Check | None = None
    route: Route = ()


@record
class Question:
    """A question of the decision tree (`ask`, or `use` of a built-in one), with what follows a yes and a no."""

    id: str
    text: str
    why: str = ""
    within: timedelta | None = None
    look: str = ""
    checks: tuple[Check, ...] = ()
    links: tuple[Link, ...] = ()
    if_yes: tuple[TreeStep, ...] = ()
    if_no: tuple[TreeStep, ...] = ()
    route: Route = ()


TreeStep = Question | Action | Note | Omitted


@record
class Item:
    """A step that is ticked: in the first five minutes, or on the all-clear checklist.

    `id` is the word of the built-in step (`acknowledge`, `channel`, `dashboards`, `severity`, `page`;
    `customers-told`, `summary-posted`, `post-mortem`, `review-booked`) or the runbook's own.
    """

    id: str
    text: str
    why: str = ""
    run: str = ""
    shell: bool = False
    target: str = ""
    expect: str = ""
    undo: str = ""
    irreversible: str = ""
    takes: timedelta | None = None
    links: tuple[Link, ...] = ()
    route: Route = ()


ListStep = Item | Note | Omitted


@record
class External:
    """An external dependency, its status page, and what to switch to."""

    name: str
    status: str = ""
    fallback: tuple[Action | Note, ...] = ()
    route: Route = ()


@record
class Template:
    """One text for one audience; an empty `severity` or `phase` matches every one.  `text` is Jinja2.

    `built_in`: nobody wrote it for this service or organisation.
    """

    audience: str
    text: str
    severity: str = ""
    phase: str = ""
    route: Route = ()
    built_in: bool = False


@record
class Audience:
    """Who gets the updates, where, and how long a text may be (characters).

    `channel` is the kind (`slack`, `statuspage` ...), `values` what it was given, as in `Check`.
    """

    name: str
    channel: str = ""
    max_length: int | None = None
    route: Route = ()
    values: Mapping[str, str] = field(default_factory=dict)


@record
class Comms:
    """What is said to whom (P-COMMS).  `feature` is what customers call the service; empty where unknown.

    `templates` are ordered from the service's own to the built-in ones, so that the first best match wins ties.
    """

    feature: str = ""
    audiences: tuple[Audience, ...] = ()
    templates: tuple[Template, ...] = ()


@record
class AllClear:
    """When it is over (P-CLEAR).  `stable_for`: no severity condition may hold for so long."""

    stable_for: timedelta | None = None
    checklist: tuple[ListStep, ...] = ()


@record
class Runbook:
    """Everything the walk needs, after the built-in, the organisation's and the service's file were merged.

    `took` is no part of any file: how long a step really took in earlier incidents of the service, the latest last,
    by the step's id and what was done (`done`, `undo`, or `fix` for a fix in its place).
    """

    service: str
    title: str
    levels: tuple[Level, ...]
    first_minutes: tuple[ListStep, ...]
    tree: tuple[TreeStep, ...]
    comms: Comms
    all_clear: AllClear
    description: str = ""
    owner: str = ""
    tier: str = ""
    process: Literal["full", "light"] = "full"
    timezone: str = "UTC"
    reviewed: date | None = None
    alerts: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)
    channel: str = "incident-{{ opened_at.stamp }}"
    depends_on: tuple[str, ...] = ()
    externals: tuple[External, ...] = ()
    signals: Mapping[str, Signal] = field(default_factory=dict)
    sources: Mapping[str, Check] = field(default_factory=dict)
    postmortem_due: timedelta = timedelta(hours=48)
    postmortem_template: str = ""
    took: Mapping[tuple[str, str], tuple[timedelta, ...]] = field(default_factory=dict)

    def level(self, name: str) -> Level | None:
        """The level of that name, upper and lower case alike."""
        return next((level for level in self.levels if level.name.casefold() == name.casefold()), None)

    def rank(self, name: str) -> int:
        """0 for the highest level, 1 for the next ...  Raises ValueError where there is no such level."""
        return [level.name for level in self.levels].index(name)


def steps_below(steps: tuple[TreeStep, ...]) -> Iterator[TreeStep]:
    """Every step of a list and of all branches under it, in the order of the file."""
    for step in steps:
        yield step
        if isinstance(step, Question):
            yield from steps_below(step.if_yes)
            yield from steps_below(step.if_no)
