"""The `alertmanager` check: does an alert fire?

Keys: `url`, `matchers` (`service=checkout`, `severity=~"critical|page"`; all must hold).  Without matchers, an alert
counts whose `alertname` is one of the runbook's `alerts`, or whose label `service` is the service.

yes      an alert fires that is neither silenced nor inhibited
no       none does; how many are silenced or inhibited is said
unknown  the Alertmanager does not answer or understand, or there is nothing to choose alerts by

Only `GET {url}/api/v2/alerts` is asked, with `filter` (api/v2/openapi.yaml of github.com/prometheus/alertmanager).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from incidentctl.checks.foreign import below, discreet, host, patience, since
from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.http import send_for_json
from incidentctl.incident.words import Answer, Row
from incidentctl.text.foreign import mapping, text

Alert = Mapping[str, object]

_MOST: Final = 8_000_000  # a storm of alerts is when this is asked


@discreet
async def ask(inquiry: Inquiry) -> Found:
    """Ask the Alertmanager once; where two kinds of alerts count, once for each."""
    url = inquiry.required("url")
    asked = (_alerts(inquiry, url, matchers) for matchers in _choices(inquiry))
    told = [alert for alerts in await asyncio.gather(*asked) for alert in alerts]
    once = list({text(alert.get("fingerprint")) or str(alert): alert for alert in told}.values())
    quiet = [alert for alert in once if mapping(alert.get("status")).get("state") == "suppressed"]
    firing = sorted((alert for alert in once if alert not in quiet), key=_age)
    rows = tuple(_row(alert, inquiry) for alert in firing)
    silent = f"; {len(quiet)} silenced or inhibited" if quiet else ""
    if not firing:
        return Found(Answer.NO, f"nothing fires{silent}")
    return Found(Answer.YES, f"{_names(firing)}{silent}", rows)


def _choices(inquiry: Inquiry) -> Sequence[Sequence[str]]:
    """The matchers of each request: those in one request must all hold."""
    matchers = [line.strip() for line in inquiry.text("matchers").splitlines() if line.strip()]
    if matchers:
        return [matchers]
    names = "|".join(_literally(name) for name in inquiry.alerts)
    choices = [[f"alertname=~{_quoted(names)}"]] if names else []
    choices += [[f"service={_quoted(inquiry.service)}"]] if inquiry.service else []
    if not choices:
        message = "the runbook says neither `matchers` for this check nor `alerts`"
        raise Unknown(message)
    return choices


def _literally(name: str) -> str:
    """`name` as a regular expression of Go (RE2), which knows no escapes but those of punctuation."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", name)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


async def _alerts(inquiry: Inquiry, url: str, matchers: Sequence[str]) -> Sequence[Alert]:
    # Suppressed ones are asked for as well: that somebody silenced the alert is worth knowing.
    query = [("active", "true"), ("silenced", "true"), ("inhibited", "true"), *(("filter", one) for one in matchers)]
    address = below(url, "/api/v2/alerts", query)
    told = await send_for_json("GET", address, headers=inquiry.below("headers"), seconds=patience(inquiry), most=_MOST)
    if not isinstance(told, list) or not all(isinstance(one, dict) and "labels" in one for one in told):
        message = f"{host(url)} answers, but not as an Alertmanager does"
        raise Unknown(message)
    return told


def _age(alert: Alert) -> tuple[str, ...]:
    """The oldest first, and always in the same order: another order would be news."""
    return text(alert.get("startsAt")), _label(alert, "alertname"), text(alert.get("fingerprint"))


# --- in words ----------------------------------------------------------------------------------------------


def _label(alert: Alert, name: str, of: str = "labels") -> str:
    return text(mapping(alert.get(of)).get(name))


def _names(firing: Sequence[Alert]) -> str:
    """`CheckoutErrors fires`, `CheckoutErrors and 3 more fire`."""
    names = list(dict.fromkeys(_label(alert, "alertname") or "an alert without a name" for alert in firing))
    rest = len(firing) - 1
    return f"{names[0]} fires" if not rest else f"{names[0]} and {rest} more fire"


def _row(alert: Alert, inquiry: Inquiry) -> Row:
    """`CheckoutErrors (critical) since 02:41 UTC: 7% of requests fail, https://prometheus…`."""
    name, severity = _label(alert, "alertname"), _label(alert, "severity")
    summary = _label(alert, "summary", "annotations") or _label(alert, "description", "annotations")
    head = [name, f"({severity})" if severity else "", since(alert.get("startsAt"), inquiry.now)]
    told = [summary, text(alert.get("generatorURL"))]
    return Row(": ".join(filter(None, [" ".join(filter(None, head)), ", ".join(filter(None, told))])), name)
