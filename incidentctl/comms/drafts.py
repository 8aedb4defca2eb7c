"""What is said, from the incident: the texts of an update for every audience, the channel's name, the links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

from incidentctl.incident.state import Incident
from incidentctl.incident.words import Text
from incidentctl.runbook.model import Audience, Link, Runbook, Template
from incidentctl.text.difference import changes
from incidentctl.text.escape import clean
from incidentctl.text.render import Absent, OpenedAt, Values, has_hole, hole, is_meant, render
from incidentctl.text.times import clock_time, zone
from incidentctl.walker.replies import Typed, Word
from incidentctl.walker.requests import AskChannel, AskUpdate, AskUpdateText, Request

CUSTOMERS: Final = "customers"
BUILT_IN_AUDIENCES: Final = (Audience(CUSTOMERS), Audience("internal"))
STILL: Final = "still"
NO_NEWS: Final = "There is no news since our last update."


class Drafts:
    """The `Texts` of `comms/interface.py`, from the runbook's templates."""

    def prepare(self, request: Request, book: Runbook, incident: Incident, now: datetime) -> Request:
        """See `Texts.prepare`.  What `request` already has is kept; nothing here fails."""
        values = _values(book, incident, now)
        match request.ask:
            case AskUpdate():
                request = _with_drafts(request, request.ask, book, values, incident)
            case AskChannel(template=template):
                name = _channel(template, values)
                request = replace(request, ask=AskChannel(template, name), default=Typed(name))
            case AskUpdateText():
                request = _with_last(_without_hole(request), incident, now)
            case _:
                pass
        return _with_links(request, values)


def _values(book: Runbook, incident: Incident, now: datetime) -> Values:
    """The variables of `text/render.py` that do not depend on the update."""
    conditions = ", ".join(incident.impact.conditions) if incident.impact else ""
    title = clean(incident.title)
    return {
        "service": clean(incident.service or book.service),
        "title": title or clean(f"{book.title} incident"),
        "feature": clean(incident.comms.feature or book.comms.feature or book.title),
        "severity": clean(incident.severity.level) if incident.severity else "no severity yet",
        "phase": str(incident.comms_phase),
        "symptom": title or clean(conditions) or clean(f"{book.title} incident"),
        "ic": clean(incident.holder("ic")) or Absent("vacant"),
        "channel": clean(incident.channel) or Absent("not open yet"),
        "next_update_at": Absent(hole("no value: next_update_at")),
        "opened_at": OpenedAt.of(incident.opened_at or now),
        "audience": Absent("everyone"),
    }


def _channel(template: str, values: Values) -> str:
    name = clean(render(template, values)).strip()
    return render("incident-{{ opened_at.stamp }}", values) if not name or has_hole(name) else name


# --- updates -----------------------------------------------------------------------------------------------


def _with_drafts(request: Request, ask: AskUpdate, book: Runbook, values: Values, incident: Incident) -> Request:
    level = incident.severity.level if incident.severity else ""
    audiences = book.comms.audiences or BUILT_IN_AUDIENCES
    values = {**values, "phase": str(ask.phase)}
    if ask.next_update_at is not None:
        following = clock_time(ask.next_update_at, zone(incident.timezone), seen_from=ask.made_at)
        values = {**values, "next_update_at": following}  # P-COMMS-4: the clock time, not "in 30 min"
    drafts = tuple(_draft(book, audience.name, level, str(ask.phase), values) for audience in audiences)
    still = tuple(
        _still(book, audience.name, level, draft.text, values)
        for audience, draft in zip(audiences, drafts, strict=True)
    )
    request = _without_holes(request, drafts, still)
    said = (*request.shown.said, *_warnings(audiences, drafts), *_since_last(incident, drafts))
    return replace(
        request,
        ask=replace(ask, drafts=drafts, still=still),
        shown=replace(request.shown, said=said, texts=drafts),
    )


def _draft(book: Runbook, audience: str, level: str, phase: str, values: Values) -> Text:
    # An audience without templates of its own reads what colleagues read.
    template = _best(book.comms.templates, audience, level, phase) or _best(
        book.comms.templates, "internal", level, phase
    )
    text = template.text if template else hole(f"no text for: {audience}")
    return Text(audience, _filled(text, audience, values))


def _still(book: Runbook, audience: str, level: str, draft: str, values: Values) -> Text:
    """The same update without news (P-COMMS-2)."""
    template = _best(book.comms.templates, audience, level, STILL)
    if template is None or template.phase != STILL:
        return Text(audience, f"{NO_NEWS} {draft}")
    return Text(audience, _filled(template.text, audience, values))


def _filled(template: str, audience: str, values: Values) -> str:
    return clean(render(template, {**values, "audience": audience}), lines=True).strip()


def _best(templates: Sequence[Template], audience: str, level: str, phase: str) -> Template | None:
    """The most specific template for these; of equals the first.  The phase weighs more than the severity.

    One that somebody wrote is before all built-in ones, of which there is one for every phase.
    """
    fitting = [
        template
        for template in templates
        if template.audience == audience
        and template.severity.casefold() in ("", level.casefold())
        and template.phase in ("", phase)
    ]

    def weight(template: Template) -> tuple[bool, bool, bool]:
        return is_meant(template, phase), template.phase != "", template.severity != ""

    return max(fitting, key=weight, default=None)


def _without_holes(request: Request, drafts: Sequence[Text], still: Sequence[Text]) -> Request:
    """A text with a hole is not offered: it can be edited, or wait."""
    blocked = {"send"} if _any_hole(drafts) else set()
    if _any_hole(still):
        blocked.add("no-progress")
    if not blocked:
        return request
    words = tuple(option for option in request.accepts.words if option.value not in blocked)
    shut = isinstance(request.default, Word) and request.default.value in blocked
    said = "A text has a hole, marked [[...]]: it cannot be sent as it stands. Write it in your own words."
    return replace(
        request,
        accepts=replace(request.accepts, words=words),
        default=None if shut else request.default,
        shown=replace(request.shown, said=(*request.shown.said, said)),
    )


def _any_hole(texts: Sequence[Text]) -> bool:
    return any(has_hole(one.text) for one in texts)


def _warnings(audiences: Sequence[Audience], drafts: Sequence[Text]) -> list[str]:
    return [
        f"The text for {audience.name} has {len(draft.text)} characters; {audience.max_length} fit there."
        for audience, draft in zip(audiences, drafts, strict=True)
        if audience.max_length is not None and len(draft.text) > audience.max_length
    ]


# --- what was sent last ------------------------------------------------------------------------------------


def _since_last(incident: Incident, drafts: Sequence[Text]) -> tuple[str, ...]:
    """What changed since the last update, for customers or whoever read it first; nothing before there is one."""
    before, draft = _same_audience(incident.comms.last_texts, drafts)
    if before is None or draft is None:
        return ()
    if before.text.split() == draft.text.split():
        return ("The same as the last one.",)
    lines = changes(before.text, draft.text)
    if not lines:
        return ("Same as the last one, with the new time.",)
    return f"Since the last update{_for(draft)}: {lines[0]}", *(f"  {line}" for line in lines[1:])


def _same_audience(last: Sequence[Text], drafts: Sequence[Text]) -> tuple[Text | None, Text | None]:
    """The two texts to compare: those for customers, where both have one."""
    now = {text.audience: text for text in reversed(drafts)}
    both = [text for text in last if text.audience in now]
    before = next((text for text in both if text.audience == CUSTOMERS), both[0] if both else None)
    return before, now[before.audience] if before else None


def _for(text: Text) -> str:
    return "" if text.audience == CUSTOMERS else f" for {clean(text.audience)}"


def _without_hole(request: Request) -> Request:
    holed = isinstance(request.default, Typed) and has_hole(request.default.text)
    return replace(request, default=None) if holed else request


def _with_last(request: Request, incident: Incident, now: datetime) -> Request:
    """A text in somebody's own words, with what was sent last, and when; in an editor with what changed, too."""
    comms = incident.comms
    drafts = comms.pending.texts if comms.pending else ()
    before, _ = _same_audience(comms.last_texts, drafts)
    if before is None:
        return request
    at = f", {clock_time(comms.last_sent_at, zone(incident.timezone), seen_from=now)}" if comms.last_sent_at else ""
    said = (f"Sent last{_for(before)}{at}:", *(f"  {line}" for line in before.text.splitlines()))
    beside = (*said, *_since_last(incident, drafts))
    return replace(request, ask=AskUpdateText(beside), shown=replace(request.shown, said=(*request.shown.said, *said)))


# --- links -------------------------------------------------------------------------------------------------


def _with_links(request: Request, values: Values) -> Request:
    if not request.shown.links:
        return request
    # In an address a value is quoted: a title may hold anything.
    quoted: Values = {
        name: quote(value, safe="") if isinstance(value, str) else value for name, value in values.items()
    }
    links = tuple(_link(link, quoted) for link in request.shown.links)
    return replace(request, shown=replace(request.shown, links=links))


def _link(link: Link, values: Values) -> Link:
    return replace(link, url=clean(render(link.url, values)))
