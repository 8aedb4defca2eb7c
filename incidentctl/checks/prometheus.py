"""The `prometheus` check: one number by PromQL, from Prometheus or what speaks like it (Thanos, Mimir, Cortex).

Keys: `query`, `url`, `headers`, `yes_when` (`"> 5000"`).

yes, no  whether the number meets `yes_when`
unknown  Without `yes_when` always, and then `number` is what counts: a measurement is no judgement.  Where there is no
         one number: no data, several series, a range of values, NaN, infinity.  Where the server refuses the query,
         or warns: then data may be missing, and what is said shows the number all the same.

`GET {url}/api/v1/query` (https://prometheus.io/docs/prometheus/latest/querying/api/), by POST where the query is long.
The server's own time is what counts; where its clock and ours differ by more than 30 s, that is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode

from incidentctl.checks.foreign import below, discreet, host, patience
from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.http import Response, Unanswered, send
from incidentctl.incident.words import Answer, Row
from incidentctl.runbook.quantities import holds, in_unit, parse_comparison
from incidentctl.text.foreign import mapping, mappings, text
from incidentctl.text.times import span
from incidentctl.walker.evidence import number_text

_MOST: Final = 2_000_000
_SHOWN: Final = 5
_LONG_QUERY: Final = 1500  # proxies in between refuse addresses that are much longer
_SKEW: Final = timedelta(seconds=30)


@discreet
async def ask(inquiry: Inquiry) -> Found:
    """Ask the server once."""
    url, query = inquiry.required("url"), inquiry.required("query")
    answer = await _sent(inquiry, url, query)
    told = _envelope(answer)
    series = _series(mapping(told.get("data")))
    if len(series) > 1:
        # In the same order each time: another order would be news.
        rows = tuple(Row(line) for line in sorted(f"{_labels(one)} {_value(one)}" for one in series)[:_SHOWN])
        said = f"{len(series)} series where one was meant; aggregate it (sum, max)"
        return Found(Answer.UNKNOWN, said, rows)
    number = _number(series)
    remarks = "".join(f"; {remark}" for remark in (_skew(answer, inquiry.now),) if remark)
    warnings = told.get("warnings")
    if isinstance(warnings, list) and warnings:
        said = f"{number_text(number, inquiry.unit)}, but the server warns: {text(warnings[0])}{remarks}"
        return Found(Answer.UNKNOWN, said)
    return _judged(inquiry, number, remarks)


def _judged(inquiry: Inquiry, number: float, remarks: str) -> Found:
    """The number, and what `yes_when` makes of it."""
    said, condition = number_text(number, inquiry.unit), inquiry.text("yes_when")
    if not condition:
        return Found(Answer.UNKNOWN, f"{said}{remarks}", number=number)
    try:
        sign, bound = parse_comparison(condition)
        met = holds(number, sign, in_unit(bound, inquiry.unit))
    except ValueError as error:
        message = f"{said}, but `yes_when` cannot be read: {error}"
        raise Unknown(message) from error
    answer = Answer.YES if met else Answer.NO
    return Found(answer, f"{said}, which is {'' if met else 'not '}{condition}{remarks}", number=number)


# --- asking ------------------------------------------------------------------------------------------------


async def _sent(inquiry: Inquiry, url: str, query: str) -> Response:
    headers = {"accept": "application/json", **inquiry.below("headers")}
    seconds = patience(inquiry)
    # The server gives up before we do: it says why, and does not work on in vain.
    form = [("query", query), ("timeout", f"{round(seconds * 900)}ms")]
    if len(query) <= _LONG_QUERY:
        address = below(url, "/api/v1/query", form)
        return await send("GET", address, headers=headers, seconds=seconds, most=_MOST)
    headers["content-type"] = "application/x-www-form-urlencoded"
    address, body = below(url, "/api/v1/query"), urlencode(form).encode()
    return await send("POST", address, headers=headers, body=body, seconds=seconds, most=_MOST)


def _envelope(answer: Response) -> Mapping[str, object]:
    """What a successful answer holds.  Raises Unanswered with the server's own reason, where it gives one."""
    good = 200 <= answer.status < 300
    try:
        told = mapping(answer.json())
    except Unanswered:
        if good:
            raise
        told = {}
    if good and told.get("status") == "success":
        return told
    kind, reason = text(told.get("errorType")), text(told.get("error"))
    if reason:
        message = f"{host(answer.url)} refuses the query: {reason}" + (f" ({kind})" if kind else "")
    elif good:
        message = f"{host(answer.url)} answers, but not as Prometheus does"
    else:
        message = f"{host(answer.url)} {_MEANING.get(answer.status, 'refuses to answer')} ({answer.status})"
    raise Unanswered(message, retry_after=answer.retry_after, status=answer.status)


_MEANING: Final = {
    401: "wants credentials that were not given",
    403: "refuses us",
    404: "has no Prometheus at that address",
    429: "was asked too often",
    **dict.fromkeys(range(500, 600), "fails itself"),
}


# --- what it answers ---------------------------------------------------------------------------------------


def _series(data: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    """Each series with its value; a scalar is one without labels.  Raises Unknown where it is neither."""
    match data.get("resultType"):
        case "vector":
            return mappings(data.get("result"))
        case "scalar":
            return [{"value": data.get("result")}]
        case "matrix":
            message = "the query answers a range of values where one number was meant"
            raise Unknown(message, "Leave out the `[5m]`, or put a function such as `rate()` around it.")
        case _:
            message = "the query answers no number"
            raise Unknown(message)


def _value(series: Mapping[str, object]) -> str:
    """The value as the server writes it; empty where it has none (a native histogram)."""
    pair = series.get("value")
    return text(pair[1]) if isinstance(pair, list) and len(pair) == 2 else ""


def _number(series: Sequence[Mapping[str, object]]) -> float:
    """The one number.  Raises Unknown where there is none."""
    if not series:
        message = "no data"
        raise Unknown(message, "The name or a label of the query may be wrong, or nothing is scraped.")
    written = _value(series[0])
    try:
        number = float(written)
    except ValueError as error:
        message = "the query answers no number"
        raise Unknown(message) from error
    if not math.isfinite(number):
        message = f"the value is {written}" + (": nothing was divided by nothing" if math.isnan(number) else "")
        raise Unknown(message)
    return number


def _labels(series: Mapping[str, object]) -> str:
    """`up{job="checkout"}`."""
    labels = mapping(series.get("metric"))
    inner = ", ".join(f'{name}="{text(value)}"' for name, value in labels.items() if name != "__name__")
    return f"{text(labels.get('__name__'))}{{{inner}}}"


def _skew(answer: Response, now: datetime) -> str:
    """`the server's clock is 5 min ahead of ours`; empty where it is not."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, IndexError, TypeError, OverflowError):
        return ""
    ahead = (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)) - now
    if abs(ahead) <= _SKEW:
        return ""
    # In tens of seconds: what differs each time would be news each time.
    length = span(timedelta(seconds=round(abs(ahead).total_seconds(), -1)))
    return f"the server's clock is {length} {'ahead of' if ahead > timedelta() else 'behind'} ours"
