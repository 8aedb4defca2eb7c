"""The words by which runbooks name their parts.  They are hints: what stands under a heading decides."""

from __future__ import annotations

import re
from typing import Final

_SENSES: Final = (
    ("severity", r"severit|priority levels?|incident levels?"),
    ("rollback", r"roll(?:ing)?[ -]?back|revert|\bundo\b"),
    (
        "first",
        (
            r"first (?:five|steps?|minutes|response|actions?)|immediate"
            r"|initial (?:steps|response|actions)|prerequisite|before you (?:start|begin)"
        ),
    ),
    ("people", r"contacts?\b|escalat|on-?call|\broles?\b|responders|^people$"),
    ("comms", r"communicat|comms|status page|announce|message templates?"),
    (
        "clear",
        r"verif|exit criteria|all[ -]clear|post[- ]?check|post-?mortem|follow-?up|lessons|after (?:the |an )?incident",
    ),
    ("links", r"\blinks?\b|references?\b|dashboards?\b|resources\b|see also|further reading"),
    ("about", r"overview|meaning|description|impact|background|summary|purpose|introduction|about|symptoms?\b"),
)
_LEVEL: Final = re.compile(r"(?:p|s|sev)[ -]?[0-9]|critical|major|minor|high|medium|low", re.IGNORECASE)
_ROLES: Final = (
    ("ic-backup", r"secondary|backup|commander"),
    ("comms-lead", r"comms|communicat"),
    ("support", r"support|help ?desk"),
    ("on-call", r"on-?call|primary|first line"),
    ("lead", r"lead|manager|owner"),
)
_LINK_TYPES: Final = (
    ("dashboard", r"grafana|dashboard|datadoghq|newrelic"),
    ("logs", r"kibana|logs?\b|loki|splunk|opensearch"),
    ("traces", r"jaeger|tempo|zipkin|trace"),
    ("status-page", r"status\.|statuspage"),
    ("chat", r"slack\.com|teams\.microsoft|matrix\.to"),
    ("runbook", r"runbooks?|playbooks?"),
    ("repo", r"github\.com/[^/]+/[^/]+/?$|gitlab\.com/[^/]+/[^/]+/?$"),
    ("doc", r"docs?\b|wiki|readthedocs|confluence"),
)
_AUDIENCES: Final = (
    ("customers", r"customer|public|status ?page|external|user"),
    ("support", r"support"),
    ("stakeholders", r"stakeholder|executive|leadership|management"),
    ("internal", r"internal|slack|team|engineering"),
)
_PHASES: Final = (
    ("investigating", r"initial|investigat|first|start|declare"),
    ("identified", r"identif|cause"),
    ("monitoring", r"monitor|fix"),
    ("resolved", r"resol|all clear|final"),
    ("still", r"update|still"),
)


def sense_of(heading: str) -> str:
    """What a heading announces: `severity`, `first`, `people` ...; empty where it tells nothing."""
    return _first(_SENSES, heading)


def role_of(words: str) -> str:
    """The role that a runbook's words for somebody mean; empty where none is known."""
    return _first(_ROLES, words)


def link_type(title: str, url: str) -> str:
    """`dashboard`, `logs` ... by the address, else by the title."""
    return _first(_LINK_TYPES, url) or _first(_LINK_TYPES, title) or "other"


def audiences_of(words: str) -> tuple[str, ...]:
    """Whom a text is for, by the words above it; a channel or a team tells only where nothing else does."""
    found = tuple(name for name, pattern in _AUDIENCES if re.search(pattern, words, re.IGNORECASE))
    by_name = tuple(name for name in found if name != "internal" or "internal" in words.casefold())
    return by_name or found


def phase_of(words: str) -> str:
    """When a text is sent, by the words above it; empty for always."""
    return _first(_PHASES, words)


def level_name(cell: str) -> str:
    """`**SEV-1** (critical)` -> `SEV-1`; empty where the cell names no level."""
    plain = re.sub(r"[*`_]", "", cell).strip()
    name = re.match(r"[\w-]+(?: [0-9])?", plain)
    return name[0].replace(" ", "-") if name and _LEVEL.fullmatch(name[0]) else ""


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    return next((word for word, pattern in table if re.search(pattern, text, re.IGNORECASE)), "")
