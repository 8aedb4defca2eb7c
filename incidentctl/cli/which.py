"""Which incident a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from incidentctl.cli.asking import choose
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
    past = desk.past
    if not past:
        raise NotFound("There is no incident in this store yet", f"Begin one: {desk.settings.command('start')}")
    fitting = _named(past, wanted) if wanted else _by_state(past)
    if not fitting:
        raise NotFound(f"There is no incident `{wanted}` in this store", f"The latest is {past[-1].id}.")
    return fitting[0] if len(fitting) == 1 else _chosen(desk, fitting, wanted)


def _named(past: Sequence[Incident], wanted: str) -> list[Incident]:
    part = wanted.strip().casefold()
    return [one for one in past if one.id == part] or [one for one in past if part in one.id]


def _by_state(past: Sequence[Incident]) -> list[Incident]:
    still_open = [one for one in past if one.is_open]
    return still_open or [max(past, key=lambda one: (one.clear.given_at or one.opened_at, one.id))]


def _chosen(desk: Desk, fitting: Sequence[Incident], wanted: str | None) -> Incident:
    options = [Option(one.id, one.id, f"{one.service}: {one.title}".rstrip(": ")) for one in reversed(fitting)]
    text = f"`{wanted}` is part of several ids" if wanted else "Several incidents are open"
    if not desk.can_ask:
        names = ", ".join(option.value for option in options)
        raise NotAllowed(f"{text}: {names}", "Name one of them: any unique part of its id will do.")
    chosen = choose(
        desk.prompter, desk.clock.now, "which.incident", f"{text}. Which one?", options,
        why="One command is about one incident. Name it to skip this question: any unique part of its id will do.",
    )  # fmt: skip
    return next(one for one in fitting if one.id == chosen)
