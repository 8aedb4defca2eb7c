"""What a Redis did between two looks at its INFO, and what that says: <https://redis.io/docs/latest/commands/info/>."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from incidentctl.checks.interface import Found, Inquiry, Unknown
from incidentctl.incident.words import Answer, Row
from incidentctl.record import record
from incidentctl.runbook.quantities import parse_quantity

_BUSIEST: Final = 5
_PER_MINUTE: Final = {"": 1.0, "/min": 1.0, "/m": 1.0, "/s": 60.0, "/h": 1 / 60}
_COUNTERS: Final = ("keyspace_hits", "keyspace_misses", "evicted_keys")
_OWN: Final = "cmdstat_info"


@record
class Limits:
    """What the runbook allows: a share of the reads, and keys a minute; None where it says nothing."""

    hit_ratio: float | None
    evictions: float | None

    @staticmethod
    def of(inquiry: Inquiry) -> Limits:
        """As the runbook wrote them.  Raises Unknown where they cannot be meant so."""
        text = inquiry.text("evictions_above")
        try:
            ratio = inquiry.ratio("hit_ratio_below")
            evictions = parse_quantity(text) if text else None
        except ValueError as error:
            raise Unknown(str(error)) from error
        if ratio is not None and ratio > 1:
            raise Unknown("`hit_ratio_below` is more than all reads", "Write for example `80%`, or `0.8`.")
        if evictions is not None and evictions.unit not in _PER_MINUTE:
            raise Unknown(f"`evictions_above: {text}` is no number of keys a minute", "Write for example `100`.")
        return Limits(ratio, evictions.number * _PER_MINUTE[evictions.unit] if evictions else None)

    @property
    def only_evictions(self) -> bool:
        """Whether nobody asks about hits."""
        return self.hit_ratio is None and self.evictions is not None


@record
class Traffic:
    """Two looks, and the `seconds` between them."""

    first: Mapping[str, Any]
    second: Mapping[str, Any]
    seconds: float

    @property
    def began_anew(self) -> bool:
        """Whether the counters do not belong together."""
        restarted = self.first.get("run_id") != self.second.get("run_id")
        return restarted or any(self.counted(name) < 0 for name in _COUNTERS)

    def counted(self, name: str) -> int:
        """How far a counter went.  Raises Unknown where there is no such counter."""
        try:
            return int(self.second[name]) - int(self.first[name])
        except (KeyError, TypeError, ValueError) as error:
            raise Unknown(f"its INFO does not say `{name}`: is it a Redis?") from error

    @property
    def hits(self) -> int:
        """Reads that found their key."""
        return self.counted("keyspace_hits")

    @property
    def reads(self) -> int:
        """Reads in all."""
        return self.hits + self.counted("keyspace_misses")

    @property
    def hit_ratio(self) -> float | None:
        """Between 0 and 1; None where nothing was read."""
        return self.hits / self.reads if self.reads else None

    @property
    def evictions(self) -> float:
        """Evicted keys a minute."""
        return self.counted("evicted_keys") * 60 / self.seconds

    def commands(self) -> Iterator[tuple[str, int, float]]:
        """The commands that ran most often: name, calls, microseconds for one call."""
        spent = {}
        for name, after in self.second.items():
            if name.startswith("cmdstat_") and name != _OWN and isinstance(after, Mapping):
                before = self.first.get(name, {})
                calls, spare = (int(after.get(key, 0)) - int(before.get(key, 0)) for key in ("calls", "usec"))
                spent[name] = (calls, spare / calls if calls > 0 else 0.0)
        for name, (calls, each) in sorted(spent.items(), key=lambda one: -one[1][0])[:_BUSIEST]:
            if calls > 0:
                yield name.removeprefix("cmdstat_").replace("|", " "), calls, each


def judged(traffic: Traffic, limits: Limits, unit: str) -> Found:
    """Any over its limit is a yes, all within theirs a no; nothing read, or no limit, is neither.

    The number is the hit ratio, as a share or in `%`; where only evictions are asked about, keys a minute.
    """
    answers, said = [], []
    if not limits.only_evictions:
        said.append(_hits_said(traffic, limits.hit_ratio))
    if limits.hit_ratio is not None:
        answers.append(Answer.UNKNOWN if traffic.hit_ratio is None else _answer(traffic.hit_ratio < limits.hit_ratio))
    if limits.evictions is not None:
        above = traffic.evictions > limits.evictions
        answers.append(_answer(above))
        said.append(_evictions_said(traffic.evictions, limits.evictions, above=above))
    if not answers:
        said.append("the runbook gives no limit")
    return Found(_any(answers), "; ".join(said), tuple(_rows(traffic)), _number(traffic, limits, unit))


def _answer(over: bool) -> Answer:  # noqa: FBT001 - the whole of what it is told
    return Answer.YES if over else Answer.NO


def _any(answers: list[Answer]) -> Answer:
    if Answer.YES in answers:
        return Answer.YES
    return Answer.NO if answers and Answer.UNKNOWN not in answers else Answer.UNKNOWN


def _number(traffic: Traffic, limits: Limits, unit: str) -> float | None:
    if limits.only_evictions:
        return traffic.evictions
    ratio = traffic.hit_ratio
    return ratio if ratio is None or unit != "%" else ratio * 100


def _hits_said(traffic: Traffic, limit: float | None) -> str:
    ratio = traffic.hit_ratio
    seconds = f"{traffic.seconds:.0f} s" if traffic.seconds >= 1 else f"{traffic.seconds:.1f} s"
    if ratio is None:
        return f"no reads in {seconds}"
    below = "" if limit is None else f", {'below' if ratio < limit else 'not below'} {limit * 100:.4g} %"
    return f"hit ratio {ratio * 100:.1f} %{below} ({traffic.hits:,} of {traffic.reads:,} reads in {seconds})"


def _evictions_said(evictions: float, limit: float, *, above: bool) -> str:
    return f"{evictions:,.0f} keys evicted a minute, {'above' if above else 'not above'} {limit:,.4g}"


def _rows(traffic: Traffic) -> Iterator[Row]:
    """Memory and what it does when that is full, where we are, and what keeps it busy."""
    info = traffic.second
    limited = int(info.get("maxmemory", 0) or 0) > 0
    bound = f"of {info.get('maxmemory_human', info.get('maxmemory'))}" if limited else "and no limit"
    policy = info.get("maxmemory_policy", "policy unknown")
    yield Row(f"memory: {info.get('used_memory_human', info.get('used_memory', '?'))} {bound} ({policy})")
    yield Row(f"evictions: {traffic.evictions:,.0f} a minute, {int(info['evicted_keys']):,} since the start")
    if info.get("redis_mode") == "cluster" or str(info.get("cluster_enabled")) == "1":
        yield Row("one node of a cluster: the others were not asked")
    if info.get("role") in ("slave", "replica"):
        yield Row("a replica")
    for name, calls, microseconds in traffic.commands():
        yield Row(f"{name}: {calls / traffic.seconds:,.0f} a second, {microseconds:,.0f} µs each")
