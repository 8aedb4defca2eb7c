"""The `statuspage` channel: an incident on a page at Atlassian Statuspage, and its updates.

Keys: `page` (its id), `components` (names, `Group / Name`, or ids; without them none is touched).  The key is
`STATUSPAGE_API_KEY`; `STATUSPAGE_API_URL` is another address than `https://api.statuspage.io`.

The first post creates an incident, which says who is affected; later ones update it, and change no component until the
last one, *resolved*, makes them operational.  A component that is affected is `degraded_performance`, the least that
can be said: nobody said more.  The impact is left to Statuspage, which works it out from the components.

https://developer.statuspage.io/ (incidents: `name` of up to 255, `body` of up to 25,000 characters, `metadata` whose
values are objects; components: pages of up to 100; 60 requests a minute, else 420 or 429)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from incidentctl.comms.channels.api import Api, Call, ask, until
from incidentctl.comms.channels.given import address, identifier, key_of, value
from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.comms.channels.secrets import secret
from incidentctl.incident.words import CommsPhase
from incidentctl.record import record
from incidentctl.runbook.find import near
from incidentctl.text.escape import clean, one_line
from incidentctl.text.foreign import link, mapping, mappings, text

KEY: Final = "STATUSPAGE_API_KEY"
URL: Final = "STATUSPAGE_API_URL"
_HOME: Final = "https://api.statuspage.io"
_OURS: Final = "incidentctl"  # the name of our own object in an incident's metadata
_LONGEST_NAME: Final = 255
_LONGEST_BODY: Final = 25_000
_PER_PAGE: Final = 100
_PAGES: Final = 10
_AFFECTED: Final = "degraded_performance"
_WORSE: Final = ("partial_outage", "major_outage", "under_maintenance")

Object = Mapping[str, object]


@record
class Component:
    """One line of the page; `name` includes its group (`Europe / API`)."""

    id: str
    name: str
    status: str


# Which id a component's name has does not change within an incident: (address, page) -> name -> id.
_known: Final[dict[tuple[str, str], Mapping[str, str]]] = {}


class StatuspageChannel:
    """One page.  What was sent is on the page: its receipt is the id that Statuspage gave the update."""

    def __init__(self, values: Mapping[str, str], environ: Mapping[str, str]) -> None:
        """Raises Unsent where the page, the key or the address is missing or can be none."""
        self._page = identifier(value(values, "page", environ), "a Statuspage page")
        self._components = tuple(
            line.strip() for line in value(values, "components", environ).splitlines() if line.strip()
        )
        key = key_of(secret(KEY, environ), KEY)
        self._api = Api("Statuspage", address(URL, _HOME, environ), key, KEY, {"authorization": f"OAuth {key}"})
        self.name = f"Statuspage {self._page}"

    async def send(self, post: Post, *, seconds: float) -> Receipt:
        """Create the incident, or update the one that `post.thread` names.  Raises Unsent."""
        deadline = until(seconds)
        body = _body(post)
        if post.thread:
            fields = await self._updated(post, deadline)
            call = self._call(
                "PATCH", f"/incidents/{_thread(post)}", f"incident `{post.thread}` any more", fields, body
            )
        else:
            fields = await self._created(post, deadline)
            call = self._call("POST", "/incidents", f"page `{self._page}`", fields, body)
        return _receipt(mapping(await ask(self._api, call, deadline)), post)

    async def find(self, post: Post, *, seconds: float) -> Receipt | None:
        """Whether the page has this post: by our key in the incident's metadata, else by its latest update."""
        deadline = until(seconds)
        if post.thread:
            call = self._read(f"/incidents/{_thread(post)}", f"incident `{post.thread}` any more")
            found = [mapping(await ask(self._api, call, deadline))]
        else:
            # Without a thread it can only be the first post; a person may have resolved its incident meanwhile.
            call = self._read(f"/incidents?limit={_PER_PAGE}", f"page `{self._page}`")
            found = [one for one in mappings(await ask(self._api, call, deadline)) if _is_ours(one, post)]
        return next((_receipt(one, post) for one in found if _has(one, post)), None)

    # --- what is said of components ------------------------------------------------------------------------

    async def _created(self, post: Post, deadline: float) -> dict[str, object]:
        """Who is affected, from the first post on.  What a person has already set to something worse stays so."""
        chosen = self._chosen(await self._all_components(deadline)) if self._components else []
        resolved = post.phase is CommsPhase.RESOLVED
        status = "operational" if resolved else _AFFECTED
        changed = [one.id for one in chosen if resolved or one.status not in _WORSE]
        name = one_line(post.title, _LONGEST_NAME)[:_LONGEST_NAME] or one_line(post.service, _LONGEST_NAME)
        return {"name": name, "status": post.phase.value, **_affected([one.id for one in chosen], changed, status)}

    async def _updated(self, post: Post, deadline: float) -> dict[str, object]:
        """The phase; and, when it is over, components that are operational, but for those of other open incidents."""
        fields: dict[str, object] = {"status": post.phase.value}
        if post.phase is not CommsPhase.RESOLVED or not self._components:
            return fields
        ids = await self._ids(deadline)
        call = self._read("/incidents/unresolved", f"page `{self._page}`")
        others = [one for one in mappings(await ask(self._api, call, deadline)) if one.get("id") != post.thread]
        elsewhere = {text(part.get("id")) for one in others for part in mappings(one.get("components"))}
        return fields | _affected(ids, [one for one in ids if one not in elsewhere], "operational")

    async def _ids(self, deadline: float) -> list[str]:
        """The ids of our components, as they are known, or asked for."""
        known = _known.get((self._api.base, self._page), {})
        if all(name in known for name in self._components):
            return [known[name] for name in self._components]
        return [one.id for one in self._chosen(await self._all_components(deadline))]

    def _chosen(self, all_: Sequence[Component]) -> list[Component]:
        """What the runbook's names mean.  Raises Unsent where one means nothing, or more than one thing."""
        chosen = [_meant(name, all_) for name in self._components]
        named = {name: one.id for name, one in zip(self._components, chosen, strict=True)}
        _known[self._api.base, self._page] = {**_known.get((self._api.base, self._page), {}), **named}
        return list({one.id: one for one in chosen}.values())

    async def _all_components(self, deadline: float) -> list[Component]:
        """Every component of the page, but not the groups, which take their status from what is in them."""
        raw: list[Object] = []
        for page in range(1, _PAGES + 1):
            call = self._read(f"/components?per_page={_PER_PAGE}&page={page}", f"page `{self._page}`")
            here = mappings(await ask(self._api, call, deadline))
            raw += here
            if len(here) < _PER_PAGE:
                break
        return list(_components(raw))

    # --- requests ------------------------------------------------------------------------------------------

    def _read(self, path: str, what: str) -> Call:
        return Call("GET", f"/v1/pages/{self._page}{path}", what)

    def _call(self, method: str, path: str, what: str, fields: Object, body: Object) -> Call:
        return Call(method, f"/v1/pages/{self._page}{path}", what, {"incident": {**fields, **body}})


def _body(post: Post) -> Object:
    """What every post has.  Raises Unsent where it is longer than Statuspage takes: nothing is cut off in silence."""
    said = clean(post.text, lines=True)
    if len(said) > _LONGEST_BODY:
        message = f"the text has {len(said):,} characters, and Statuspage takes {_LONGEST_BODY:,}"
        raise Unsent(message, "Shorten it, or set `max_length` for this audience.")
    ours = {"incident": post.incident, "key": post.key}
    return {"body": said, "deliver_notifications": True, "metadata": {_OURS: ours}}


def _thread(post: Post) -> str:
    return quote(identifier(post.thread, "a Statuspage incident"))


def _affected(all_: Sequence[str], changed: Sequence[str], status: str) -> dict[str, object]:
    fields: dict[str, object] = {"component_ids": list(all_)} if all_ else {}
    return fields | ({"components": dict.fromkeys(changed, status)} if changed else {})


# --- the page's own words ----------------------------------------------------------------------------------


def _components(raw: Sequence[Object]) -> Iterator[Component]:
    groups = {text(one.get("id")): text(one.get("name")) for one in raw if one.get("group") is True}
    for one in raw:
        parts = (groups.get(text(one.get("group_id")), ""), text(one.get("name")))
        if one.get("group") is not True and text(one.get("id")):
            yield Component(text(one["id"]), " / ".join(part for part in parts if part), text(one.get("status")))


def _meant(name: str, all_: Sequence[Component]) -> Component:
    """The one component that `name` means.  Raises Unsent."""
    folded = name.casefold()
    for fits in (
        [one for one in all_ if one.id == name],
        [one for one in all_ if one.name.casefold() == folded],
        [one for one in all_ if one.name.casefold().rpartition(" / ")[2] == folded],
    ):
        if len(fits) > 1:
            several = ", ".join(f"`{one_line(one.name, 60)}`" for one in fits[:5])
            raise Unsent(
                f"the page has {len(fits)} components `{one_line(name, 60)}`: {several}", "Name the group too."
            )
        if fits:
            return fits[0]
    close = near(name, [one.name for one in all_]) or near(name, [one.name.rpartition(" / ")[2] for one in all_])
    hint = f"Near it are {', '.join(one_line(one, 60) for one in close)}." if close else f"It has {len(all_)} others."
    raise Unsent(f"the page has no component `{one_line(name, 60)}`", hint)


def _metadata(incident: Object) -> Object:
    return mapping(mapping(incident.get("metadata")).get(_OURS))


def _is_ours(incident: Object, post: Post) -> bool:
    return _metadata(incident).get("incident") == post.incident


def _has(incident: Object, post: Post) -> bool:
    """Whether `post` is the last that we sent; where another tool wiped our key away, whether it reads like that."""
    key = _metadata(incident).get("key")
    if isinstance(key, str):
        return key == post.key
    return any(_reads_like(one, post) for one in mappings(incident.get("incident_updates"))[:1])


def _reads_like(update: Object, post: Post) -> bool:
    same = text(update.get("body")).split() == clean(post.text, lines=True).split()
    return same and update.get("status") == post.phase.value


def _receipt(incident: Object, post: Post) -> Receipt:
    """Statuspage's own ids.  Raises Unsent where its answer has none: then nobody can tell."""
    thread = text(incident.get("id"))
    updates = mappings(incident.get("incident_updates"))
    update = next((one for one in updates if _reads_like(one, post)), next(iter(updates), {}))
    if not thread:
        raise Unsent("Statuspage answered without an id", "Look at the page.", perhaps=True)
    return Receipt(text(update.get("id")) or thread, link(incident.get("shortlink")), thread)
