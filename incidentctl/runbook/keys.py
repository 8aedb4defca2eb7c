"""The keys of the format and what stands behind each: one table for the decoder and for the JSON Schema.

The words on the right name a way to read (`text`, `duration`, `texts` ...) or another part of the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Keys = Mapping[str, str]

RUNBOOK: Final[Keys] = {
    "format": "format", "service": "name", "title": "text", "description": "text", "owner": "text", "tier": "text",
    "process": "process", "timezone": "text", "reviewed": "date", "alerts": "texts", "links": "links",
    "people": "people", "channel": "text", "sources": "sources", "depends_on": "dependencies", "signals": "signals",
    "severity": "levels", "first_five_minutes": "items", "decision_tree": "tree", "comms": "comms",
    "all_clear": "all_clear", "postmortem": "postmortem",
}  # fmt: skip
LINK: Final[Keys] = {"type": "link type", "title": "text", "url": "text"}
WAYS: Final = ("pagerduty", "slack", "email", "phone", "url")
PERSON: Final[Keys] = {"name": "text", **dict.fromkeys(WAYS, "text")}
DEPENDENCY: Final[Keys] = {"service": "text", "external": "text", "status": "text", "fallback": "fallback"}
LEVEL: Final[Keys] = {
    "meaning": "text", "when": "conditions", "page": "texts", "update_every": "duration", "respond_within": "duration",
    "tree": "flag",
}  # fmt: skip
COMMS: Final[Keys] = {"feature": "text", "audiences": "audiences", "templates": "templates"}
TEMPLATE: Final[Keys] = {"audience": "text", "severity": "text", "phase": "phase", "text": "text"}
ALL_CLEAR: Final[Keys] = {"stable_for": "duration", "checklist": "items"}
POSTMORTEM: Final[Keys] = {"due": "duration", "template": "text"}
NEED: Final[Keys] = {"ask": "text"}

PROCESSES: Final = ("full", "light")
LINK_TYPES: Final = ("dashboard", "logs", "traces", "runbook", "repo", "doc", "status-page", "chat", "other")
LONGEST_CONDITION: Final = 200
PHASES: Final = ("investigating", "identified", "monitoring", "resolved", "still")

# --- where a measurement or a check comes from -------------------------------------------------------------

DEPLOYS: Final[Mapping[str, Keys]] = {
    "git": {"repository": "text", "ref": "text"},
    "github": {"repository": "text", "environment": "text", "url": "text"},
    "kubernetes": {"deployment": "text", "namespace": "text", "context": "text"},
    "argocd": {"url": "text", "application": "text"},
}
SOURCES: Final[Mapping[str, Keys]] = {
    "http": {"url": "text", "headers": "text by name", "expect_status": "text or texts"},
    "prometheus": {"query": "text", "url": "text", "headers": "text by name", "yes_when": "text"},
    "deploys": {kind: kind for kind in DEPLOYS},
    "postgres": {"dsn": "text", "longer_than": "duration"},
    "redis": {"url": "text", "hit_ratio_below": "text", "evictions_above": "text"},
    "statuspage": {"url": "text", "components": "text or texts"},
    "alertmanager": {"url": "text", "matchers": "text or texts"},
    "command": {"run": "text", "yes_when": "text", "read_only": "flag"},
}
SIGNAL_SOURCES: Final = tuple(kind for kind in SOURCES if kind != "deploys")
SIGNAL: Final[Keys] = {**dict.fromkeys(SIGNAL_SOURCES, "source"), "unit": "text", "baseline": "text"}
CHECK: Final[Keys] = {**dict.fromkeys(SOURCES, "source"), "signal": "condition"}
CHANNELS: Final[Mapping[str, Keys]] = {
    "statuspage": {"page": "text", "components": "text or texts"},
    "slack": {"channel": "text"},
    "pagerduty": {"service": "text"},
    "email": {"to": "text or texts"},
    "webhook": {"url": "text", "headers": "text by name"},
    "clipboard": {},
}
AUDIENCE: Final[Keys] = {**dict.fromkeys(CHANNELS, "channel"), "max_length": "whole"}
ACTIONS: Final[Mapping[str, Keys]] = {
    "end_queries": {"dsn": "text", "longer_than": "duration"},
    "http": {"url": "text", "method": "text", "headers": "text by name", "body": "text",
             "expect_status": "text or texts"},
}  # fmt: skip

# --- steps -------------------------------------------------------------------------------------------------

_ACTION: Final[Keys] = {
    "id": "id", "why": "text", "run": "text", "shell": "flag", **dict.fromkeys(ACTIONS, "act"), "needs": "needs",
    "target": "text", "expect": "text", "undo": "text", "irreversible": "text", "takes": "duration",
    "timeout": "duration", "by": "text",
}  # fmt: skip
STEPS: Final[Mapping[str, Keys]] = {
    "ask": {"ask": "text", "id": "id", "why": "text", "check": "check", "checks": "checks", "within": "duration",
            "look": "text", "links": "links", "if_yes": "tree", "if_no": "tree"},
    "action": {"action": "text", **_ACTION},
    "rollback": {"rollback": "text", **_ACTION, "blocked_by": "texts"},
    "note": {"note": "text", "id": "id"},
    "do": {"do": "text", "id": "id", "why": "text", "run": "text", "shell": "flag", "undo": "text", "links": "links"},
}  # fmt: skip
TREE_STEPS: Final = ("ask", "action", "rollback", "note")
FALLBACK_STEPS: Final = ("action", "rollback", "note")
LIST_STEPS: Final = ("do", "action", "note")
NOT_LISTED: Final = ("needs", *ACTIONS)
"""Keys of an action that only the tree reads: a list that is ticked asks for nothing and calls nothing."""
OMITTED: Final[Keys] = {"use": "text", "omit": "text"}
