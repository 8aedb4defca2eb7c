"""The composition root: what a command needs, each part built when it is first used, and let go of at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import typer

from incidentctl.actions.interface import LaterHands
from incidentctl.cli import notices
from incidentctl.cli.books import Pinned
from incidentctl.cli.consoles import console_on
from incidentctl.cli.exit_status import ExitStatus
from incidentctl.cli.past import Past
from incidentctl.cli.settings import MEMORY, Settings
from incidentctl.clock import SystemClock
from incidentctl.desks import sentences_of
from incidentctl.errors import NotAllowed, StoreUnreachable, UserError
from incidentctl.incident.entry import Entry
from incidentctl.incident.events import Event, IncidentOpened
from incidentctl.incident.fold import fold
from incidentctl.incident.state import Incident
from incidentctl.journal.fallback import FallbackJournal
from incidentctl.journal.interface import Journal
from incidentctl.runbook.model import Runbook
from incidentctl.session import Session
from incidentctl.terminal.interface import Prompter
from incidentctl.walker import acts, presence, walk
from incidentctl.watching import Watching

if TYPE_CHECKING:
    from incidentctl.terminal.scripted import NobodyPrompter, ScriptedPrompter

_AFTER_THE_FIRST_PROMPT: Final = 0.3
"""Seconds that the checks wait: loading their libraries must not delay what a person sees first."""
_SECONDS_TO_COPY: Final = 4.0
"""A tool of the desktop that hangs keeps nobody longer from the next question."""
Use = Literal["read", "write", "begin"]
"""What a command does with the store: `write` goes on in memory where it fails, `begin` even where it never opened."""


class Desk:
    """One command's parts."""

    def __init__(self, settings: Settings, answers: Path | None, use: Use) -> None:
        """Read the answers file, open the store.  Raises NotFound, NotAllowed, StoreUnreachable."""
        self.settings = settings
        self.answers = answers
        self.checks = True
        self.clock = SystemClock()
        self.parts = ExitStack()
        self.console = console_on(sys.stdout, settings)
        self.warnings = console_on(sys.stderr, settings)
        self.pinned = Pinned(self.warnings)
        self.script = self._script()
        self._store: Journal | None = None
        self.journal = self._journal(use)

    # --- parts ----------------------------------------------------------------------------------------------

    def _script(self) -> ScriptedPrompter | None:
        if self.answers is None:
            return None
        from incidentctl.runbook.answers import load_answers
        from incidentctl.terminal.scripted import ScriptedPrompter

        return self.parts.enter_context(ScriptedPrompter(load_answers(self.answers), self.clock, self.console))

    def _journal(self, use: Use) -> Journal:
        """A store that fails is said at once, which is before the first question."""
        try:
            self._store = _store(self.settings.store_path())
        except StoreUnreachable as error:
            if use != "begin":
                raise
            self._say_degraded(error)
            return FallbackJournal(None, self._say_degraded)
        self.parts.callback(self._store.close)
        if use == "read":
            return self._store
        self.parts.callback(self._remember)
        return FallbackJournal(self._store, self._say_degraded)

    def _say_degraded(self, error: StoreUnreachable) -> None:
        self.warnings.error(error.message, error.hint)
        self.warnings.error("Going on in memory: NOTHING IS SAVED from here on. All is printed at the end, to copy.")

    @cached_property
    def prompter(self) -> Prompter:
        """Who answers: the file; a person where standard input and output are terminals; else nobody."""
        if self.script is not None:
            return self.script
        if not self.can_ask:
            return self._nobody()
        if not self.console.look.terminal:
            from incidentctl.terminal.plain import PlainPrompter

            return self.parts.enter_context(PlainPrompter(self.console, sys.stdin, _copy))
        from incidentctl.terminal.prompts import TerminalPrompter

        return self.parts.enter_context(TerminalPrompter(self.console, _copy))

    @property
    def can_ask(self) -> bool:
        """Whether anybody, or a file, answers."""
        return self.script is not None or (sys.stdin.isatty() and sys.stdout.isatty())

    def _nobody(self) -> NobodyPrompter:
        from incidentctl.terminal.scripted import NobodyPrompter

        return NobodyPrompter(self.console)

    @cached_property
    def session(self) -> Session:
        """The loop, with whoever answers."""
        by_hand = self.script is None and self.can_ask
        return self._session(self.prompter, _warm_up_soon if by_hand else _nothing)

    def _session(self, prompter: Prompter, warm_up: Callable[[], None]) -> Session:
        from incidentctl.comms.drafts import Drafts

        me = self.settings.name()
        return Session(
            self.journal, prompter, Drafts(), self.clock, me,
            pinned=self.walked, watching=self._watching(warm_up),
        )  # fmt: skip

    def _watching(self, warm_up: Callable[[], None]) -> Watching:
        """What the machine does beside the prompts."""
        from incidentctl.cli.checking import watch_of
        from incidentctl.comms.outbox import RealOutbox
        from incidentctl.comms.pager import RealPager
        from incidentctl.comms.rooms import RealRooms

        rest = _AFTER_THE_FIRST_PROMPT if self.script is None else 0.0
        return Watching(
            lambda book, incident: watch_of(self, book, incident, rest), LaterHands(), warm_up,
            outbox=RealOutbox(os.environ), pager=RealPager(os.environ), rooms=RealRooms(os.environ),
        )  # fmt: skip

    @cached_property
    def past(self) -> Past:
        """All incidents of the store as they stood when this was first asked."""
        return Past(self.journal, self._folded, lambda incident: self.pinned(incident).postmortem_due)

    def walked(self, incident: Incident) -> Runbook:
        """What an incident pinned, with how long its steps took in earlier ones."""
        return self.with_durations(self.pinned(incident), incident.id)

    def with_durations(self, book: Runbook, before: str = "") -> Runbook:
        """`book`, with how long its steps took in the incidents before that one."""
        return replace(book, took=self.past.took(book.service, before))

    def _folded(self, name: str) -> Incident | None:
        """An incident whose entries are damaged is said and left out: it must not take the others with it."""
        try:
            return fold(name, (self._store or self.journal).read(name))
        except StoreUnreachable as error:
            self.warnings.error(error.message, error.hint)
            return None

    def _remember(self) -> None:
        if "past" in self.__dict__:
            self.past.remember()

    @property
    def moves_clock(self) -> bool:
        """Whether the answers file lets time pass."""
        return self.script is not None and self.script.moves_clock

    def keep_time_of(self, incident: Incident) -> None:
        """A drill goes on where its own clock stood: a script may have moved it beyond the machine's.

        Raises NotAllowed where a script would move the clock of a real incident.
        """
        if self.moves_clock and incident.mode == "real":
            message = f"{incident.id} is a real incident: its clock cannot be moved (`after:` in {self.answers})"
            raise NotAllowed(message, "Leave `after` out, or start a drill.")
        if incident.mode == "drill" and incident.last_at is not None:
            self.clock.move(max(timedelta(), incident.last_at - self.clock.now()))

    # --- what several commands do ---------------------------------------------------------------------------

    @contextmanager
    def at(self, incident_id: str, saved: Callable[[], str] | None = None) -> Iterator[None]:
        """While a question about an incident is open: whatever ends it early, say what is saved and how to go on."""
        saved = saved or (lambda: self._saved(incident_id))
        try:
            yield
        except KeyboardInterrupt:
            if not self.unsaved:
                self.warnings.bare(f"\nStopped. {saved()}")
            raise
        except UserError as error:
            if not self.unsaved:
                error.hint = f"{error.hint}\n{saved()}".strip()
            raise

    def _saved(self, incident_id: str) -> str:
        """What is left when the command ends now, and how to go on."""
        if self.settings.store_path() is None:
            return f"Nothing is saved: the store `{MEMORY}` ends with this command."
        return f"Every answer that was given is saved. Go on with:\n{self.settings.command('resume', incident_id)}"

    def act(self, incident: Incident, act: acts.Act) -> Incident:
        """Record one act, and say what was recorded and where it stands then.  Nobody is asked."""
        nobody, before = self._nobody(), self.journal.last_seq(incident.id)
        after = self._session(nobody, _nothing).act(incident.id, act)
        sentences = sentences_of(self.pinned(after), after)
        for entry in self.journal.read(incident.id, after=before):
            nobody.tell(f"Recorded: {sentences.of(entry.event, entry.occurred_at)}")
        self.say_where_it_stands(after, nobody)
        return after

    def say_where_it_stands(self, incident: Incident, prompter: Prompter) -> None:
        """One line, and what is asked next."""
        now = self.clock.now()
        prompter.tell(notices.one_line(incident, now))
        if vacant := presence.without_commander(incident):
            prompter.tell(vacant)
        request = walk.request(self.pinned(incident), incident, now)
        if request is not None:
            prompter.tell(f"Asked next: {request.text}")
            self.console.bare(self.settings.command("resume", incident.id))

    @property
    def unsaved(self) -> Mapping[str, Sequence[Entry]]:
        """By incident, the entries that are in memory only."""
        return self.journal.unsaved() if isinstance(self.journal, FallbackJournal) else {}

    def say_end(self, incident_id: str) -> None:
        """What a walk that came to its end leaves behind."""
        incident = fold(incident_id, self.journal.read(incident_id))
        self.prompter.tell(notices.one_line(incident, self.clock.now()))
        if incident.needs_update and not incident.is_open:
            self.prompter.tell("The update that says it is over is not sent yet. Ask for it with:")
            self.console.bare(self.settings.command("update", "-i", incident_id))
        later = [item for item, result in incident.clear.items.items() if result == "later"]
        if later:
            self.prompter.tell(f"Left for later: {', '.join(later)}. Tick them with:")
            self.console.bare(self.settings.command("resume", incident_id))

    def changes(self, incident: Incident) -> Sequence[str]:
        """What changed in an incident since this person's last entry."""
        from incidentctl.cli.away import changes

        entries, me = self.journal.read(incident.id), self.settings.name()
        sentences = sentences_of(self.pinned(incident), incident)
        return list(changes(incident, entries, me, self.clock.now(), sentences))

    def timeline(self, incident: Incident, *, as_json: bool) -> str:
        """What happened, to read or as `incidentctl/timeline/1`."""
        from incidentctl.reports import timeline as report

        entries, book = self.journal.read(incident.id), self.pinned(incident)
        if as_json:
            return as_document(report.timeline(entries, incident, book, self.clock.now()))
        return report.timeline_text(entries, incident, book)

    def print_json(self, document: Mapping[str, object]) -> None:
        """One JSON document on standard output."""
        self.console.bare(as_document(document))

    def remind(self) -> None:
        """The post-mortems that are overdue, or due, on standard error (P-CLEAR-4)."""
        owed = notices.post_mortems(self.past.outlines, self.clock.now().astimezone())
        if owed:
            # Without colour: it is not urgent, and Rich would be loaded for it before the first prompt.
            self.warnings.say(owed)

    # --- the end --------------------------------------------------------------------------------------------

    def name_unused_rows(self) -> None:
        """The rows of the answers file that no prompt used."""
        for row in self.script.unused() if self.script is not None else ():
            self.warnings.bare(f"{row.place}: this row was never used: {row.prompt}")

    def print_unsaved(self) -> None:
        """Every incident of which something is in no store: for a program, one JSON object a line, then for people.

        The texts of the pinned runbook are left out; their digests say which files they were.
        """
        import json

        from incidentctl.reports import timeline as report

        for name, lost in self.unsaved.items():
            since = "" if lost[0].seq == 1 else f" from entry {lost[0].seq} on"
            self.warnings.error(f"NOTHING of what follows is saved{since}. Copy it.")
            entries = self.journal.read(name)
            incident = fold(name, entries)
            book = self.pinned(incident)
            short = [replace(entry, event=_without_texts(entry.event)) for entry in entries]
            for entry in report.timeline(short, incident, book, self.clock.now())["entries"]:
                self.console.bare(json.dumps({"incident": name, **entry}))
            self.console.bare("\n" + report.timeline_text(entries, incident, book))


@contextmanager
def open_desk(settings: Settings, use: Use, *, answers: Path | None = None) -> Iterator[Desk]:
    """A command's parts; at the end what was not used is named, and what was not saved is printed (exit 4)."""
    desk = Desk(settings, answers, use)
    try:
        with desk.parts:
            desk.remind()
            yield desk
        desk.name_unused_rows()
    except UserError as error:
        desk.name_unused_rows()
        if not desk.unsaved:
            raise
        desk.warnings.error(error.message, error.hint)
    except KeyboardInterrupt:
        if not desk.unsaved:
            raise
    except BrokenPipeError:
        _print_no_more()
    finally:
        if desk.unsaved:
            _print_unsaved(desk)
    if desk.unsaved:
        raise typer.Exit(ExitStatus.NOT_THERE)


def _print_unsaved(desk: Desk) -> None:
    try:
        desk.print_unsaved()
    except BrokenPipeError:
        _print_no_more()


def _print_no_more() -> None:
    """Whoever read our output has seen enough.  Python would try to flush the rest once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _without_texts(event: Event) -> Event:
    if not isinstance(event, IncidentOpened):
        return event
    return replace(event, layers=tuple(replace(layer, text="") for layer in event.layers))


def as_document(document: Mapping[str, object]) -> str:
    """JSON in ASCII, so that no terminal and no locale can spoil it."""
    import json

    return json.dumps(document, indent=2)


def _store(path: Path | None) -> Journal:
    if path is None:
        from incidentctl.journal.memory import MemoryJournal

        return MemoryJournal()
    from incidentctl.journal.sqlite import SqliteJournal

    return SqliteJournal(path)


def _copy(text: str) -> bool:
    """See `Copy` in `terminal/interface.py`."""
    from incidentctl.comms.channels import clipboard

    return clipboard.copy(text, os.environ, seconds=_SECONDS_TO_COPY)


def _warm_up_soon() -> None:
    """Load what the first update needs while the first question is read, once it is drawn."""
    from threading import Timer

    timer = Timer(0.3, _warm_up)
    timer.daemon = True
    timer.start()


def _warm_up() -> None:
    from incidentctl.text.redact import redact
    from incidentctl.text.render import render

    redact("token: x")
    render("{{ service | upper }}", {"service": "warm"})


def _nothing() -> None:
    """A script is not kept waiting by what it may not need."""
