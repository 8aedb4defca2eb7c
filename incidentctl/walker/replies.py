"""What a prompt accepts, and what a reply is.  Typed and scripted replies are read by the same `read_reply`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from incidentctl.errors import NotAllowed
from incidentctl.record import record
from incidentctl.runbook.quantities import parse_duration


@record
class Word:
    """One of the words that the prompt offers: `done`, `yes`, `P1`, `send`."""

    value: str


@record
class Skip:
    """Not done, and why."""

    reason: str


@record
class Typed:
    """A free text: a title, a name, a reason."""

    text: str


@record
class Several:
    """A list: the conditions that hold, who was reached, which services are affected."""

    values: tuple[str, ...]


@record
class Lasting:
    """A duration: an estimate."""

    duration: timedelta


@record
class Snooze:
    """Remind me again after this."""

    duration: timedelta


@record
class Hypothesis:
    """A cause that the tree does not know."""

    text: str


Reply = Word | Skip | Typed | Several | Lasting | Snooze | Hypothesis
Raw = str | Sequence[str] | Mapping[str, str]
"""A reply as it stands in an answers file: a word or text, a list, or one key with its text (`{skip: REASON}`)."""


@record
class Option:
    """One thing that can be chosen.

    `value` is stable, `label` is for reading, `hint` says more on one line; `aliases` are taken for the value too.
    """

    value: str
    label: str
    hint: str = ""
    aliases: tuple[str, ...] = ()


@record
class Accepts:
    """The replies that a prompt takes.

    `words` can be chosen one at a time; `several` together, and where `open_list` other texts may be among them;
    `text` and `duration` are typed.  `keyed` are the one-key forms: `skip`, `snooze`, `hypothesis`.
    """

    words: tuple[Option, ...] = ()
    several: tuple[Option, ...] = ()
    lists: bool = False
    open_list: bool = False
    text: bool = False
    duration: bool = False
    keyed: tuple[str, ...] = ()

    def described(self) -> str:
        """The values for an error message: `done`, `{skip: REASON}`."""
        parts = [f"`{option.value}`" for option in self.words]
        if self.lists:
            known = ", ".join(option.value for option in self.several)
            parts.append(f"a list of: {known}" if known else "a list")
        parts += ["text"] * self.text + ["a duration such as `20 min`"] * self.duration
        parts += [f"`{{{key}: {_KEYED[key]}}}`" for key in self.keyed]
        return ", ".join(parts)


_KEYED = {"skip": "REASON", "snooze": "DURATION", "hypothesis": "TEXT"}


def read_reply(prompt: str, accepts: Accepts, raw: Raw) -> Reply:
    """What `raw` means to the prompt of that id.  Raises NotAllowed, naming the values that it takes."""
    reply = _read(accepts, raw)
    if reply is None:
        message = f"`{prompt}` does not take `{_shown(raw)}`"
        raise NotAllowed(message, f"It takes {accepts.described()}.")
    return reply


def _read(accepts: Accepts, raw: Raw) -> Reply | None:
    if isinstance(raw, str):
        return _read_text(accepts, raw.strip())
    if isinstance(raw, Mapping):
        return _read_keyed(accepts, raw)
    return _read_list(accepts, tuple(item.strip() for item in raw))


def _read_text(accepts: Accepts, raw: str) -> Reply | None:
    for option in accepts.words:
        if option.value.casefold() == raw.casefold():
            return Word(option.value)
    if accepts.duration:
        try:
            return Lasting(parse_duration(raw))
        except ValueError:
            return None
    if accepts.text:
        return Typed(raw) if raw else None
    return _read_list(accepts, (raw,)) if raw else None


def _read_list(accepts: Accepts, raw: tuple[str, ...]) -> Reply | None:
    known = {name.casefold(): option.value for option in accepts.several for name in (*option.aliases, option.value)}
    if not accepts.lists or (not accepts.open_list and any(item.casefold() not in known for item in raw)):
        return None
    return Several(tuple(dict.fromkeys(known.get(item.casefold(), item) for item in raw if item)))


def _read_keyed(accepts: Accepts, raw: Mapping[str, str]) -> Reply | None:
    if len(raw) != 1:
        return None
    ((key, text),) = raw.items()
    if key not in accepts.keyed or not text.strip():
        return None
    if key == "skip":
        return Skip(text.strip())
    if key == "hypothesis":
        return Hypothesis(text.strip())
    try:
        return Snooze(parse_duration(text))
    except ValueError:
        return None


def _shown(raw: Raw) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, Mapping):
        return ", ".join(f"{key}: {value}" for key, value in raw.items())
    return ", ".join(raw)


def out_of_place(reply: Reply) -> NotAllowed:
    """The error for a reply whose form this prompt never offered; `read_reply` makes none."""
    message = f"a reply of the form `{type(reply).__name__}` does not belong to this prompt"
    return NotAllowed(message)
