"""Incidents that ended some time ago, which a command line cannot make."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from incidentctl.clock import SystemClock
from incidentctl.journal.sqlite import SqliteJournal
from tests.session.people import FIRST_MINUTES, Person, Watch, opening, session


def resolved(store: Path, ago: timedelta) -> str:
    """An incident that ended so long ago, with its checklist left for later."""
    journal = SqliteJournal(store)
    desk = session(journal, Person(*FIRST_MINUTES, "yes"), watch=Watch(SystemClock().now() - ago))
    incident = desk.open(*opening())
    with pytest.raises(KeyboardInterrupt):
        desk.walk(incident)
    session(journal, Person("yes"), watch=Watch(SystemClock().now() - ago)).resolve(incident)
    journal.close()
    return incident
