"""An address or a header reads a variable that the environment does not have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from incidentctl.lint.addresses import addresses, environment_names, headers
from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject

SLUG: Final = "unset-environment"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """`${NAME}` where NAME is not set, or empty.  Nothing without `--environment`: elsewhere it may be set."""
    if subject.environment is None:
        return
    written = ((address.route, address.text) for address in addresses(subject))
    for route, text in chain(written, ((route, value) for route, _, value in headers(subject))):
        for name in environment_names(text):
            if not subject.environment.get(name):
                hint = "Set it where incidentctl runs, or write the value if it is no secret."
                yield Found(route, f"`{name}` is not set in this environment", hint)
