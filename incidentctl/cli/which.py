"""Which incident a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from incidentctl.cli.asking import choose
from incidentctl.cli.past import Outline
from incidentctl.errors import NotAllowed, NotFound
from incidentctl.incident.state import Incident
from incidentctl.walker.replies import Option

if TYPE_CHECKING:
    from incidentctl.cli.wiring import Desk


def which(desk: Desk, wanted: str | None) -> Incident:
    """The incident that is named by any unique part of its id; else the open one, else the one that ended last.

    Where several fit, a person chooses (`which.incident`); where nobody can be asked, NotAllowed names them.
    Raises NotFound where there is none.
    """
    past = desk.past.outlines
    if not past:
        raise NotFound("There is no incident in this store yet", f"Begin one: {desk.settings.command('start')}")
    fitting = _named(past, wanted) if wanted else _by_state(past)
    if not fitting:
        raise NotFound(f"There is no incident `{wanted}` in this store", f"The latest is {past[-1].id}.")
    name = fitting[0].id if len(fitting) == 1 else _chosen(desk, fitting, wanted)
    chosen = desk.past.incident(name)
    if chosen is None:
        raise NotFound(f"The entries of {name} cannot be read", "Name another one: any unique part of its id will do.")
    desk.keep_time_of(chosen)
    return chosen


def _named(past: Sequence[Outline], wanted: str) -> list[Outline]:
    part = wanted.strip().casefold()
    return [one for one in past if one.id == part] or [one for one in past if part in one.id]


def _by_state(past: Sequence[Outline]) -> list[Outline]:
    still_open = [one for one in past if one.is_open]
    return still_open or [max(past, key=lambda one: (one.ended_at, one.id))]


def _chosen(desk: Desk, fitting: Sequence[Outline], wanted: str | None) -> str:
    folded = [incident for one in reversed(fitting) if (incident := desk.past.incident(one.id))]
    options = [Option(one.id, one.id, f"{one.service}: {one.title}".rstrip(": ")) for one in folded]
    text = f"`{wanted}` is part of several ids" if wanted else "Several incidents are open"
    if not desk.can_ask:
        names = "".join(f"\n  {option.value}  {option.hint}" for option in options)
        raise NotAllowed(f"{text}:{names}", "Name one of them: any unique part of its id will do.")
    return choose(
        desk.prompter, desk.clock.now, "which.incident", f"{text}. Which one?", options,
        why="One command is about one incident. Name it to skip this question: any unique part of its id will do.",
    )  # fmt: skip
