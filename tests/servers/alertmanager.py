"""A real Alertmanager: the one that INCIDENTCTL_TEST_ALERTMANAGER names, else the one of the system."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

from tests.needs import needs
from tests.servers.started import Started, started

VARIABLE: Final = "INCIDENTCTL_TEST_ALERTMANAGER"
NOW: Final = datetime.now(UTC)  # noqa: TID251 - the server has its own clock, and cannot be given another
BEGUN: Final = NOW - timedelta(minutes=31)
_CONFIG: Final = """\
route: {receiver: nobody}
receivers: [{name: nobody}]
"""


@contextmanager
def any_alertmanager(folder: Path) -> Iterator[str]:
    """The address of one that takes alerts."""
    there = os.environ.get(VARIABLE, "").rstrip("/")
    if there:
        yield there
    else:
        with own_alertmanager(folder) as server:
            yield server.url


@contextmanager
def own_alertmanager(folder: Path, configured: str = _CONFIG) -> Iterator[Started]:
    """One that tells nobody, where it is not `configured` to, and can be stopped."""
    binary = needs("prometheus-alertmanager", "--version")
    config = folder / "alertmanager.yml"
    config.write_text(configured)

    def argv(port: int) -> list[str]:
        where = [f"--config.file={config}", f"--storage.path={folder / 'data'}", "--cluster.listen-address="]
        return [binary, *where, f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]

    with started(argv, "/-/ready", folder) as server:
        yield server


def fire(url: str, labels: Mapping[str, str], *, ended: bool = False, **annotations: str) -> None:
    """Say that an alert fires since BEGUN, or (`ended`) that it does so no more."""
    until = NOW + timedelta(minutes=-1 if ended else 60)
    alert = {
        "labels": labels,
        "annotations": annotations,
        "startsAt": BEGUN.isoformat(),
        "endsAt": until.isoformat(),
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=x",
    }
    _post(f"{url}/api/v2/alerts", [alert])


def silence(url: str, name: str, value: str) -> None:
    """Silence what has the label `name` with `value`, for an hour."""
    matcher = {"name": name, "value": value, "isRegex": False, "isEqual": True}
    times = {"startsAt": NOW.isoformat(), "endsAt": (NOW + timedelta(hours=1)).isoformat()}
    _post(f"{url}/api/v2/silences", {"matchers": [matcher], "createdBy": "a test", "comment": "a test", **times})


def _post(url: str, payload: object) -> None:
    request = Request(url, json.dumps(payload).encode(), {"Content-Type": "application/json"})  # noqa: S310 - our own
    with urlopen(request, timeout=10):  # noqa: S310 - our own
        pass
