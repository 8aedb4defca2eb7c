"""PagerDuty: notes on an incident there as a channel; and paging, acknowledging, resolving for whoever asks for it.

`pagerduty: {service: PCHK001}` as an audience adds each post as a note to the one incident that is open at that
service, or to the one that `post.thread` names.  A note pages nobody.

Variables: `PAGERDUTY_API_KEY` and `PAGERDUTY_FROM` (the e-mail address of a user there, in whose name it is done) for
the REST API; `PAGERDUTY_ROUTING_KEY` for the Events API, which can only page; `PAGERDUTY_API_URL` (accounts in Europe:
`https://api.eu.pagerduty.com`) and `PAGERDUTY_EVENTS_URL` are other addresses than those of PagerDuty in the US.

https://developer.pagerduty.com/api-reference/ (incidents, notes, `From`), https://developer.pagerduty.com/docs/
(events-api-v2, rest-api-rate-limits)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from incidentctl.comms.channels.api import Api, Call, Denied, ask, until
from incidentctl.comms.channels.given import address, identifier, key_of, value
from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.comms.channels.secrets import secret
from incidentctl.record import record
from incidentctl.text.escape import clean, one_line
from incidentctl.text.foreign import link, mapping, mappings, text

KEY: Final = "PAGERDUTY_API_KEY"
FROM: Final = "PAGERDUTY_FROM"
ROUTING_KEY: Final = "PAGERDUTY_ROUTING_KEY"
URL: Final = "PAGERDUTY_API_URL"
EVENTS_URL: Final = "PAGERDUTY_EVENTS_URL"
_HOME: Final = "https://api.pagerduty.com"
_EVENTS_HOME: Final = "https://events.pagerduty.com"
_VERSION: Final = "application/vnd.pagerduty+json;version=2"
_MOST: Final = 10  # where more are open, no note could be sent in the first place
_LONGEST_TITLE: Final = 1024  # an event's summary; an incident's title has no published limit, and is held to the same
_LONGEST_KEY: Final = 255
_LONGEST_DETAILS: Final = 25_000  # an event as a whole may have 512 KB
_ADDRESS: Final = re.compile(r"[\x21-\x3f\x41-\x7e]{1,100}@[A-Za-z0-9.-]{1,200}")
# Who can be paged by an id, and where PagerDuty says whether the id is one of those.
_KINDS: Final = {"service": "services", "escalation_policy": "escalation_policies", "user": "users"}

Object = Mapping[str, object]


@record
class Page:
    """What somebody is paged with.  The same `dedup_key` never makes a second incident while the first is open."""

    title: str
    details: str
    dedup_key: str


@record
class Acknowledged:
    """Who acknowledged an incident, as PagerDuty names them, and when, in UTC."""

    by: str
    at: datetime


class PagerdutyChannel:
    """Notes on the incident at one service.  What was sent is there: its receipt is the note's id."""

    def __init__(self, values: Mapping[str, str], environ: Mapping[str, str]) -> None:
        """Raises Unsent where the service, the key, the address or `From` is missing or can be none."""
        self._service = identifier(value(values, "service", environ), "a PagerDuty service")
        self._pagerduty = Pagerduty(environ)
        self.name = f"PagerDuty {self._service}"

    async def send(self, post: Post, *, seconds: float) -> Receipt:
        """Add the note.  Raises Unsent, also where no incident is open there, or several are."""
        deadline = until(seconds)
        incident = post.thread or text((await self._open(deadline)).get("id"))
        return await self._pagerduty.note(incident, _note(post), seconds=deadline - until(0))

    async def find(self, post: Post, *, seconds: float) -> Receipt | None:
        """Whether an incident has the note already, by the key in its last line."""
        deadline = until(seconds)
        open_ = [] if post.thread else await self._pagerduty.open_at(self._service, seconds=deadline - until(0))
        for incident in [post.thread] if post.thread else [text(one.get("id")) for one in open_[:_MOST]]:
            for note in await self._pagerduty.notes(incident, seconds=deadline - until(0)):
                if text(note.get("content")).rstrip().endswith(_mark(post)):
                    return Receipt(text(note.get("id")), thread=incident)
        return None

    async def _open(self, deadline: float) -> Object:
        """The incident that is meant.  Raises Unsent where that cannot be told."""
        found = await self._pagerduty.open_at(self._service, seconds=deadline - until(0))
        if not found:
            raise Unsent(f"PagerDuty has no open incident at {self._service} that a note could be added to")
        if len(found) > 1:
            numbers = ", ".join(f"#{one.get('incident_number')}" for one in found[:5])
            message = f"PagerDuty has {len(found)} open incidents at {self._service}: {one_line(numbers, 80)}"
            raise Unsent(message, "Merge or resolve those that are not this one.")
        return found[0]


def _note(post: Post) -> str:
    """The text, and a last line by which it is known again."""
    return f"{clean(post.text, lines=True).rstrip()}\n\n{_mark(post)}"


def _mark(post: Post) -> str:
    return f"[{one_line(post.incident, 60)}, {post.phase.value}, {one_line(post.key, 1000)}]"


# --- the REST API ------------------------------------------------------------------------------------------


class Pagerduty:
    """PagerDuty's REST API v2, in the name of `PAGERDUTY_FROM`.  Everything raises Unsent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raises Unsent where the key, the address or `From` is missing or can be none."""
        key = key_of(secret(KEY, environ), KEY)
        name = environ.get(FROM, "").strip()
        if not _ADDRESS.fullmatch(name):
            hint = "Set it to the e-mail address of a user in PagerDuty, in whose name this is done."
            raise Unsent(f"{FROM} is {'no e-mail address' if name else 'not set'}", hint)
        headers = {"authorization": f"Token token={key}", "accept": _VERSION, "from": name}
        self._api = Api("PagerDuty", address(URL, _HOME, environ), key, KEY, headers)

    async def open_at(self, service: str, *, seconds: float) -> Sequence[Object]:
        """The incidents at a service that are triggered or acknowledged, the newest first."""
        query = [("service_ids[]", identifier(service, "a PagerDuty service")), *_OPEN, ("limit", "100")]
        call = Call("GET", "/incidents", f"service `{service}`", query=[*query, ("sort_by", "created_at:desc")])
        found = mapping(await ask(self._api, call, until(seconds)))
        return [one for one in mappings(found.get("incidents")) if text(one.get("id"))]

    async def note(self, incident: str, content: str, *, seconds: float) -> Receipt:
        """Add a note to an incident."""
        call = Call("POST", f"{_path(incident)}/notes", _named(incident), {"note": {"content": content}})
        made = mapping(mapping(await ask(self._api, call, until(seconds))).get("note"))
        return Receipt(_id(made), thread=incident)

    async def notes(self, incident: str, *, seconds: float) -> Sequence[Object]:
        """All notes of an incident; there are at most 2,000."""
        call = Call("GET", f"{_path(incident)}/notes", _named(incident))
        return mappings(mapping(await ask(self._api, call, until(seconds))).get("notes"))

    async def acknowledge(self, incident: str, *, seconds: float) -> Sequence[Acknowledged]:
        """Acknowledge an incident, and return who has.  One that is resolved is left alone: it would open again."""
        deadline = until(seconds)
        if (await self._incident(incident, deadline)).get("status") == "resolved":
            raise Unsent(f"PagerDuty incident {incident} is resolved; to acknowledge it would open it again")
        return _acknowledged(await self._set(incident, {"status": "acknowledged"}, deadline))

    async def resolve(self, incident: str, *, seconds: float) -> Receipt:
        """Resolve an incident."""
        found = await self._set(incident, {"status": "resolved"}, until(seconds))
        return Receipt(_id(found), link(found.get("html_url")), incident)

    async def acknowledged(self, incident: str, *, seconds: float) -> Sequence[Acknowledged]:
        """Who has acknowledged an incident, the first one first.

        Nobody, where nobody has; and, as PagerDuty has it, where the incident was resolved or its acknowledgement ran
        out.
        """
        return _acknowledged(await self._incident(incident, until(seconds)))

    async def page(self, whom: str, page: Page, *, service: str = "", seconds: float) -> Receipt:
        """Page by an id: a service, or an escalation policy or user, for whom `service` says where the incident is.

        The incident that is made is `thread`.  One that is open already with this key is returned in its place.
        """
        deadline = until(seconds)
        kind = await self._kind(identifier(whom, "someone in PagerDuty"), deadline)
        at = identifier(whom if kind == "service" else service, "a PagerDuty service")
        # The published schema says that `details` is an object; its examples, and PagerDuty itself, have a text.
        incident = {
            "type": "incident", "title": _title(page), "service": _reference(at, "service"), "urgency": "high",
            "incident_key": page.dedup_key[:_LONGEST_KEY],
            "body": {"type": "incident_body", "details": clean(page.details, lines=True)[:_LONGEST_DETAILS]},
            **_assigned(whom, kind),
        }  # fmt: skip
        try:
            call = Call("POST", "/incidents", f"service `{at}`", {"incident": incident})
            made = mapping(mapping(await ask(self._api, call, deadline)).get("incident"))
        except Denied as error:
            made = await self._same(at, page, deadline) if error.status == 400 else {}
            if not made:
                raise
        return Receipt(_id(made), link(made.get("html_url")), _id(made))

    async def paged(self, page: Page, *, seconds: float) -> Receipt | None:
        """The open incident that was made with this page's key, after a crash; None where none is open."""
        query = [("incident_key", page.dedup_key[:_LONGEST_KEY]), *_OPEN]
        asked = Call("GET", "/incidents", "incidents", query=query)
        for one in mappings(mapping(await ask(self._api, asked, until(seconds))).get("incidents")):
            return Receipt(_id(one), link(one.get("html_url")), _id(one))
        return None

    async def _same(self, service: str, page: Page, deadline: float) -> Object:
        """The open incident with this key, because of which another was refused; empty where there is none."""
        query = [("incident_key", page.dedup_key[:_LONGEST_KEY]), ("service_ids[]", service), *_OPEN]
        found = mapping(await ask(self._api, Call("GET", "/incidents", "incidents", query=query), deadline))
        return next(iter(mappings(found.get("incidents"))), {})

    async def _kind(self, whom: str, deadline: float) -> str:
        """What an id stands for: they all look alike."""
        for kind, folder in _KINDS.items():
            try:
                await ask(self._api, Call("GET", f"/{folder}/{whom}", kind), deadline)
            except Denied as error:
                if error.status != 404:
                    raise
            else:
                return kind
        message = f"PagerDuty has no service, escalation policy or user `{whom}`"
        raise Unsent(message, "A schedule cannot be paged: name the escalation policy that it is in.")

    async def _incident(self, incident: str, deadline: float) -> Object:
        found = await ask(self._api, Call("GET", _path(incident), _named(incident)), deadline)
        return mapping(mapping(found).get("incident"))

    async def _set(self, incident: str, fields: Object, deadline: float) -> Object:
        payload = {"incident": {"type": "incident_reference", **fields}}
        found = await ask(self._api, Call("PUT", _path(incident), _named(incident), payload), deadline)
        return mapping(mapping(found).get("incident"))


_OPEN: Final = (("statuses[]", "triggered"), ("statuses[]", "acknowledged"))


def _path(incident: str) -> str:
    return f"/incidents/{identifier(incident, 'a PagerDuty incident')}"


def _named(incident: str) -> str:
    return f"incident `{incident}`"


def _reference(id_: str, kind: str) -> Object:
    return {"id": id_, "type": f"{kind}_reference"}


def _assigned(whom: str, kind: str) -> Object:
    """A service pages whoever its own policy says."""
    match kind:
        case "user":
            return {"assignments": [{"assignee": _reference(whom, "user")}]}
        case "escalation_policy":
            return {"escalation_policy": _reference(whom, kind)}
        case _:
            return {}


def _title(page: Page) -> str:
    return one_line(page.title, _LONGEST_TITLE)[:_LONGEST_TITLE]


def _acknowledged(incident: Object) -> Sequence[Acknowledged]:
    found = [
        (_moment(one.get("at")), mapping(one.get("acknowledger"))) for one in mappings(incident.get("acknowledgements"))
    ]
    who = [Acknowledged(text(one.get("summary")) or text(one.get("id")), at) for at, one in found if at]
    return sorted(who, key=lambda one: one.at)


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _id(made: Object) -> str:
    """Raises Unsent where the answer has no id: then nobody can tell."""
    found = text(made.get("id"))
    if not found:
        raise Unsent("PagerDuty answered without an id", "Look there.", perhaps=True)
    return found


# --- the Events API ----------------------------------------------------------------------------------------


async def page_by_event(page: Page, environ: Mapping[str, str], *, source: str, seconds: float) -> Receipt:
    """Page whoever the integration with `PAGERDUTY_ROUTING_KEY` pages; `source` is what is affected.

    PagerDuty has the event when this returns, under the key that is the receipt's id, and makes an alert of it later.
    The same key never makes a second alert while the first is open.  Raises Unsent.
    """
    key = secret(ROUTING_KEY, environ)
    if not re.fullmatch(r"[A-Za-z0-9]{32}", key):
        raise Unsent(f"{ROUTING_KEY} is no routing key: those have 32 letters and digits")
    api = Api("PagerDuty", address(EVENTS_URL, _EVENTS_HOME, environ), key, ROUTING_KEY)
    details = {"details": clean(page.details, lines=True)[:_LONGEST_DETAILS]}
    payload = {
        "summary": _title(page), "severity": "critical", "source": one_line(source, 200) or "unknown",
        "custom_details": details,
    }  # fmt: skip
    event = {
        "routing_key": key, "event_action": "trigger", "dedup_key": page.dedup_key[:_LONGEST_KEY],
        "client": "incidentctl", "payload": payload,
    }  # fmt: skip
    answer = mapping(await ask(api, Call("POST", "/v2/enqueue", "such address", event), until(seconds)))
    return Receipt(text(answer.get("dedup_key")) or _id({}))
