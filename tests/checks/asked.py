"""How tests ask: one check, once, as the runner does, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from incidentctl.checks.interface import Checker, Found, Inquiry
from incidentctl.errors import UserError
from incidentctl.incident.words import Answer
from incidentctl.runbook.model import Check

NOW: Final = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)


def inquiry(kind: str, values: Mapping[str, str], **given: Any) -> Inquiry:  # noqa: ANN401 - those of Inquiry
    return Inquiry(Check(kind, values), given.pop("now", NOW), **given)


def asked(checker: Checker, about: Inquiry) -> Found:
    """What is found; a reason why it cannot tell counts as unknown, as it does for the runner."""

    async def once() -> Found:
        try:
            async with asyncio.timeout(about.seconds):
                return await checker(about)
        except TimeoutError:
            return Found(Answer.UNKNOWN, "the runner's deadline passed")
        except UserError as error:
            return Found(Answer.UNKNOWN, error.message)

    return asyncio.run(once())


def written(found: Found) -> str:
    """Everything of it that a person sees."""
    return "\n".join([found.said, *(row.text for row in found.rows)])
