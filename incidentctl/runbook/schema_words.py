"""What editors show for each key of a runbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Words = Mapping[str, str]

_URL: Final = "Where to ask. `${NAME}` reads the environment."
_DSN: Final = "The database. `${NAME}` reads the environment, so that no password stands in the file."
_HEADERS: Final = "Headers that are sent along; `${NAME}` reads the environment."
_YES_WHEN: Final = "The condition on the number, such as `> 5000`."
_LONGER: Final = "How long a query has to run before it counts."
_STATUS: Final = "The status, or statuses, that count as good."
_COMPONENTS: Final = "The components of the page, all where none is named."
_ID: Final = "What an incident remembers: stands once in the tree, or in its list, and stays when the words change."
_WHY: Final = "Why this is asked or done; shown on `?`."
_SHELL: Final = "Whether the line needs a shell. Such a line takes no inputs."
_LINKS: Final = "Places to look."
_RUN: Final = "One command line, shown whole, to be copied. `{{ input }}` stands for one of `needs`."
_UNDO: Final = "The command line that takes it back."

_ACTION: Final[Words] = {
    "id": _ID,
    "why": _WHY,
    "run": _RUN,
    "shell": _SHELL,
    "end_queries": "End the long queries of a database.",
    "http": "Send a request.",
    "needs": "What has to be asked before it can be run, by the name that stands in the command.",
    "target": "What it changes, in words.",
    "expect": "What can be seen when it worked.",
    "undo": _UNDO,
    "irreversible": "What cannot be taken back.",
    "takes": "How long it takes, such as `5 min`.",
    "timeout": "After which time it counts as failed.",
    "by": "Who does it.",
}

WORDS: Final[Mapping[str, Words]] = {
    "runbook": {
        "format": "The version of the format: 1.",
        "service": "The name of the service, the same as the file's.",
        "title": "The service's name for people.",
        "description": "What the service does, in a sentence.",
        "owner": "The team that it belongs to.",
        "tier": "How much depends on it.",
        "process": "`full`, or `light`: the tree, the timeline and a closing note, no severity, roles or updates.",
        "timezone": "How times are written for customers, such as `Europe/Berlin`; else UTC.",
        "reviewed": "The day somebody last read this with care, such as 2026-11-02.",
        "alerts": "The names of the alerts that this runbook answers to.",
        "links": _LINKS,
        "people": "Who is paged, by role: `on-call`, `lead`, `ic-backup`, `comms-lead`, `support`, or your own.",
        "channel": "The name that is proposed for the incident channel.",
        "sources": "What the checks of one kind have in common; best in _defaults.yaml.",
        "depends_on": "Services with a runbook of their own, and those of others.",
        "signals": "Measurements by name: the severity, the tree and the all clear read them.",
        "severity": "The levels, the highest first. A name that the layers below do not know begins another set.",
        "first_five_minutes": "What is ticked first.",
        "decision_tree": "The questions, asked strictly in this order.",
        "comms": "What is said to whom.",
        "all_clear": "When it is over, and what is left to do then.",
        "postmortem": "When the document is due, and what it begins with.",
    },
    "link": {
        "type": "What it is: dashboard, logs, traces, runbook, repo, doc, status-page, chat or other.",
        "title": "What it shows; else the address is shown.",
        "url": "The address; may hold variables such as `{{ opened_at.epoch_ms }}`.",
    },
    "person": {
        "name": "A name, of a person or of a rota.",
        "pagerduty": "The id of the service, escalation policy or user in PagerDuty.",
        "slack": "A handle or channel in Slack, in quotes.",
        "email": "An address.",
        "phone": "A number, in quotes.",
        "url": "A page on which they can be reached.",
    },
    "dependency": {
        "service": "A service with a runbook of its own; it joins the war room.",
        "external": "The name of somebody else's service.",
        "status": "The address of its status page.",
        "fallback": "What to do while it fails.",
    },
    "level": {
        "meaning": "What the level means, in words.",
        "when": "Conditions, any of which is enough: `error_rate > 5%`, `latency_p99 > 5x baseline`, or words.",
        "page": "The roles that are paged.",
        "update_every": "How often customers hear from you; without it they do not.",
        "respond_within": "Within which time somebody answers, a page above all, such as `10 min`.",
        "tree": "Whether the tree is walked; else a ticket is written.",
    },
    "comms": {
        "feature": "What customers call the service.",
        "audiences": "Who gets the updates, and where.",
        "templates": "Texts; the most specific one wins, and the built-in ones cover the rest.",
    },
    "template": {
        "audience": "For whom: customers, internal, support, stakeholders, or your own.",
        "severity": "Only for this level.",
        "phase": "Only for this phase; `still` is the update without news.",
        "text": "The text, with variables such as `{{ next_update_at }}`.",
    },
    "all_clear": {
        "stable_for": "For so long no severity condition may hold.",
        "checklist": "What is ticked when it is over.",
    },
    "postmortem": {
        "due": "How long after the all clear it is due; else 48 h.",
        "template": "The path of the file that it begins with.",
    },
    "need": {"ask": "The question that asks for it."},
    "git": {
        "repository": "Its folder, seen from the runbook.",
        "ref": "The branch whose commits are deploys; else origin/HEAD.",
    },
    "github": {
        "repository": "OWNER/NAME. The token is read from GITHUB_TOKEN.",
        "environment": "Only deployments to this environment.",
        "url": "The API of an Enterprise server, such as https://github.example.com/api/v3.",
    },
    "kubernetes": {
        "deployment": "The name of the Deployment.",
        "namespace": "Its namespace; else that of the context.",
        "context": "The context of kubectl; else the current one.",
    },
    "argocd": {
        "url": "The address of Argo CD. The token is read from ARGOCD_TOKEN.",
        "application": "The name of the application.",
    },
    "sources": {
        "http": "What all probes have in common.",
        "prometheus": "The Prometheus that queries go to.",
        "deploys": "Where deploys are recorded.",
        "postgres": "The database.",
        "redis": "The cache.",
        "statuspage": "The status page.",
        "alertmanager": "The Alertmanager.",
        "command": "What all commands have in common.",
    },
    "signal": {
        "http": "A probe: the signal holds while it fails.",
        "prometheus": "A query that gives one number.",
        "postgres": "How many queries are running too long.",
        "redis": "A number of a Redis cache.",
        "statuspage": "A component of a status page.",
        "alertmanager": "Alerts that are firing.",
        "command": "A command that prints a number.",
        "unit": "In what it is measured: ratio, %, ms, s, or a word of your own.",
        "baseline": "What is normal, for conditions such as `5x baseline`.",
    },
    "check": {
        "http": "Yes where the probe fails.",
        "prometheus": "Yes where the condition holds.",
        "deploys": "Yes where there was a deploy within the question's `within`.",
        "postgres": "Yes where queries are running too long.",
        "redis": "Yes where the cache is over or below its limit.",
        "statuspage": "Yes where it is not operational.",
        "alertmanager": "Yes where something fires.",
        "command": "Yes where it ends with 0, or the condition on its number holds.",
        "signal": "A condition, or the name of a signal: yes where it holds.",
    },
    "audience": {
        "statuspage": "A page at Statuspage.",
        "slack": "A channel in Slack.",
        "pagerduty": "A service in PagerDuty.",
        "email": "E-mail.",
        "webhook": "An address that the text is sent to.",
        "clipboard": "Nowhere: the text is printed, to be copied.",
        "max_length": "How long a text may be, in characters.",
    },
    "http source": {"url": _URL, "headers": _HEADERS, "expect_status": _STATUS},
    "prometheus source": {
        "query": "The query, in PromQL.",
        "url": _URL,
        "headers": _HEADERS,
        "yes_when": _YES_WHEN,
    },
    "deploys source": {
        "git": "Commits on a branch.",
        "github": "Deployments at GitHub.",
        "kubernetes": "Rollouts in Kubernetes.",
        "argocd": "Syncs of Argo CD.",
    },
    "postgres source": {"dsn": _DSN, "longer_than": _LONGER},
    "redis source": {
        "url": _URL,
        "hit_ratio_below": "Below which share of hits it counts, such as `80%`.",
        "evictions_above": "Above which number of evicted keys it counts.",
    },
    "statuspage source": {"url": _URL, "components": _COMPONENTS},
    "alertmanager source": {"url": _URL, "matchers": "Which alerts count, such as `service=checkout`."},
    "command source": {
        "run": "The command line.",
        "yes_when": _YES_WHEN,
        "read_only": "That it changes nothing.",
    },
    "statuspage channel": {"page": "The id of the page.", "components": _COMPONENTS},
    "slack channel": {"channel": "The channel, in quotes: `#incidents`."},
    "pagerduty channel": {"service": "The id of the service."},
    "email channel": {"to": "An address, or several."},
    "webhook channel": {"url": _URL, "headers": _HEADERS},
    "clipboard channel": {},
    "end_queries act": {"dsn": _DSN, "longer_than": _LONGER},
    "http act": {
        "url": _URL,
        "method": "Else POST.",
        "headers": _HEADERS,
        "body": "What is sent.",
        "expect_status": _STATUS,
    },
    "ask step": {
        "ask": "A question that is answered with yes or no.",
        "id": _ID,
        "why": _WHY,
        "check": "How the answer is measured; a person still gives it.",
        "checks": "Several checks: any yes is yes, all no is no.",
        "within": "How far back it looks, such as `6 h`.",
        "look": "A command line for a person to run and read.",
        "links": _LINKS,
        "if_yes": "The steps after a yes.",
        "if_no": "The steps after a no.",
    },
    "action step": {"action": "Something to do.", **_ACTION},
    "rollback step": {
        "rollback": "Something to take back.",
        **_ACTION,
        "blocked_by": "What makes it impossible: `migrated`, `third-party`.",
    },
    "note step": {"note": "Something to read.", "id": _ID},
    "do step": {
        "do": "Something to tick.",
        "id": _ID,
        "why": _WHY,
        "run": _RUN,
        "shell": _SHELL,
        "undo": _UNDO,
        "links": _LINKS,
    },
    "omitted step": {
        "use": "The id of a built-in step, or of one in _defaults.yaml. Keys beside it replace those of the step.",
        "omit": "Why the step is left out; shown in its place.",
    },
}
"""By part and key, as the tables in `keys` name them."""
