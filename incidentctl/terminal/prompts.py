"""A person at a terminal: what is asked, what is shown around it, and what was begun before something else was due.

What was begun is kept in its Draft, and stands there again when the same prompt comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, Self

from incidentctl.errors import NotAllowed
from incidentctl.terminal.bell import Bell
from incidentctl.terminal.console import Console
from incidentctl.terminal.copying import KEY, Copies
from incidentctl.terminal.draft import Draft, Key, NoteDraft, draft_key
from incidentctl.terminal.editor import edited
from incidentctl.terminal.header import title
from incidentctl.terminal.interface import Copy, Noted, Outcome, Replied, Screen, Withdrawn, known_due
from incidentctl.terminal.keys import Ended, let_fingers_rest
from incidentctl.terminal.questions import (
    Question,
    answer_needed,
    following_reply,
    question_of,
    row_reply,
    small_question,
)
from incidentctl.terminal.views import Voice
from incidentctl.terminal.widgets import Foot, Widgets
from incidentctl.text.escape import clean
from incidentctl.walker.replies import Reply, read_reply
from incidentctl.walker.requests import Request, Shown, WatchAction, WatchPosts

_STOP: Final = "Ctrl-C stops"
_TITLE: Final = "\x1b]0;{}\a"
# XTWINOPS: the terminal itself keeps the title that was there; one that cannot ignores both.
_KEEP_TITLE: Final = "\x1b[22;0t"
# ED 0: what stands below the cursor is the prompt of a walk that was killed.
_ERASE_BELOW: Final = "\x1b[J"
_GIVE_TITLE_BACK: Final = "\x1b]0;\a\x1b[23;0t"


class TerminalPrompter(Voice):
    """Asks at a terminal that can move its cursor.  Use it in a `with` block: leaving gives the title back."""

    def __init__(self, console: Console, copy: Copy) -> None:
        super().__init__(console)
        self._drafts: dict[Key, Draft] = {}
        self._note = NoteDraft()
        self._copies = Copies(copy)
        self._shown: dict[str, Shown] = {}
        self._latest: Request | None = None
        self._replied: tuple[Request, Draft] | None = None
        self._title = ""
        self._bell = Bell()
        self._widgets = Widgets(console, self._look)

    def __enter__(self) -> Self:
        self.console.control(_ERASE_BELOW)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        super().__exit__(kind, error, trace)
        if self._note.text:
            self._say_lost("Your note was not recorded:", self._note.text)
        if self._title:
            self.console.control(_GIVE_TITLE_BACK)

    def ask(self, request: Request, screen: Screen) -> Outcome:
        """Draw `request` and wait.  What was shown above it once is not shown twice.

        Raises KeyboardInterrupt on Ctrl-C and Ctrl-D, AnswerNeeded when the terminal is gone.
        """
        self.catch_up()
        self._set_title(screen)
        self._copies.show(request.shown.texts)
        self._forget(screen.answered)
        self._note.go_on(request)
        question = question_of(request)
        draft = self._drafts.setdefault(draft_key(request), Draft.of(request, question))
        is_gone = self._introduce(request, screen)
        try:
            outcome = self._ask(request, question, draft, screen, is_gone=is_gone)
        except EOFError as error:
            raise answer_needed(request, "the terminal is gone") from error
        if isinstance(outcome, Replied):
            self.leave_behind(screen.live())
        self.hold(request, outcome, screen)
        if isinstance(outcome, Replied):
            self._replied = request, self._drafts.pop(draft_key(request))
            del self._shown[request.prompt]
        return outcome

    def take_back(self) -> None:
        """The last reply was not recorded: what was typed stands there again."""
        super().take_back()
        if self._replied is not None:
            request, draft = self._replied
            self._drafts[draft_key(request)] = draft
            self._shown[request.prompt] = request.shown

    def refused(self, message: str, hint: str) -> None:
        """Say why the last reply was not taken; what was typed stands there again."""
        self.take_back()
        self.begin("block")
        self.console.warn(f"Not taken: {message}.")
        self.console.say(hint)

    # --- around the question --------------------------------------------------------------------------------

    def _forget(self, answered: Collection[str]) -> None:
        """What somebody else has answered does not come back; what was typed there can be copied from the screen."""
        gone = [draft for draft in self._drafts.values() if draft.request.prompt in answered]
        for draft in gone:
            self._drafts.pop(draft_key(draft.request))
            self._shown.pop(draft.request.prompt, None)
            self._note.outlive(draft.request)
            for text in draft.typed():
                self._say_lost("What you had typed there was not recorded:", text)
        if self._latest is not None and self._latest.prompt in answered:
            self._take_away()

    def _say_lost(self, what: str, text: str) -> None:
        """What was typed and is kept nowhere stands on the screen, to be copied."""
        self.begin("told")
        self.console.warn(what)
        self.console.bare(text)

    def _take_away(self, *, rings: bool = True) -> None:
        """Another question comes now: whoever is typing must not answer it."""
        if rings:
            self.console.ring()
        self._widgets.rest()

    def _look(self, screen: Screen) -> None:
        """About once a second: what falls due and takes no question away."""
        self._set_title(screen)
        if self._bell.fell_due(screen):
            self.console.ring()

    def _introduce(self, request: Request, screen: Screen) -> bool:
        """Show what stands above the question, unless it still does; True where `?` is to show it again."""
        before, self._latest = self._latest, request
        moved_on = before is not None and before.prompt != request.prompt
        taken = before if before is not None and moved_on and before.prompt in self._shown else None
        rings = self._bell.rings(taken, request, screen)
        # What runs is not put aside.
        if taken is not None and not isinstance(taken.ask, WatchAction | WatchPosts):
            self.begin("told")
            self.console.warn(f"Put aside for now, as you left it: {taken.text}")
            self._take_away(rings=rings)
        elif rings:
            self._take_away()
        is_shown = self._shown.get(request.prompt) == request.shown
        self._shown[request.prompt] = request.shown
        if not is_shown:
            return not self.show(request.shown)
        # What runs says so itself.
        if moved_on and not isinstance(request.ask, WatchAction | WatchPosts):
            again = "  (? shows again what stood above it)" if request.shown != Shown() else ""
            self.begin("told")
            self.console.say(f"Back to: {request.text}{again}", "dim")
        return moved_on

    def _set_title(self, screen: Screen) -> None:
        wanted = title(screen.incident, screen.now(), known_due(screen)) if screen.incident.id else ""
        if wanted != self._title:
            keep = "" if self._title else _KEEP_TITLE
            self.console.control(keep + _TITLE.format(self.console.symbols(wanted)))
        self._title = wanted

    def _explain(self, request: Request, *, is_gone: bool) -> None:
        if is_gone:
            self.show(request.shown, again=True)
        self.begin("block")
        self.console.say(f"Why: {request.why}", indent="  ")

    # --- the question ---------------------------------------------------------------------------------------

    def _ask(self, request: Request, question: Question, draft: Draft, screen: Screen, *, is_gone: bool) -> Outcome:
        while True:
            match self._once(request, question, draft, screen):
                case Ended.WITHDRAWN:
                    return Withdrawn()
                case Ended.EXPLAIN:
                    self._explain(request, is_gone=is_gone)
                case Ended.EDIT:
                    self._edit(question, draft, screen)
                    if not screen.still_open():
                        return Withdrawn()
                case Ended.COPY:
                    self._copies.take_next()
                case Ended.NOTE:
                    self._note.begin(request)
                case Ended.BACK if self._note.is_over(request):
                    self._note.open = False
                case Ended.BACK:
                    draft.small = ""
                case outcome:
                    return outcome

    def _once(self, request: Request, question: Question, draft: Draft, screen: Screen) -> Ended | Outcome:
        """One prompt: the note's, the second one, or the question itself."""
        if self._note.is_over(request):
            text = self._widgets.line(small_question(request, "note"), self._note, screen, Foot(_STOP, _STOP))
            if isinstance(text, Ended):
                return text
            self._note = NoteDraft()
            return Noted(text)
        if draft.small:
            return self._small(request, question, draft, screen)
        if question.kind == "text":
            return self._text(request, question, draft, screen)
        index = self._widgets.rows(request, question, draft, screen, self._foot(question))
        if isinstance(index, Ended):
            return index
        if question.rows[index].follows:
            draft.small = question.rows[index].follows
            return self._small(request, question, draft, screen)
        raw = row_reply(question, index, draft.ticked)
        return Replied(read_reply(request.prompt, request.accepts, raw))

    def _small(self, request: Request, question: Question, draft: Draft, screen: Screen) -> Ended | Replied:
        def read(text: str) -> Reply:
            raw = following_reply(question, draft.small, text, draft.ticked)
            return read_reply(request.prompt, request.accepts, raw)

        wanted = "Write for example `10 min`." if draft.small == "snooze" else ""
        small = small_question(request, draft.small)
        text = self._widgets.line(small, draft, screen, self._foot(small), _check(read, wanted))
        return text if isinstance(text, Ended) else Replied(read(text))

    def _text(self, request: Request, question: Question, draft: Draft, screen: Screen) -> Ended | Replied:
        def read(text: str) -> Reply:
            return read_reply(request.prompt, request.accepts, text)

        text = self._widgets.line(question, draft, screen, self._foot(question), _check(read))
        if text is not Ended.BACK:
            return text if isinstance(text, Ended) else Replied(read(text))
        # Only a line with a placeholder can be left empty here.
        return Replied(request.default) if request.default is not None else Ended.EXPLAIN

    def _edit(self, question: Question, draft: Draft, screen: Screen) -> None:
        self.begin("block")
        text = draft.texts.get("", question.prefill)
        draft.texts[""] = edited(self.console, text, question.beside or (), screen.still_open)
        # The keys that left the editor, and what it asked the terminal, are no answer to the question.
        let_fingers_rest(0)

    def _foot(self, question: Question) -> Foot:
        note = "your note" if self._note.text else "note"
        keys, said = f"? why · + {note} · {_STOP}", ""
        if question.copies:
            keys, said = f"{KEY} copies · {keys}", self._copies.said
        return Foot(keys, f"F1 why · ^N {note} · {_STOP}", said)


def _check(read: Callable[[str], Reply], wanted: str = "") -> Callable[[str], bool | str]:
    """What is wrong with a text, in words: what is `wanted`, else all that the prompt takes."""

    def check(text: str) -> bool | str:
        try:
            read(text)
        except NotAllowed as error:
            return wanted or clean(error.hint)
        return True

    return check
