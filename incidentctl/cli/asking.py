"""Questions of the commands themselves, outside every incident: which one, which service, go on or begin anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from incidentctl.errors import NotAllowed
from incidentctl.incident.state import Incident
from incidentctl.terminal.interface import Prompter, Replied, Screen
from incidentctl.walker.replies import Accepts, Option, Reply, Typed, Word
from incidentctl.walker.requests import AskStep, Phase, Request, Shown


def choose(
    prompter: Prompter,
    now: Callable[[], datetime],
    prompt: str,
    text: str,
    options: Sequence[Option],
    *,
    why: str,
    default: str | None = None,
    said: Sequence[str] = (),
    free_text: bool = False,
) -> str:
    """The value that was chosen, or where `free_text` another one that was typed.

    Raises AnswerNeeded where nobody can be asked, NotAllowed where a script chooses what is not offered.
    """
    request = Request(
        prompt=prompt,
        ask=AskStep(prompt, text),
        phase=Phase.FIRST_MINUTES,
        text=text,
        why=why,
        accepts=Accepts(words=tuple(options), text=free_text),
        default=Word(default) if default else None,
        shown=Shown(said=tuple(said)),
    )
    return _value(prompt, asked(prompter, now, request))


def asked(prompter: Prompter, now: Callable[[], datetime], request: Request) -> Reply:
    """The reply to a question that belongs to no incident.  Raises as `choose` does."""
    screen = Screen(Incident(""), now, lambda: True)
    while True:
        try:
            outcome = prompter.ask(request, screen)
        except KeyboardInterrupt:
            prompter.tell("Stopped. Nothing was recorded.")
            raise
        if isinstance(outcome, Replied):
            return outcome.reply
        prompter.refused("there is no incident yet that a note could belong to", "Answer first.")


def _value(prompt: str, reply: Reply) -> str:
    match reply:
        case Word(value=value) | Typed(text=value):
            return value
        case _:
            message = f"`{prompt}` takes one value"
            raise NotAllowed(message)
