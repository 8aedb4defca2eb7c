"""The services that a runbook depends on, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from incidentctl.runbook.model import Route, Runbook


def services_of(book: Runbook) -> Iterator[tuple[Route, str]]:
    """Each `service` of `depends_on` with its route; they and the externals stand in one list."""
    taken = {external.route[1:2] for external in book.externals}
    free = (at for at in count() if (at,) not in taken)
    return ((("depends_on", at, "service"), name) for at, name in zip(free, book.depends_on, strict=False))
