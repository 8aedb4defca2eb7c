"""A real Prometheus: the one that INCIDENTCTL_TEST_PROMETHEUS names, else the one of the system."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.needs import needs, or_left_out
from tools.servers import Started, prometheus_server

VARIABLE: Final = "INCIDENTCTL_TEST_PROMETHEUS"
_CONFIG: Final = """\
global: {scrape_interval: 100ms, scrape_timeout: 100ms}
scrape_configs:
  - job_name: checkout
    static_configs: [{targets: [%s]}]
"""


@contextmanager
def any_prometheus(folder: Path) -> Iterator[str]:
    """The address of one that answers queries, whatever it knows."""
    there = os.environ.get(VARIABLE, "").rstrip("/")
    if there:
        yield there
    else:
        with own_prometheus(folder, []) as server:
            yield server.url


@contextmanager
def own_prometheus(folder: Path, targets: Sequence[str], web: str = "") -> Iterator[Started]:
    """One that scrapes `targets` (`127.0.0.1:PORT`) ten times a second, and can be stopped.

    `web` is its web configuration: passwords, TLS.
    """
    needs("prometheus", "--version")
    config = _CONFIG % ", ".join(f'"{target}"' for target in targets)
    with or_left_out(), prometheus_server(folder, config, web) as server:
        yield server
