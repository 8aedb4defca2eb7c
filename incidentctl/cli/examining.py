"""For `doctor`: what a runbook names that can be looked at without asking anybody."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from incidentctl.lint.addresses import addresses, checks, environment_names
from incidentctl.lint.environment import USUAL
from incidentctl.lint.interface import CommandLine, Subject, commands
from incidentctl.lint.people import paging
from incidentctl.lint.rules.unreachable_person import what_is_wrong
from incidentctl.lint.shell import assigned, variables
from incidentctl.reports.doctor import Examination, Kind, Result
from incidentctl.runbook.load import Loaded, load_service, services
from incidentctl.runbook.model import Audience, Person, Route, Runbook
from incidentctl.runbook.places import is_written, place

_BY_HAND: Final = "paged by hand"
_SHELL: Final = """
. : [ [[ alias bg break case cd command continue declare echo eval exec exit export false fg for function getopts hash
if jobs kill let local printf pwd read readonly return select set shift source test time times trap true type ulimit
umask unalias unset until wait while { (
"""
_OF_SHELLS: Final = frozenset(_SHELL.split())
"""What a shell knows by itself (POSIX, bash)."""


class Named:
    """What the runbook of one service names; of a broken one as much as could be read."""

    def __init__(self, service: str, loaded: Loaded) -> None:
        """`loaded` is as its files were read."""
        self.service = service
        self.loaded = loaded

    @cached_property
    def book(self) -> Runbook | None:
        """The runbook; None where a file of it is no YAML at all."""
        return self.loaded.book or self.loaded.draft

    @cached_property
    def subject(self) -> Subject | None:
        """The runbook as the rules of lint see it."""
        from incidentctl.clock import SystemClock

        if self.book is None or self.loaded.root is None:
            return None
        written = partial(is_written, self.loaded.root)
        return Subject(self.book, self.loaded.texts[-1].name, SystemClock().now().date(), {}, written)

    def where(self, route: Route) -> str:
        """`runbooks/checkout.yaml:22`; nothing for what nobody wrote."""
        found = place(self.loaded.root, route, "value") if self.loaded.root is not None and route else None
        return f"{found[0]}:{found[1].line}" if found else ""

    def found(self, kind: Kind, subject: str, result: Result, said: str = "", hint: str = "") -> Examination:
        """One examination about this service."""
        return Examination(subject, kind, self.service, result, said, hint)


def named(folder: Path | None, service: str | None) -> list[Named]:
    """The services of `folder`, or the one that is meant.  Raises NotFound where there is no runbook for that."""
    names = services(folder) if service is None else [service]
    return [Named(name, load_service(folder, name)) for name in names]


def of_runbook(one: Named, environ: Mapping[str, str]) -> Iterator[Examination]:
    """Its files, its variables, its people, its channels, its programs."""
    yield _read(one)
    if one.subject is None:
        return
    yield from _environment(one, one.subject, environ)
    yield from _people(one, one.subject)
    yield from _channels(one, one.subject)
    yield from _programs(one, one.subject)


def _read(one: Named) -> Examination:
    name = one.loaded.texts[-1].name
    problems = one.loaded.problems
    if not problems:
        return one.found("runbook", name, "ok")
    more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
    return one.found("runbook", name, "failed", f"{problems[0]}{more}", f"incidentctl lint {shlex.quote(name)}")


# --- variables ---------------------------------------------------------------------------------------------


def _environment(one: Named, subject: Subject, environ: Mapping[str, str]) -> Iterator[Examination]:
    """The variables by name; what they hold is nobody's business."""
    names = dict.fromkeys(_variables(subject))
    unset = [name for name in names if not environ.get(name)]
    if unset:
        them = ", ".join(unset)
        hint = f"Set {them} in this terminal's environment."
        yield one.found("runbook", "environment", "failed", f"not set: {them}", hint)
    elif names:
        yield one.found("runbook", "environment", "ok", f"set: {', '.join(names)}")


def _variables(subject: Subject) -> Iterator[str]:
    """What checks, links and commands read from the environment."""
    for check in checks(subject):
        for text in check.values.values():
            yield from environment_names(text)
    for address in addresses(subject):
        yield from environment_names(address.text)
    lines = [command.line for command in commands(subject) if subject.written(command.route)]
    filled_in = {*USUAL, *(name for line in lines for name in assigned(line))}
    yield from (name for line in lines for name in variables(line) if name not in filled_in)


# --- people and channels -----------------------------------------------------------------------------------


def _people(one: Named, subject: Subject) -> Iterator[Examination]:
    """Who is written down, then the roles that a level pages and that nobody has."""
    people = subject.book.people
    yield from (_person(one, person) for person in people.values())
    for role in dict.fromkeys(role for level in subject.book.levels for role in level.page):
        level = paging(subject, role)
        if level and role not in people:
            said = f"{level} pages this role, and nobody is named for it"
            yield one.found("person", role, "failed", said, f"Say under `people` who `{role}` is.")


def _person(one: Named, person: Person) -> Examination:
    subject = f"{person.role}, {person.name}"
    wrong = next((f"`{text}` {why}" for way, text in person.ways if (why := what_is_wrong(way, text))), "")
    if person.ways and not wrong:
        ways = ", ".join(f"{way} {text}" for way, text in person.ways)
        return one.found("person", subject, "ok", f"{ways} ({_BY_HAND})")
    hint = f"Write how `{person.role}` is reached{_at(one, person.route)}."
    return one.found("person", subject, "failed", wrong or "no way to reach them is written down", hint)


def _channels(one: Named, subject: Subject) -> Iterator[Examination]:
    """Whether a text could be sent from here.  Nothing is: that takes a person's word, and a text."""
    from incidentctl.comms.outbox import RealOutbox

    outbox = RealOutbox(os.environ)
    usable = outbox.names(subject.book)
    for audience in subject.book.comms.audiences:
        if audience.name in usable:
            yield one.found("channel", audience.name, "ok", f"{usable[audience.name]}: can be sent from here")
        else:
            why = outbox.why_not(audience) or "no channel"
            yield one.found("channel", audience.name, "skipped", f"{_channel(audience)}: copied by hand, {why}")


def _channel(audience: Audience) -> str:
    """The kind and where it leads; of an address and its headers nothing, for they may hold keys."""
    plain = [text for key, text in audience.values.items() if key in ("page", "channel", "service", "to")]
    return " ".join([audience.channel or "no channel", *(", ".join(text.splitlines()) for text in plain)])


# --- programs ----------------------------------------------------------------------------------------------


def _programs(one: Named, subject: Subject) -> Iterator[Examination]:
    """Whether the program that each command begins with is here.  None is run."""
    used: dict[str, list[CommandLine]] = {}
    for command in commands(subject):
        program = program_of(command.line, shell=command.shell) if subject.written(command.route) else ""
        if program:
            used.setdefault(program, []).append(command)
    for program, lines in used.items():
        path = shutil.which(program)
        if path:
            yield one.found("command", program, "ok", path)
            continue
        said = "it is not here, or cannot be run" if "/" in program else "not on the PATH of this terminal"
        count = "1 command begins" if len(lines) == 1 else f"{len(lines)} commands begin"
        yield one.found("command", program, "failed", said, f"{count} with it{_at(one, lines[0].route)}: install it.")


def program_of(line: str, *, shell: bool) -> str:
    """The first word that is no assignment; nothing where only a shell, or whoever fills in inputs, knows it."""
    try:
        words = shlex.split(line)
    except ValueError:
        return ""
    word = next((word for word in words if not re.match(r"[A-Za-z_]\w*=", word)), "")
    if shell:
        word = word.rstrip(";|&")
        if word in _OF_SHELLS:
            return ""
    return "" if re.search(r"[$`{}<>()*]", word) else word


def _at(one: Named, route: Route) -> str:
    where = one.where(route)
    return f" ({where})" if where else ""
