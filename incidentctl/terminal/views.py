"""What stands above a question and what stays behind it.  The same for a person, a plain terminal and a script."""

from __future__ import annotations

from typing import Final, Self

from incidentctl.terminal.console import Console
from incidentctl.terminal.header import header_text, of_day
from incidentctl.terminal.interface import Screen
from incidentctl.terminal.questions import Question, Row, question_of, reply_shown
from incidentctl.text.escape import clean, columns, one_line
from incidentctl.walker.replies import Reply
from incidentctl.walker.requests import Request, Shown

_SHORTEST_QUESTION: Final = 24


def show(console: Console, shown: Shown) -> None:
    """Print what there is to read, to open and to copy.

    Links, commands and texts stand bare on lines of their own, so that a whole line can be copied.
    """
    if shown == Shown():
        return
    console.say("")
    for said in shown.said:
        console.say(said, indent="  ")
    for link in shown.links:
        console.bare(clean(f"{link.title}: {link.url}" if link.title else link.url))
    for command in shown.commands:
        console.say(command.label, "bold")
        console.bare(command.line)
    for text in shown.texts:
        console.say(f"For {text.audience}:", "bold")
        console.bare(text.text)


def show_question(console: Console, question: Question) -> None:
    """Print a question with its numbered rows, for a place that cannot move a cursor."""
    console.say(question.message, "bold")
    for number, row in enumerate(question.rows, 1):
        marker = ">" if number - 1 == question.start else " "
        console.say(f" {marker} {number:2}{row_text(row, number)}", indent="      ")
    if question.placeholder:
        console.say(f"   [{question.placeholder}]")


def show_all(console: Console, request: Request, screen: Screen) -> None:
    """Print the header, what stands above the question, and the question with its rows."""
    console.say("")
    console.say(header_text(screen.incident, screen.now(), console.width), "dim")
    show(console, request.shown)
    show_question(console, question_of(request))


def row_text(row: Row, number: int) -> str:
    """` (y)  yes  - hint`: what stands behind a row's number."""
    key = f" ({row.key})" if row.key and row.key != str(number) else ""
    hint = f"  - {row.hint}" if row.hint else ""
    return f"{key}  {row.label}{hint}"


def answer_line(request: Request, reply: Reply, width: int) -> str:
    """`Was there a deploy?  yes`, at most `width` columns; a long question gives way before its answer."""
    answer = one_line(reply_shown(reply, request), width - 2)
    question = one_line(request.text, max(_SHORTEST_QUESTION, width - 2 - columns(answer)))
    return f"{question}  {one_line(answer, width - 2 - columns(question))}"


class Voice:
    """What every prompter says besides its questions.

    A reply leaves one line behind.  It is held back until the next thing is said, because only by then is the reply
    on disk; leaving the `with` block without an error says it as well.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._held = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            self.catch_up()

    def tell(self, text: str) -> None:
        """Say something that needs no answer; `text` may be foreign."""
        self.catch_up()
        self.console.say(text)

    def hold(self, request: Request, reply: Reply, screen: Screen) -> None:
        """Remember the line that `reply` leaves behind."""
        time = of_day(screen.now(), screen.incident.timezone)
        self._held = f"{time}  {answer_line(request, reply, self.console.width - len(time) - 2)}"

    def catch_up(self) -> None:
        """Say the line of the reply before, which is on disk now."""
        if self._held:
            self.console.say(self._held, "green")
        self._held = ""

    def take_back(self) -> None:
        """The reply was not taken: its line is never said."""
        self._held = ""
