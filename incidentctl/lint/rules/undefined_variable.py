"""A text asks for a variable that no incident has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import templated
from incidentctl.runbook.find import did_you_mean
from incidentctl.text.render import known_names, read

SLUG: Final = "undefined-variable"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """An unknown `{{ name }}` in a comms template, in a link, in the channel's name: it leaves a hole in the text."""
    known = known_names()
    for place in templated(subject):
        reading = read(place.text)
        for name in reading.names if not reading.problem else ():
            if name not in known:
                yield Found(place.route, f"there is no variable `{name}`", _hint(name, known))


def _hint(name: str, known: Sequence[str]) -> str:
    listed = ", ".join(f"`{one}`" for one in known if "." not in one)
    return did_you_mean(name, known) or f"The variables are {listed}."
