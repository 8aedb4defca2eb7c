"""Statuspage's management API, as far as it is published: pages' components and incidents, that are kept.

What it takes is held to https://developer.statuspage.io/: `Authorization: OAuth KEY`; `POST` and `PATCH` of
`/v1/pages/PAGE/incidents` with `{"incident": {...}}`, whose fields, types and limits are those of FIELDS; a name of up
to 255 and a body of up to 25,000 characters; metadata whose values are objects; components by id, with one of STATUSES.
Lists come in pages of up to 100.  Errors are `{"error": "..."}` for 401 and 404, `{"error": ["..."]}` for 422.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.published.by_hand import STATUSPAGE, kept
from tests.servers.json_api import Moods, Reply, Request, json_api

PAGE: Final = "abc123"
KEY: Final = "planted-statuspage-key-5f2c"
STATUSES: Final = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
PHASES: Final = ("investigating", "identified", "monitoring", "resolved")
FIELDS: Final[dict[str, type]] = {
    "name": str, "status": str, "body": str, "component_ids": list, "components": dict, "deliver_notifications": bool,
    "metadata": dict, "impact_override": str,
}  # fmt: skip
AT: Final = "2026-11-23T03:12:00.000Z"


@dataclass
class StatuspageApi:
    """One page; newest incidents and updates stand first, as there."""

    url: str = ""
    moods: Moods = field(default_factory=Moods)
    components: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def component(self, name: str, status: str = "operational", group: str = "") -> str:
        """Add one, to a group that is made with the first of it; its id."""
        above = next((one["id"] for one in self.components if one["group"] and one["name"] == group), None)
        if group and above is None:
            above = self._add(group, "operational", None, is_group=True)
        return self._add(name, status, above, is_group=False)

    def status_of(self, name: str) -> str:
        return str(next(one["status"] for one in self.components if one["name"] == name))

    def only(self) -> dict[str, Any]:
        """The page's one incident."""
        (incident,) = self.incidents
        return incident

    def told(self) -> list[tuple[str, str]]:
        """The updates of the one incident, the first one first."""
        return [(one["status"], one["body"]) for one in reversed(self.only()["incident_updates"])]

    def _add(self, name: str, status: str, above: str | None, *, is_group: bool) -> str:
        made = f"comp{len(self.components):08d}"
        self.components.append({
            "id": made, "page_id": PAGE, "group_id": above, "created_at": AT, "updated_at": AT, "group": is_group,
            "name": name, "description": None, "position": len(self.components), "status": status,
            "showcase": True, "only_show_if_degraded": False,
        })  # fmt: skip
        return made

    # --- answers -------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if request.headers.get("authorization") != f"OAuth {KEY}":
            return Reply(401, {"error": f"Could not authenticate {request.headers.get('authorization')}"})
        below = request.path.removeprefix(f"/v1/pages/{PAGE}/")
        if below == request.path:
            return Reply(404, {"error": "Not found"})
        incident = next((one for one in self.incidents if below == f"incidents/{one['id']}"), None)
        match request.method, below:
            case "GET", "components":
                return Reply(200, _page(request, self.components, "per_page"))
            case "GET", "incidents":
                return Reply(200, _page(request, self.incidents, "limit"))
            case "GET", "incidents/unresolved":
                return Reply(200, [one for one in self.incidents if one["status"] != "resolved"])
            case "GET", _ if incident:
                return Reply(200, incident)
            case "POST", "incidents":
                return self._saved(request, None)
            case "PATCH", _ if incident:
                return self._saved(request, incident)
            case _:
                return Reply(404, {"error": "Not found"})

    def _saved(self, request: Request, incident: dict[str, Any] | None) -> Reply:
        assert request.headers["content-type"] == "application/json"
        given = request.body["incident"]
        problems = self._problems(given, new=incident is None)
        if problems:
            return Reply(422, {"error": problems})
        if incident is None:
            made = f"inc{len(self.incidents):09d}"
            incident = {
                "id": made, "page_id": PAGE, "created_at": AT, "impact": "none", "impact_override": None,
                "incident_updates": [], "components": [], "metadata": {}, "shortlink": f"http://stspg.io/{made}",
            }  # fmt: skip
            self.incidents.insert(0, incident)
        incident.update({key: given[key] for key in ("name", "status", "metadata") if key in given})
        for id_, status in given.get("components", {}).items():
            next(one for one in self.components if one["id"] == id_)["status"] = status
        if "component_ids" in given:
            incident["components"] = [one for one in self.components if one["id"] in given["component_ids"]]
        update = {
            "id": f"{incident['id']}u{len(incident['incident_updates'])}", "incident_id": incident["id"],
            "status": incident["status"], "body": given.get("body", ""), "created_at": AT, "display_at": AT,
            "deliver_notifications": given.get("deliver_notifications", True),
        }  # fmt: skip
        incident["incident_updates"].insert(0, update)
        return Reply(201 if request.method == "POST" else 200, incident)

    def _problems(self, given: dict[str, Any], *, new: bool) -> list[str]:
        """What is wrong with it, as the published types and limits have it."""
        ids = {one["id"] for one in self.components if not one["group"]}
        named = [*given.get("component_ids", []), *given.get("components", {})]
        checks = {
            "Name can't be blank": new and not given.get("name"),
            "Name is too long (maximum is 255 characters)": len(given.get("name", "")) > 255,
            "Body is too long (maximum is 25000 characters)": len(given.get("body", "")) > 25_000,
            "Status is not included in the list": given.get("status") not in PHASES,
            "Component is invalid": not ids.issuperset(named),
            "Component status is invalid": not set(STATUSES).issuperset(given.get("components", {}).values()),
            "Metadata values must be objects": not all(
                isinstance(one, dict) for one in given.get("metadata", {}).values()
            ),
        }
        odd = [f"{key} is not permitted" for key in given if not isinstance(given[key], FIELDS.get(key, type(None)))]
        return odd + [sentence for sentence, wrong in checks.items() if wrong]


def _page(request: Request, items: Sequence[Any], size_name: str) -> Sequence[Any]:
    size = min(int(request.query.get(size_name, ["100"])[-1]), 100)
    number = int(request.query.get("page", ["1"])[-1])
    assert re.fullmatch(r"[1-9]\d*", str(number))
    return items[(number - 1) * size : number * size]


@contextmanager
def statuspage_api() -> Iterator[StatuspageApi]:
    """A page without components, until a test adds some."""
    page = StatuspageApi()
    with kept(STATUSPAGE, page.answer) as answer, json_api(answer, page.moods) as page.url:
        yield page
