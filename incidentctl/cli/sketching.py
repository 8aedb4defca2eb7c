"""`new`: what is asked, what an answer means, and the file.  An answer that lint would call an error is not taken."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incidentctl.cli.asking import asked
from incidentctl.cli.settings import Settings
from incidentctl.errors import NotAllowed, NotFound
from incidentctl.lint.engine import Setting, lint
from incidentctl.lint.finding import Finding
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.targets import Folder
from incidentctl.runbook.decode_values import is_word
from incidentctl.runbook.find import DIRECTORY
from incidentctl.runbook.load import BUILT_IN, built_in, defaults_file, services, shown
from incidentctl.runbook.model import Link, Person
from incidentctl.runbook.scaffold import Sketch, runbook_yaml
from incidentctl.runbook.surroundings import Surroundings, look_around, repository
from incidentctl.text.escape import clean
from incidentctl.walker.replies import Accepts, Lasting, Option, Reply, Several, Skip, Typed, Word
from incidentctl.walker.requests import AskStep, Phase, Request

if TYPE_CHECKING:
    from incidentctl.cli.wiring import Desk

_SCHEMA: Final = "runbook.schema.json"
_STABLE: Final = timedelta(minutes=10)
_NONE: Final = Option("none", "leave it out")
_YES_NO: Final = (Option("yes", "yes"), Option("no", "no"))
_WAY: Final = re.compile(r"(?:(.*?)[\s:,]+)?(pagerduty|slack|email|phone|url):?\s+(\S.*)", re.IGNORECASE)
_SHAPES: Final = (
    ("url", re.compile(r"(?:(.*?)\s+)?(https?://\S+)")),
    ("email", re.compile(r"(?:(.*?)\s+)?<?([^\s@<>]+@[^\s@<>]+\.[^\s@<>]+)>?")),
    ("slack", re.compile(r"(?:(.*?)\s+)?([@#][^\s@#]+)")),
    ("phone", re.compile(r"(?:(.*?)\s+)?(\+\d[\d ()/-]{4,})")),
)
_HOW_TO_NAME: Final = "Write for example `search on-call, pagerduty PSRCH01` or `search lead, @search-lead`."


def write_new(desk: Desk, service: str, settings: Settings) -> None:
    """Ask, and write the file.  Raises NotAllowed where the service has one or its name cannot be one."""
    if not is_word(service, "-_.") or service == BUILT_IN:
        message = f"`{service}` cannot be the name of a service"
        raise NotAllowed(message, "Use letters, digits, `-`, `_` and `.`, and begin with a letter or digit.")
    root = repository(Path.cwd()) or Path.cwd()
    folder = settings.runbooks_folder() or root / DIRECTORY
    path = folder / f"{service}.yaml"
    if path.exists() or service in services(folder):
        message = f"there is a runbook for `{service}` in {shown(folder)} already, and it is left as it is"
        raise NotAllowed(message, f"Look at it: {settings.command('show', service)}")
    sketching = Sketching(desk, path, look_around(root, service), _schema_beside(folder, root))
    sketching.begin()
    sketching.ask_all()
    _write(path, sketching.text)
    _say_done(desk, settings, sketching)


def _schema_beside(folder: Path, root: Path) -> str:
    """Where the JSON Schema is, as seen from a runbook; beside it, where there is none yet."""
    for place in (folder / _SCHEMA, root / "docs" / _SCHEMA):
        if place.is_file():
            return os.path.relpath(place, folder)
    return _SCHEMA


def _write(path: Path, text: str) -> None:
    """Write a file that must not be there yet, and its folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        message = f"{shown(path)} was written meanwhile, and it is left as it is"
        raise NotAllowed(message) from error
    except OSError as error:
        raise NotFound(f"{shown(path)} cannot be written: {error.strerror or error}") from error


def _say_done(desk: Desk, settings: Settings, sketching: Sketching) -> None:
    """Where it is, what lint would still like to know, and what to do next."""
    path, warnings = sketching.path, sketching.findings(sketching.sketch)
    desk.prompter.tell("Written:")
    desk.console.bare(shown(path))
    if warnings:
        desk.console.say("Lint finds no errors. What would make it better:")
        for finding in warnings:
            desk.console.say(f"  {finding.message} ({finding.rule})", indent="    ")
    desk.console.say("Next:")
    desk.console.bare(settings.command("show", sketching.sketch.service))
    if not (path.parent / sketching.sketch.schema).is_file():
        desk.console.say("So that an editor completes and checks it:")
        desk.console.bare(f"{settings.command('schema')} > {shlex.quote(shown(path.parent / _SCHEMA))}")


class Sketching:
    """The questions of `new`, in their order, and what is known so far."""

    def __init__(self, desk: Desk, path: Path, around: Surroundings, schema: str) -> None:
        self.path = path
        self._desk = desk
        self._around = around
        self._today = desk.clock.now().date()
        self.sketch = Sketch(path.stem, self._today, schema=schema)

    @property
    def text(self) -> str:
        """The file as far as it is known."""
        return runbook_yaml(self.sketch)

    # --- lint -----------------------------------------------------------------------------------------------

    def findings(self, sketch: Sketch) -> tuple[Finding, ...]:
        """What lint would say of the file."""
        data = runbook_yaml(sketch).encode("utf-8", "replace")
        folder = Folder(self.path.parent, defaults_file(self.path.parent), (self.path,), frozenset({self.path}))
        report = lint([folder], Setting(frozenset(CATALOGUE), self._today, given={self.path: data}))
        return tuple(finding for finding in report.findings if finding.file == shown(self.path))

    def _errors(self, sketch: Sketch) -> list[Finding]:
        return [finding for finding in self.findings(sketch) if finding.severity == "error"]

    def _take(self, sketch: Sketch) -> None:
        """Believe it.  Raises NotAllowed in lint's words, where it is an error that was none before."""
        before = {finding.message for finding in self._errors(self.sketch)}
        for finding in self._errors(sketch):
            if finding.message not in before:
                raise NotAllowed(f"{finding.message} ({finding.rule})", finding.hint)
        self.sketch = sketch

    # --- asking ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Take over what the catalog and git say, and say so."""
        around = self._around
        links = tuple(replace(link, title=_line(link.title)) for link in around.links if link.url == clean(link.url))
        found = {"description": _line(around.description), "links": links, "services": around.depends_on}
        for name, value in found.items():
            try:
                self._take(replace(self.sketch, **{name: value}))  # type: ignore[arg-type]
            except NotAllowed as error:
                self._desk.prompter.tell(f"Not taken over ({name}): {error.message}.")
        said = [f"description ({around.catalog})"] if self.sketch.description else []
        said += [f"{link.type} {link.url}" for link in self.sketch.links]
        said += [f"depends on {name}" for name in self.sketch.services]
        if said:
            self._desk.prompter.tell(f"Found, and taken over: {', '.join(said)}.")

    def ask_all(self) -> None:
        """Every question that this service needs."""
        self._ask_process()
        self._ask_names()
        is_full = self.sketch.process == "full"
        self._ask_person("on-call", "Who is on call?", self._on_call)
        if is_full:
            self._ask_person("lead", "Who leads the team, and is paged when it is bad?")
        self._ask_tree()
        if is_full:
            self._ask_end()

    def _ask(
        self, name: str, text: str, why: str, accepts: Accepts, take: Callable[[Reply], Sketch], default: Reply | None
    ) -> None:
        """Ask until the answer is taken."""
        prompt = f"new.{name}"
        request = Request(prompt, AskStep(prompt, text), Phase.FIRST_MINUTES, text, why, accepts, default)
        while True:
            reply = asked(self._desk.prompter, self._desk.clock.now, request)
            try:
                self._take(take(reply))
            except NotAllowed as error:
                self._desk.prompter.refused(error.message, error.hint)
            else:
                return

    def _ask_text(self, name: str, text: str, why: str, take: Callable[[str], Sketch], default: str = "") -> None:
        """A text that may be left out."""
        proposed: Reply = Typed(default) if default else Word(_NONE.value)
        self._ask(name, text, why, Accepts(words=(_NONE,), text=True), lambda reply: take(_text(reply)), proposed)

    # --- the questions --------------------------------------------------------------------------------------

    def _ask_process(self) -> None:
        """P-FIT-1: any yes makes the full process; until then it is light."""
        for name, text in (
            ("external-users", "Has it users outside your organisation?"),
            ("shared-on-call", "Does more than one person share its on-call?"),
            ("slo", "Is an SLA or SLO promised?"),
        ):
            why = "Where one of the three holds the full process pays, else the light one (P-FIT-1)."
            self._ask(name, text, why, Accepts(words=_YES_NO), self._with_process, None)

    def _with_process(self, reply: Reply) -> Sketch:
        is_full = reply == Word("yes") or self.sketch.process == "full"
        return replace(self.sketch, process="full" if is_full else "light")

    def _ask_names(self) -> None:
        around, service = self._around, self.sketch.service
        self._ask(
            "title", "What is it called?", "It stands above every incident and in the texts.", Accepts(text=True),
            lambda reply: replace(self.sketch, title=_text(reply)), Typed(clean(around.title) or service),
        )  # fmt: skip
        whence = f" {around.owner_from} names one." if around.owner else ""
        self._ask_text(
            "owner", "Which team owns it?", f"Somebody has to keep the runbook true.{whence}",
            lambda text: replace(self.sketch, owner=text), clean(around.owner),
        )  # fmt: skip
        known = next((link.url for link in self.sketch.links if link.type == "dashboard"), "")
        self._ask_text(
            "dashboard", "The address of its dashboard?", "It is shown in the first five minutes (P-FIRST-3).",
            self._with_dashboard, known,
        )  # fmt: skip

    def _with_dashboard(self, url: str) -> Sketch:
        links = self.sketch.links
        if not url:
            return replace(self.sketch, links=tuple(link for link in links if link.type != "dashboard"))
        if any(link.url == url for link in links):
            return self.sketch
        return replace(self.sketch, links=(Link("dashboard", "Dashboard", _address(url)), *links))

    @property
    def _on_call(self) -> str:
        pagerduty = clean(self._around.pagerduty)
        return f"{self.sketch.service} on-call, pagerduty {pagerduty}" if pagerduty else ""

    def _ask_person(self, role: str, text: str, default: str = "") -> None:
        def take(said: str) -> Sketch:
            others = tuple(person for person in self.sketch.people if person.role != role)
            return replace(self.sketch, people=(*others, person_of(role, said)) if said else others)

        why = f"Name and how to reach them, by pagerduty, slack, email, phone or url. {_HOW_TO_NAME}"
        self._ask_text(role, f"{text} (name, and how they are reached)", why, take, default)

    def _ask_tree(self) -> None:
        service = self.sketch.service
        self._ask_text(
            "rollback", "Which command rolls the last deploy back?",
            "Rolling back is the first thing to do after a deploy (P-TREE-1). It is shown to be copied.",
            self._with_rollback,
        )  # fmt: skip
        self._ask_use("database", "slow-database", "Does it use a database?", f"{service} has no database")
        self._ask_external(f"{service} calls no one outside")
        self._ask_use("cache", "cache-stampede", "Does it use a cache?", f"{service} has no cache")

    def _with_rollback(self, line: str) -> Sketch:
        line = line.removeprefix("$ ")
        sketch = replace(self.sketch, rollback=line, shell=False)
        needs_shell = any(finding.rule == "shell-syntax" for finding in self._errors(sketch))
        return replace(sketch, shell=needs_shell)

    def _ask_use(self, name: str, step: str, text: str, no: str) -> None:
        why = "A yes keeps the question in the tree, a no leaves it out and says why; skip leaves it out for a reason."
        accepts = Accepts(words=_YES_NO, keyed=("skip",))
        self._ask(name, text, why, accepts, lambda reply: self._without(step, reply, no), Word("yes"))

    def _without(self, step: str, reply: Reply, no: str) -> Sketch:
        """The sketch in which a step is asked, or left out with its reason."""
        match reply:
            case Skip(reason=reason):
                return replace(self.sketch, omitted={**self.sketch.omitted, step: _line(reason)})
            case Word(value="no"):
                return replace(self.sketch, omitted={**self.sketch.omitted, step: no})
            case _:
                return self.sketch

    def _ask_external(self, no: str) -> None:
        def take(reply: Reply) -> Sketch:
            if isinstance(reply, Several) and reply.values:
                return replace(self.sketch, externals=tuple(external_of(text) for text in reply.values))
            return self._without("external-dependency", reply, no)

        why = (
            "Name those it depends on, each with its status page: `Stripe https://status.stripe.com` (P-TREE-3). A yes "
            "keeps the question without names, a no leaves it out."
        )
        accepts = Accepts(words=_YES_NO, lists=True, open_list=True, keyed=("skip",))
        self._ask("external", "Does it depend on services of others?", why, accepts, take, Word("yes"))

    def _ask_end(self) -> None:
        self._ask_text(
            "feature", "What do customers call what it does?", "`paying and placing orders`: the updates say it.",
            lambda text: replace(self.sketch, feature=text),
        )  # fmt: skip
        draft = built_in(self.sketch.service, self.path.parent).draft
        if draft is None or draft.all_clear.stable_for is None:
            self._ask(
                "stable-for", "How long must it be stable before the all clear?",
                "No severity condition may hold for so long (P-CLEAR-1).", Accepts(duration=True),
                self._with_stable_for, Lasting(_STABLE),
            )  # fmt: skip

    def _with_stable_for(self, reply: Reply) -> Sketch:
        return replace(self.sketch, stable_for=reply.duration if isinstance(reply, Lasting) else None)


# --- what was typed ----------------------------------------------------------------------------------------


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _text(reply: Reply) -> str:
    return _line(reply.text) if isinstance(reply, Typed) else ""


def _address(text: str) -> str:
    if not re.fullmatch(r"https?://\S+", text):
        message = f"`{text}` is no address"
        raise NotAllowed(message, "Write for example `https://grafana.example.com/d/search`.")
    return text


def person_of(role: str, text: str) -> Person:
    """`search on-call, pagerduty PSRCH01` -> the person.  Raises NotAllowed where two parts are names."""
    names: list[str] = []
    ways: list[tuple[str, str]] = []
    for part in filter(None, map(str.strip, text.split(","))):
        name, way = _way_in(part)
        names += [name] if name else []
        ways += [way] if way else []
    if len(names) > 1:
        message = f"`{names[1]}` does not say how `{names[0]}` is reached"
        raise NotAllowed(message, _HOW_TO_NAME)
    # Who is only known by a pager or a channel is called that.
    name = names[0] if names else ways[0][1] if ways else text
    return Person(role, name, tuple(ways))


def _way_in(part: str) -> tuple[str, tuple[str, str] | None]:
    """The name in a part, and the way that it says or that its last word looks like."""
    named = _WAY.fullmatch(part)
    if named:
        return (named[1] or "").strip(), (named[2].lower(), named[3].strip())
    for way, shape in _SHAPES:
        match = shape.fullmatch(part)
        if match:
            return (match[1] or "").strip(), (way, match[2])
    return part, None


def external_of(text: str) -> tuple[str, str]:
    """`Stripe https://status.stripe.com` -> name and status page.  Raises NotAllowed where there is no name."""
    name, _, status = _line(text).rpartition(" ")
    if not re.match(r"https?://", status):
        name, status = _line(text), ""
    if not name.strip(" :") or re.match(r"https?://", name):
        raise NotAllowed(f"`{text}` has no name", "Write for example `Stripe https://status.stripe.com`.")
    return name.rstrip(" :"), status
