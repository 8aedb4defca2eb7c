"""The shape that Alertmanager and Grafana share: a group of alerts, each with labels and annotations.

https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from incidentctl.alerts.interface import Alert
from incidentctl.alerts.parts import (
    MOST_ROWS,
    ROW,
    TITLE,
    Tree,
    below,
    besides,
    earliest,
    labels_of,
    links_of,
    moment,
    objects,
    text_at,
    unique,
    value_of,
)
from incidentctl.alerts.service_labels import SERVICE_LABELS
from incidentctl.incident.alert import AlertLabel, AlertLink
from incidentctl.text.escape import one_line

SUMMARIES: Final = ("summary", "title", "message", "description")
_SEVERITIES: Final = ("severity", "priority", "level")
_TELLING: Final = ("service", "app", "job", "namespace", "cluster", "instance")
_MOST_READ: Final = 500
_LINK_TITLES: Final = {
    "runbook_url": "The alert's runbook",
    "runbook": "The alert's runbook",
    "opsrecipe": "The alert's runbook",
    "dashboard": "Dashboard",
    "dashboard_url": "Dashboard",
    "dashboardURL": "Dashboard",
    "grafana_dashboard_link": "Dashboard",
    "panelURL": "Panel",
    "generatorURL": "What fired",
    "silenceURL": "Silence it",
}


class Group:
    """One notification of this shape."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.all = objects(tree, "alerts")[:_MOST_READ]

    @cached_property
    def firing(self) -> Sequence[Tree]:
        """The alerts that fire; all of them where none does."""
        return [one for one in self.all if not _is_resolved(one)] or self.all

    @cached_property
    def resolved(self) -> bool:
        """Whether nothing fires any more."""
        if self.all:
            return all(_is_resolved(one) for one in self.all)
        return _is_resolved(self.tree)

    @cached_property
    def labels(self) -> tuple[AlertLabel, ...]:
        """The labels of a single alert, else those that the group has in common."""
        if len(self.all) == 1:
            return labels_of(below(self.all[0], "labels"))
        return labels_of({**below(self.tree, "groupLabels"), **below(self.tree, "commonLabels")} or self._in_common())

    def _in_common(self) -> Tree:
        """What all alerts have in common, where the notification does not say it."""
        first, *others = [below(one, "labels") for one in self.all] or [{}]
        return {key: value for key, value in first.items() if all(one.get(key) == value for one in others)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the rules that fire."""
        own = (text_at(below(one, "labels"), "alertname", width=TITLE) for one in self.firing)
        return unique(own) or unique([value_of(self.labels, "alertname")])

    def title(self) -> str:
        """The first summary, and how many others there are; else the rule and its labels."""
        common = text_at(below(self.tree, "commonAnnotations"), *SUMMARIES, width=TITLE)
        summaries = unique((_summary(one) for one in self.firing), _MOST_READ) or unique([common])
        if not summaries:
            return self._named()
        more = f" (and {len(summaries) - 1} more)" if len(summaries) > 1 else ""
        return one_line(summaries[0], TITLE - len(more)) + more

    def _named(self) -> str:
        telling = [f"{name}={value}" for name in _TELLING if (value := value_of(self.labels, name))]
        name = ", ".join(self.names[:3])
        return one_line(f"{name} ({', '.join(telling[:3])})" if telling and name else name, TITLE)

    def hints(self) -> tuple[str, ...]:
        """What the labels call the service, by how telling the label is, then by how many alerts say so."""
        found: list[str] = []
        for name in SERVICE_LABELS:
            counted = Counter(text_at(below(one, "labels"), name) for one in self.firing)
            found += [value for value, _ in counted.most_common()]
            found.append(value_of(self.labels, name))
        return unique(found)

    def rows(self, title: str) -> Iterator[str]:
        """The alerts one by one, those that fire first; of a single one, what it says besides the title."""
        if len(self.all) == 1:
            annotations = below(self.all[0], "annotations")
            texts = [text_at(annotations, name) for name in SUMMARIES]
            yield from besides(title, *texts, text_at(self.all[0], "valueString"))
            return
        common = {label.name: label.value for label in self.labels}
        in_order = sorted(self.all, key=_is_resolved)
        shown = in_order if len(in_order) <= MOST_ROWS else in_order[: MOST_ROWS - 1]
        yield from (_row(one, common) for one in shown)
        if len(shown) < len(in_order):
            yield f"and {len(in_order) - len(shown)} more"

    def links(self, *more: tuple[str, object]) -> tuple[AlertLink, ...]:
        """Everything that the alerts point to, the first alert's first; then `more`."""
        own = [pair for one in self.firing for pair in _addresses(one)]
        return links_of(*own, *more)


def alert_of(group: Group, source: str, *, title: str = "", links: Sequence[tuple[str, object]] = ()) -> Alert:
    """The alert that a group is; `title` and `links` are what this source has besides."""
    title = group.title() or title
    severities = (text_at(below(one, "labels"), *_SEVERITIES, width=40) for one in group.firing)
    return Alert(
        source=source,
        title=title,
        names=group.names,
        service_hints=group.hints(),
        fired_at=earliest(moment(one.get("startsAt")) for one in group.firing),
        resolved=group.resolved,
        severity_hint=next(filter(None, severities), "") or value_of(group.labels, *_SEVERITIES),
        labels=group.labels,
        links=group.links(*links),
        rows=tuple(group.rows(title)),
        warnings=tuple(_warnings(group)),
    )


def _warnings(group: Group) -> Iterator[str]:
    if not group.all:
        yield "There is no alert in this notification."
    left_out = group.tree.get("truncatedAlerts")
    if isinstance(left_out, int) and left_out > 0:
        more = "1 more alert of this group was" if left_out == 1 else f"{left_out} more alerts of this group were"
        yield f"{more} left out by the sender (`max_alerts`)."


def _is_resolved(one: Tree) -> bool:
    return one.get("status") == "resolved"


def _summary(one: Tree) -> str:
    return text_at(below(one, "annotations"), *SUMMARIES, width=TITLE)


def _row(one: Tree, common: dict[str, str]) -> str:
    """`HighErrorRatio (instance=10.0.0.1:80): errors on checkout`; the labels are those that the others lack."""
    labels = labels_of(below(one, "labels"))
    own = [f"{label.name}={label.value}" for label in labels if common.get(label.name) != label.value]
    own = [text for text in own if not text.startswith("alertname=")]
    name = value_of(labels, "alertname") or "alert"
    state = "resolved: " if _is_resolved(one) else ""
    summary = _summary(one)
    of = f" ({', '.join(own)})" if own else ""
    return one_line(f"{state}{name}{of}{f': {summary}' if summary else ''}", ROW)


def _addresses(one: Tree) -> Iterator[tuple[str, object]]:
    """The addresses of one alert: those with a known meaning first, then any other annotation that is one."""
    annotations = below(one, "annotations")
    for name, title in _LINK_TITLES.items():
        yield title, annotations.get(name)
        yield title, one.get(name)
    for name, value in annotations.items():
        yield name, value
