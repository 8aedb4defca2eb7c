"""A page as Atlassian Statuspage shows it to everybody, whose components and incidents a test sets.

Its fields, and what they may hold, are those of `/api/v2/summary.json` as every page documents them under `/api`
(https://confluence.status.atlassian.com/api), and the statuses of
https://support.atlassian.com/statuspage/docs/what-is-a-component/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

STATUSES: Final = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
# What the page as a whole says, by its worst component.
_OVERALL: Final = {
    "operational": ("none", "All Systems Operational"),
    "under_maintenance": ("maintenance", "Service Under Maintenance"),
    "degraded_performance": ("minor", "Partially Degraded Service"),
    "partial_outage": ("major", "Partial System Outage"),
    "major_outage": ("critical", "Major Service Outage"),
}
_IMPACTS: Final = {"none": 0, "maintenance": 1, "minor": 2, "major": 3, "critical": 4}
BEGUN: Final = "2026-11-23T03:41:00.000+01:00"


class Statuspage(ThreadingHTTPServer):
    """`broken` is a status to answer with in place of the page; 0 where it is well."""

    daemon_threads = True

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name = name
        self.components: list[dict[str, Any]] = []
        self.incidents: list[dict[str, Any]] = []
        self.maintenances: list[dict[str, Any]] = []
        self.broken = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def component(self, name: str, status: str = "operational", *, group: str = "") -> None:
        """Add a component, to a group that is added with the first of it."""
        if group and not any(one["group"] and one["name"] == group for one in self.components):
            self._add(group, "operational", None, is_group=True)
        above = next((one["id"] for one in self.components if one["group"] and one["name"] == group), None)
        self._add(name, status, above, is_group=False)
        self.set(name, status)

    def set(self, name: str, status: str) -> None:
        """Every component of that name; a group shows the worst of its own."""
        for one in self.components:
            if one["name"] == name:
                one["status"] = status
        for group in (one for one in self.components if one["group"]):
            own = [one["status"] for one in self.components if one["group_id"] == group["id"]]
            group["status"] = max(own, key=STATUSES.index)

    def incident(self, name: str, components: Sequence[str] = (), *, impact: str = "minor") -> None:
        """An incident that somebody investigates."""
        about = [one for one in self.components if one["name"] in components]
        number = len(self.incidents)
        self.incidents.append({
            "id": f"incident{number}", "page_id": "page", "name": name, "status": "investigating", "impact": impact,
            "created_at": BEGUN, "updated_at": BEGUN, "monitoring_at": None, "resolved_at": None, "started_at": BEGUN,
            "shortlink": f"https://stspg.io/{number}", "incident_updates": [], "components": about,
        })  # fmt: skip

    def maintenance(self, name: str, status: str = "in_progress") -> None:
        """Maintenance that is `scheduled`, `in_progress`, `verifying` or `completed`."""
        self.maintenances.append({
            "id": "maintenance", "page_id": "page", "name": name, "status": status, "impact": "maintenance",
            "created_at": BEGUN, "updated_at": BEGUN, "monitoring_at": None, "resolved_at": None, "started_at": BEGUN,
            "scheduled_for": BEGUN, "scheduled_until": "2026-11-23T08:00:00.000+01:00",
            "shortlink": "https://stspg.io/m", "incident_updates": [], "components": [],
        })  # fmt: skip

    def summary(self) -> dict[str, Any]:
        """What `/api/v2/summary.json` answers."""
        worst = max((one["status"] for one in self.components), key=STATUSES.index, default="operational")
        indicator, description = _OVERALL[worst]
        for incident in self.incidents:
            indicator = max(indicator, incident["impact"], key=_IMPACTS.__getitem__)
        return {
            "page": {"id": "page", "name": self.name, "url": self.url, "time_zone": "Etc/UTC", "updated_at": BEGUN},
            "status": {"indicator": indicator, "description": description},
            "components": self.components,
            "incidents": self.incidents,
            "scheduled_maintenances": self.maintenances,
        }

    def _add(self, name: str, status: str, group_id: str | None, *, is_group: bool) -> None:
        position = len(self.components)
        self.components.append({
            "id": f"component{position}", "page_id": "page", "name": name, "status": status, "group": is_group,
            "group_id": group_id, "description": None, "position": position, "showcase": True, "start_date": None,
            "only_show_if_degraded": False, "created_at": BEGUN, "updated_at": BEGUN,
        })  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    server: Statuspage

    def do_GET(self) -> None:
        if self.path != "/api/v2/summary.json":
            self._reply(404, "text/html", "<h1>Not found</h1>")
        elif self.server.broken:
            self._reply(self.server.broken, "text/html", "<h1>We're sorry, but something went wrong.</h1>")
        else:
            self._reply(200, "application/json; charset=utf-8", json.dumps(self.server.summary()))

    def _reply(self, status: int, kind: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def statuspage(name: str = "Stripe") -> Iterator[Statuspage]:
    """A page without components, until the test adds some."""
    with Statuspage(name) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()
