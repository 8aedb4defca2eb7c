"""What stands above a question and what stays behind it.  The same for a person, a plain terminal and a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal, Self

from incidentctl.incident.words import Text
from incidentctl.terminal.console import Console
from incidentctl.terminal.header import header_text, of_day
from incidentctl.terminal.interface import Noted, Outcome, Replied, Screen, known_due
from incidentctl.terminal.questions import Question, Row, question_of, reply_shown
from incidentctl.text.escape import clean, columns, one_line
from incidentctl.text.redact import redact, redact_value
from incidentctl.walker.replies import Reply
from incidentctl.walker.requests import AskInput, Request, Shown

Said = Literal["", "told", "line", "block", "question"]
"""What was said last: nothing yet, a message, the line of a reply, a block to read, or a question with its rows."""
_TOGETHER: Final = {("", "told"), ("", "line"), ("told", "told"), ("line", "line"), ("question", "line")}
_SHORTEST_QUESTION: Final = 24


def show(console: Console, shown: Shown) -> None:
    """Print what there is to read, to open and to copy.

    Links, commands and texts stand bare on lines of their own, so that a whole line can be copied.
    """
    for said in shown.said:
        console.say(said, indent="  ")
    for link in shown.links:
        console.bare(clean(f"{link.title}: {link.url}" if link.title else link.url))
    for command in shown.commands:
        console.say(command.label, "bold")
        console.bare(command.line)
    if shown.output:  # parted from the command, or it is pasted with it
        console.say("It said last:", "bold")
    for line in shown.output:
        console.say(f"  {line}", "dim", indent="  ")
    for index, text in enumerate(shown.texts):
        if index or shown.said:
            console.say("")
        console.say(f"For {text.audience}:", "bold")
        console.bare(text.text)


def show_question(console: Console, question: Question) -> None:
    """Print a question with its numbered rows, for a place that cannot move a cursor."""
    console.say(question.message, "bold")
    for number, row in enumerate(question.rows, 1):
        marker = ">" if number - 1 == question.start else " "
        console.say(f" {marker} {number:2}{row_text(row)}", indent="      ")
    if question.placeholder:
        console.say(f"   [{question.placeholder}]")


def row_text(row: Row) -> str:
    """` (y)  yes - hint`: what stands behind a row's number."""
    key = f" ({row.key})" if row.key and not row.key.isdigit() else ""
    hint = f" - {row.hint}" if row.hint else ""
    return f"{key}  {row.label}{hint}"


def answer_line(request: Request, reply: Reply, width: int) -> str:
    """`Was there a deploy?  yes`, at most `width` columns; a long question gives way before its answer."""
    said = reply_shown(reply, request)
    said = redact_value(request.ask.name, said) if isinstance(request.ask, AskInput) else said
    answer = one_line(said, width - 2)
    question = one_line(request.text, max(_SHORTEST_QUESTION, width - 2 - columns(answer)))
    return f"{question}  {one_line(answer, width - 2 - columns(question))}"


class Voice:
    """What every prompter says besides its questions, in blocks with one blank line between them.

    A reply or a note leaves one line behind.  It is held back until the next thing is said, because only by then is
    it on disk; leaving the `with` block without an error says it as well.
    """

    patient = False

    def __init__(self, console: Console) -> None:
        self.console = console
        self._held = ""
        self._said_last: Said = ""
        self._copied: tuple[Text, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.catch_up()

    def tell(self, text: str) -> None:
        """Say something that needs no answer; `text` may be foreign."""
        self.catch_up()
        self.begin("told")
        self.console.say(text, indent=" " * (len(text) - len(text.lstrip(" "))))

    def hold(self, request: Request, outcome: Outcome, screen: Screen) -> None:
        """Remember the line that a reply or a note leaves behind."""
        # Before there is an incident nobody knows its time zone, and a wrong time is worse than none.
        zone_known = screen.incident.opened_at is not None
        time = f"{of_day(screen.now(), screen.incident.timezone)}  " if zone_known else ""
        width = self.console.width - len(time)
        match outcome:
            case Replied(reply=reply):
                self._held = time + answer_line(request, reply, width)
            case Noted(text=text):
                self._held = time + one_line(f"Note: {text}", width)
            case _:
                pass

    def catch_up(self) -> None:
        """Say the line of the reply or note before, which is on disk now."""
        if self._held:
            self.begin("line")
            # The journal holds it without its secrets, and so does whatever is copied from this screen.
            self.console.say(redact(self._held), "green")
        self._held = ""

    def take_back(self) -> None:
        """The reply was not taken: its line is never said."""
        self._held = ""

    def begin(self, said: Said) -> None:
        """Begin to say something: a blank line parts it from what was said before, unless the two belong together."""
        before, self._said_last = self._said_last, said
        if (before, said) not in _TOGETHER:
            self.console.say("")

    def show(self, shown: Shown, *, again: bool = False) -> bool:
        """Print what stands above a question; True where that was all of it.

        The texts of an update stand above two questions, one after the other.  Those that were printed last are
        left out, unless they are wanted `again`.
        """
        printed = replace(shown, texts=()) if shown.texts == self._copied and not again else shown
        if printed != Shown():
            self.begin("block")
            show(self.console, printed)
        self._copied = shown.texts or self._copied
        return printed == shown

    def show_live(self, lines: Sequence[str]) -> None:
        """What the checks say, as it is now."""
        if lines:
            self.begin("block")
        for line in lines:
            self.console.say(line, indent="  ")

    def leave_behind(self, lines: Sequence[str]) -> None:
        """What the checks said when the question was answered; their rows were read, and are in the timeline."""
        for line in lines:
            if line.endswith(" ago)") and not line.startswith(" "):
                self.begin("line")
                self.console.say(line, "dim", indent="  ")

    def show_all(self, request: Request, screen: Screen) -> None:
        """Print what stands above the question, the header, and the question with its rows."""
        self.show(request.shown)
        self.show_live(screen.live())
        self.begin("question")
        head = header_text(screen.incident, screen.now(), self.console.width, known_due(screen))
        if head:
            self.console.say(head, "dim")
        show_question(self.console, question_of(request))
