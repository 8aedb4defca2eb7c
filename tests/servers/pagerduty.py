"""PagerDuty's REST API v2 and Events API v2, as far as they are published, with incidents that are kept.

Requests are held to the published descriptions (https://developer.pagerduty.com/api-reference/): `Accept` with version
2, `Authorization: Token token=KEY`, and `From`, the address of a user, with everything that changes something; `POST
/incidents` (title, service, and either an escalation policy or assignments; an `incident_key` of an open incident at
the same service is refused with 400), `PUT /incidents/ID` (a resolved one that is acknowledged opens again), notes (at
most 2,000), lists of up to 100.  Errors are `{"error": {"message", "code", "errors"}}`.
Events: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/ (a routing key of 32 characters, a summary of
up to 1,024, a `dedup_key` of up to 255; 202).
Limits: https://developer.pagerduty.com/docs/rest-api-rate-limits (429, `ratelimit-reset` in seconds).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.published.by_hand import PAGERDUTY, kept
from tests.servers.json_api import Moods, Reply, Request, json_api

KEY: Final = "planted-pagerduty-key-u+8d1e"
ROUTING_KEY: Final = "e93facc04764012d7bfb002500d5d1a6"
FROM: Final = "ic@example.com"
SERVICE: Final = "PCHK001"
POLICY: Final = "PESC001"
USER: Final = "PUSR001"
USERS: Final = {FROM: "Ana IC", "bo@example.com": "Bo Lead"}
_PLACES: Final = {"services": (SERVICE, "POTHER1"), "escalation_policies": (POLICY,), "users": (USER,)}
_SHOWN: Final[dict[str, dict[str, Any]]] = {
    "services": {
        "type": "service", "name": "Checkout",
        "escalation_policy": {"id": POLICY, "type": "escalation_policy_reference"},
    },
    "escalation_policies": {"type": "escalation_policy", "name": "Checkout", "escalation_rules": []},
    "users": {"type": "user", "name": "Ana IC", "email": FROM},
}  # fmt: skip
_NEW: Final = {
    "type", "title", "service", "priority", "urgency", "body", "incident_key", "assignments", "incident_type",
    "escalation_policy", "conference_bridge",
}  # fmt: skip
_CHANGED: Final = {"type", "status", "priority", "resolution", "title", "escalation_level", "assignments", "urgency"}


def _refused(status: int, code: int, message: str, *errors: str) -> Reply:
    return Reply(status, {"error": {"message": message, "code": code, "errors": list(errors)}})


@dataclass
class PagerDuty:
    """An account with a few services, policies and users; `now` is when things happen there."""

    url: str = ""
    now: str = "2026-11-23T04:12:00+01:00"
    moods: Moods = field(default_factory=Moods)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def incident(self, service: str = SERVICE, status: str = "triggered", key: str = "") -> str:
        """An incident that an alert made; its id."""
        number = len(self.incidents) + 1
        made = f"Q{number:012d}"
        self.incidents.append({
            "id": made, "type": "incident", "summary": f"[#{number}]", "incident_number": number,
            "title": "Orders fail", "status": status, "incident_key": key or made.lower(), "created_at": self.now,
            "acknowledgements": [], "service": {"id": service, "type": "service_reference"},
            "html_url": f"https://ex.pagerduty.com/incidents/{made}",
        })  # fmt: skip
        return made

    def acknowledge(self, incident: str, by: str) -> None:
        """Somebody did, with their telephone."""
        found = self.find(incident)
        found["status"] = "acknowledged"
        who = {"id": "PSOMEONE", "type": "user_reference", "summary": by}
        found["acknowledgements"].append({"at": self.now, "acknowledger": who})

    def find(self, incident: str) -> dict[str, Any]:
        return next(one for one in self.incidents if one["id"] == incident)

    # --- answers -------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if request.path == "/v2/enqueue":
            return self._event(request.body)
        given = request.headers.get("authorization", "")
        assert request.headers["accept"] == "application/vnd.pagerduty+json;version=2"
        assert request.headers["content-type"] == "application/json"
        if given != f"Token token={KEY}":
            return _refused(401, 2006, f"Invalid token {given}")
        if request.method != "GET" and request.headers.get("from") not in USERS:
            return _refused(400, 2001, "Invalid Input Provided", "Requester User Not Found")
        folder, _, rest = request.path.strip("/").partition("/")
        if folder in _PLACES:
            known = rest in _PLACES[folder]
            shown = _SHOWN[folder]
            found = {shown["type"]: {"id": rest, **shown}}
            return Reply(200, found) if known else _refused(404, 2100, "Not Found")
        assert folder == "incidents"
        id_, _, below = rest.partition("/")
        if id_ and id_ not in {one["id"] for one in self.incidents}:
            return _refused(404, 2100, "Not Found")
        match request.method, bool(id_), below:
            case "GET", False, _:
                return Reply(200, {"incidents": self._listed(request), "limit": 100, "offset": 0, "more": False})
            case "POST", False, _:
                return self._created(request)
            case "GET", True, "":
                return Reply(200, {"incident": self.find(id_)})
            case "PUT", True, "":
                return self._changed(request, self.find(id_))
            case "GET", True, "notes":
                return Reply(200, {"notes": self.notes.get(id_, [])})
            case "POST", True, "notes":
                return self._noted(request, id_)
            case _:
                return _refused(404, 2100, "Not Found")

    def _listed(self, request: Request) -> Sequence[dict[str, Any]]:
        query = request.query
        assert set(query) <= {"service_ids[]", "statuses[]", "sort_by", "limit", "incident_key"}
        assert 1 <= int(query.get("limit", ["25"])[0]) <= 100
        fits = [
            one for one in self.incidents
            if one["service"]["id"] in query.get("service_ids[]", [one["service"]["id"]])
            and one["status"] in query.get("statuses[]", [one["status"]])
            and one["incident_key"] in query.get("incident_key", [one["incident_key"]])
        ]  # fmt: skip
        return fits[::-1]

    def _created(self, request: Request) -> Reply:
        given = request.body["incident"]
        assert set(given) <= _NEW
        assert given["type"] == "incident"
        assert given["service"]["type"] == "service_reference"
        assert not {"assignments", "escalation_policy"} <= set(given)
        if given["service"]["id"] not in _PLACES["services"] or not given["title"].strip():
            return _refused(400, 2001, "Invalid Input Provided", "Service Not Found")
        same = [
            one for one in self.incidents
            if one["incident_key"] == given.get("incident_key") and one["status"] != "resolved"
            and one["service"]["id"] == given["service"]["id"]
        ]  # fmt: skip
        if same:
            words = "Open incident with matching dedup key already exists on this service"
            return _refused(400, 2002, "Arguments Caused Error", words)
        made = self.find(self.incident(given["service"]["id"], key=given.get("incident_key", "")))
        made.update({key: given[key] for key in given if key not in ("type", "service", "assignments")})
        made["assignments"] = [{"at": self.now, **one} for one in given.get("assignments", [])]
        return Reply(201, {"incident": made})

    def _changed(self, request: Request, incident: dict[str, Any]) -> Reply:
        given = request.body["incident"]
        assert set(given) <= _CHANGED
        assert given["type"] in ("incident", "incident_reference")
        if given["status"] == "acknowledged":
            self.acknowledge(incident["id"], USERS[request.headers["from"]])
        else:
            incident.update(status=given["status"], acknowledgements=[])
        return Reply(200, {"incident": incident})

    def _noted(self, request: Request, incident: str) -> Reply:
        assert set(request.body) == {"note"}
        assert set(request.body["note"]) == {"content"}
        notes = self.notes.setdefault(incident, [])
        if not request.body["note"]["content"].strip() or len(notes) >= 2000:
            return _refused(400, 2001, "Invalid Input Provided", "Content cannot be empty.")
        user = {"id": USER, "type": "user_reference", "summary": USERS[request.headers["from"]]}
        note = {"id": f"PNOTE{len(notes):03d}", "user": user, "created_at": self.now, **request.body["note"]}
        notes.insert(0, note)
        return Reply(200, {"note": note})

    def _event(self, event: dict[str, Any]) -> Reply:
        payload = event.get("payload", {})
        problems = {
            "Length of 'routing_key' is incorrect (should be 32 characters)": len(event["routing_key"]) != 32,
            "'payload.summary' is missing or blank": not payload.get("summary"),
            "'payload.summary' is too long": len(payload.get("summary", "")) > 1024,
            "'payload.source' is missing or blank": not payload.get("source"),
            "'dedup_key' is too long": len(event.get("dedup_key", "")) > 255,
        }
        errors = [sentence for sentence, wrong in problems.items() if wrong]
        if errors or event["routing_key"] != ROUTING_KEY:
            return Reply(400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors})
        assert event["event_action"] == "trigger"
        assert payload["severity"] in ("critical", "error", "warning", "info")
        self.events.append(event)
        return Reply(202, {"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]})


@contextmanager
def pagerduty() -> Iterator[PagerDuty]:
    """An account in which nothing has happened."""
    account = PagerDuty()
    with kept(PAGERDUTY, account.answer) as answer, json_api(answer, account.moods) as account.url:
        yield account
