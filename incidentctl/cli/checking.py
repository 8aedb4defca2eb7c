"""The checks of a runbook, made into what runs beside the prompts."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from incidentctl.checks.interface import NoChecks, Watch
from incidentctl.errors import NotFound
from incidentctl.incident.state import Incident
from incidentctl.runbook.model import Runbook
from incidentctl.walker.evidence import Measure, measures

if TYPE_CHECKING:
    from incidentctl.checks.interface import Inquiry
    from incidentctl.cli.wiring import Desk


def watch_of(desk: Desk, book: Runbook, incident: Incident, rest: float) -> Watch:
    """What asks the checks of `book`; nothing in a drill, and with `--no-checks`."""
    asked = measures(book)
    if not desk.checks or incident.mode == "drill" or not asked:
        return NoChecks()
    from incidentctl.checks.runner import Runner

    folder = _folder(desk)

    def given(measure: Measure) -> Inquiry:
        return inquiry(book, folder, measure, desk.clock.now(), desk.settings.store_path())

    runner = Runner(given, desk.clock, asked, rest=rest)
    desk.parts.callback(runner.close)
    return runner


def _folder(desk: Desk) -> Path:
    """Where relative paths of a runbook count from."""
    try:
        return desk.settings.runbooks_folder() or Path()
    except NotFound:
        return Path()


def inquiry(book: Runbook, folder: Path, measure: Measure, now: datetime, store: Path | None) -> Inquiry:
    """What a check is given; `store` holds the change log, `folder` is where relative paths count from."""
    from incidentctl.checks.interface import Inquiry
    from incidentctl.journal.changes import reader

    source = book.sources.get(measure.check.kind)
    return Inquiry(
        measure.check,
        now,
        source=source.values if source else {},
        service=book.service,
        alerts=book.alerts,
        unit=measure.unit,
        within=measure.within,
        folder=folder,
        environ=os.environ,
        changes=reader(store),
    )
