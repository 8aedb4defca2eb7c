"""Tables and lists that mean something by what stands in them: severity levels, people, links, texts to send."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from incidentctl.runbook.markdown.blocks import Block
from incidentctl.runbook.markdown.draft import Part
from incidentctl.runbook.markdown.words import audiences_of, level_name, link_type, phase_of, role_of
from incidentctl.runbook.quantities import parse_duration

_LINK: Final = re.compile(
    r"(?<!!)\[([^\]\n]{0,300})\]\(<?(https?://[^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+\"([^\"]*)\")?\)"
)
_ADDRESS: Final = re.compile(r"(?<![(\w\"'=])<?(https?://[^\s<>()\[\]{}\"'`|*]+[^\s<>()\[\]{}\"'`|*.,;:!?])")
_DEFINED: Final = re.compile(r"^ {0,3}\[([^\]\n]{1,300})\]:\s*<?(https?://\S+?)>?(?:\s+[\"'(](.*)[\"')])?\s*$")
_LONGEST_CONDITION: Final = 200
_BUILT_IN_LEVELS: Final = ("P1", "P2", "P3")
_PAGED: Final = (("on-call", "lead", "ic-backup", "comms-lead"), ("on-call", "lead"))
_CADENCE: Final = ("30 min", "60 min")
_WAYS: Final = (
    ("pagerduty", re.compile(r"(?i:pager ?duty)\W{1,3}([A-Z0-9]*[0-9][A-Z0-9]*|P[A-Z0-9]{6})\b")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("slack", re.compile(r"(?<![\w.])[@#][a-z][\w-]+")),
    ("phone", re.compile(r"(?<!\w)\+\d[\d ()-]{6,}\d")),
    ("url", re.compile(r"https://[^\s)|>`]+")),
)
_SLOTS: Final = {"service": "service", "severity": "severity", "channel": "channel", "next update": "next_update_at"}


def links_in(block: Block) -> list[Part]:
    """Every absolute address of a text, with the words that it is linked from."""
    found = {url: title or also for title, url, also in _LINK.findall(block.raw)}
    found |= {url: "" for url in _ADDRESS.findall(block.raw) if url not in found}
    return [_link(title or url, url, block) for url, title in found.items()]


def defined_link(block: Block) -> Part | None:
    """`[name]: https://...` as a link."""
    found = _DEFINED.match(block.raw)
    return None if found is None else _link(" ".join(filter(None, (found[1], found[3]))), found[2], block)


def _link(title: str, url: str, block: Block) -> Part:
    title = " ".join(re.sub(r"[*`]", "", title).split()) or url
    values = (("type", link_type(title, url)), ("title", title), ("url", url))
    return Part("links", url, values, block.at, block.raw)


# --- severity ----------------------------------------------------------------------------------------------


def levels_of(block: Block, *, is_announced: bool) -> tuple[Part, ...]:
    """The severity levels of a table or a list; none where it is not one, or says anything twice.

    A list that no heading announces has to number its levels.
    """
    named = _level_rows(block) if block.kind == "table" else _level_items(block)
    if block.kind == "list" and not is_announced and not all(re.search(r"\d", name) for name, _, _ in named):
        return ()
    names = [name.casefold() for name, _, _ in named]
    if len(named) < 2 or not all(names) or len(set(names)) < len(names) or not all(meaning for _, meaning, _ in named):
        return ()
    in_built = {name.casefold() for name in _BUILT_IN_LEVELS}
    own = not set(names) <= in_built
    return tuple(_level(block, rank, one, own=own) for rank, one in enumerate(named))


def _level_rows(block: Block) -> list[tuple[str, str, str]]:
    head, *rows = block.rows
    if not re.search(r"sev|level|priority", head[0], re.IGNORECASE):
        return []
    found = []
    for row in rows:
        rest = [
            f"{name}: {cell}" if place > 1 else cell
            for place, (name, cell) in enumerate(zip(head, row, strict=True))
            if place and cell
        ]
        own_words = re.sub(r"[*`]", "", row[0])
        responses = [cell for name, cell in zip(head, row, strict=True) if re.search(r"respon", name, re.IGNORECASE)]
        alone = own_words.replace(" ", "-") == level_name(row[0])
        found.append(
            (level_name(row[0]), "; ".join([*rest, *([] if alone else [own_words])]), next(iter(responses), ""))
        )
    return found


def _level_items(block: Block) -> list[tuple[str, str, str]]:
    found = []
    for item in block.blocks:
        text = item.blocks[0].text if len(item.blocks) == 1 and item.blocks[0].kind == "paragraph" else ""
        parts = re.fullmatch(r"(\**[\w -]+\**)\s*(?::\**|-|\u2013|\u2014)\s+(.+)", text, re.DOTALL)
        name = level_name(parts[1].strip("*: ")) if parts else ""
        found.append((name, " ".join(parts[2].split()) if parts else "", ""))
    return found


def _level(block: Block, rank: int, named: tuple[str, str, str], *, own: bool) -> Part:
    name, meaning, response = named
    plain = re.sub(r"[*`]", "", meaning)
    values: list[tuple[str, str | tuple[str, ...]]] = [("meaning", plain), ("when", (_judged(plain) or name,))]
    if own:
        values.append(("page", _PAGED[rank] if rank < len(_PAGED) else ()))
        values += [("update_every", _CADENCE[rank])] if rank < len(_CADENCE) else []
    response = response.strip("<\u2264 ")
    if _is_duration(response):
        values.append(("respond_within", response))
    return Part("severity", name, tuple(values), block.at, block.raw)


def _judged(meaning: str) -> str:
    """What a level is chosen by, in words: a sign that compares would be read as a measurement."""
    words = meaning.partition(";")[0].replace("<", "under ").replace(">", "over ")
    return words if len(words) <= _LONGEST_CONDITION and "=" not in words else ""


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True


# --- people ------------------------------------------------------------------------------------------------


def people_of(block: Block) -> tuple[Part, ...]:
    """Who is named in a table or a list of contacts, where for each there is a way to reach them."""
    rows = list(block.rows[1:]) if block.kind == "table" else [tuple(item.raw.split(":", 1)) for item in block.blocks]
    people = [_person(row, block) for row in rows]
    return tuple(one for one in people if one is not None)


def _person(row: tuple[str, ...], block: Block) -> Part | None:
    text = " | ".join(row)
    role = role_of(text)
    found = [(way, match) for way, pattern in _WAYS if (match := pattern.search(text))]
    ways = tuple((way, match[match.lastindex or 0]) for way, match in found)
    if not role or not ways:
        return None
    written = re.compile("|".join(re.escape(match[0]) for _, match in found))
    cells = (written.sub("", re.sub(r"[*`]", "", cell)).strip("-+,;:/() ") for cell in row)
    name = ", ".join(cell for cell in cells if cell)
    return Part("people", role, (("name", name or role), *ways), block.at, block.raw)


# --- comms -------------------------------------------------------------------------------------------------


def template_of(block: Block, above: Sequence[str]) -> Part | None:
    """A text to be sent, where the words above it say to whom, and it has no holes but those that can be filled.

    `above` are the heading and the paragraphs, of which the nearest that names anybody counts; where it names two, a
    guess could send to customers what was meant for support.  A text with numbers tells of one incident that was, and
    must not be sent in another.
    """
    text = re.sub(r"[\[<{]+([A-Za-z][\w /-]*)[\]>}]+", _slot, block.text.strip())
    named = next(filter(None, map(audiences_of, reversed(above))), ())
    if len(named) != 1 or re.search(r"\d", text) or re.search(r"\{\{ \?|\{%|[\[<]\w", text):
        return None
    audience, phase = named[0], phase_of(" ".join(above))
    values = (("audience", audience), *((("phase", phase),) if phase else ()), ("text", text))
    return Part("templates", f"{audience} {phase}", values, block.at, block.raw)


def _slot(found: re.Match[str]) -> str:
    words = found[1].casefold()
    return "{{ " + next((slot for word, slot in _SLOTS.items() if word in words), "?") + " }}"


def unlike(parts: Sequence[Part], known: Sequence[Part]) -> list[Part]:
    """Those of `parts` whose name nobody of the same section has yet."""
    names = {(one.section, one.name.casefold()) for one in known}
    found = {(one.section, one.name.casefold()): one for one in reversed(parts)}
    return [one for key, one in reversed(found.items()) if key not in names]
