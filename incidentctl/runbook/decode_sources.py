"""Where a measurement or a check comes from: read for its shape only, since nothing here asks a server.

A table says which keys each kind takes and what stands behind them; the format page has the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from incidentctl.runbook.decode_values import Fields, text_of
from incidentctl.runbook.source import ListNode

Reader = Callable[[Fields, str], object]


def _text_map(fields: Fields, key: str) -> None:
    for name, value in fields.entries(key):
        text_of(value, fields.problems, name.text)


def _one_or_more(fields: Fields, key: str) -> None:
    if isinstance(fields.value(key), ListNode):
        fields.texts(key)
    else:
        fields.text(key)


def _anything(_fields: Fields, _key: str) -> None:
    """The shape is not looked at."""


def _flag(fields: Fields, key: str) -> None:
    fields.flag(key, default=False)


def _git(fields: Fields, key: str) -> None:
    inner = fields.fields(key, ("repository", "ref"), "`git`")
    if inner is not None:
        inner.text("repository")
        inner.text("ref")


SOURCES: Final[Mapping[str, Mapping[str, Reader]]] = {
    "http": {"url": Fields.text, "headers": _text_map, "expect_status": _one_or_more},
    "prometheus": {"query": Fields.text, "url": Fields.text, "headers": _text_map, "yes_when": Fields.text},
    "deploys": {"git": _git, "github": _anything, "kubernetes": _anything, "argocd": _anything},
    "postgres": {"dsn": Fields.text, "longer_than": Fields.duration},
    "redis": {"url": Fields.text, "hit_ratio_below": Fields.text, "evictions_above": Fields.text},
    "statuspage": {"url": Fields.text, "components": _one_or_more},
    "alertmanager": {"url": Fields.text, "matchers": _one_or_more},
    "command": {"run": Fields.text, "yes_when": Fields.text, "read_only": _flag},
}
CHANNELS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "statuspage": {"page": Fields.text, "components": _one_or_more},
    "slack": {"channel": Fields.text},
    "pagerduty": {"service": Fields.text},
    "email": {"to": _one_or_more},
    "webhook": {"url": Fields.text, "headers": _text_map},
    "clipboard": {},
}
ACTIONS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "end_queries": {"dsn": Fields.text, "longer_than": Fields.duration},
    "http": {"url": Fields.text, "method": Fields.text, "headers": _text_map, "body": Fields.text,
             "expect_status": _one_or_more},
}  # fmt: skip


def read_shape(fields: Fields, kind: str, table: Mapping[str, Mapping[str, Reader]]) -> None:
    """Look at the value of the key `kind`: its keys are those of the table, and of the right types."""
    inner = fields.fields(kind, table[kind], f"`{kind}`")
    if inner is None:
        return
    for key, read in table[kind].items():
        read(inner, key)


def read_sources(book: Fields) -> None:
    """The top-level `sources`: for each kind what its checks have in common, such as a `url`."""
    sources = book.fields("sources", SOURCES, "`sources`")
    if sources is not None:
        for kind in SOURCES:
            read_shape(sources, kind, SOURCES)
