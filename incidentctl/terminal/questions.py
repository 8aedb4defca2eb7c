"""Request -> Question: what is drawn, as plain data.  Pure, so that it is known without a terminal.

Everything that a Question shows was cleaned already.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, Literal, assert_never

from incidentctl.errors import AnswerNeeded
from incidentctl.record import record
from incidentctl.text.escape import clean, one_line
from incidentctl.text.times import span
from incidentctl.walker.replies import (
    Hypothesis,
    Lasting,
    Raw,
    Reply,
    Several,
    Skip,
    Snooze,
    Typed,
    Word,
)
from incidentctl.walker.requests import AskChannel, AskImpact, AskJoined, AskRole, AskUpdateText, ConfirmSent, Request

Follow = Literal["", "skip", "snooze", "hypothesis", "text", "list", "note"]
"""What a row still asks for, in a second and smaller prompt."""


@record
class Row:
    """One row of a question.  `key` moves to it; `raw` is what it answers, unless something `follows`.

    A row that `ticks` can be chosen together with others.
    """

    raw: Raw
    label: str
    hint: str = ""
    key: str = ""
    follows: Follow = ""
    ticks: bool = False


@record
class Question:
    """What is drawn.

    `start` is the row on which Enter gives the default, -1 where there is no default.  `ticked` are the rows that
    begin ticked.  `placeholder` is what Enter gives on an empty line; `prefill` stands in the line to be edited.
    Where `beside` is not None it may be edited outside, with these lines to read next to it.  `copies`: there are texts
    above it which a key copies.
    """

    kind: Literal["select", "checkbox", "text"]
    message: str
    rows: tuple[Row, ...] = ()
    start: int = -1
    ticked: tuple[int, ...] = ()
    placeholder: str = ""
    prefill: str = ""
    instruction: str = ""
    beside: tuple[str, ...] | None = None
    copies: bool = False


_FOLLOW_ROWS: Final = {
    "skip": Row("", "skip, with a reason", key="s", follows="skip"),
    "snooze": Row("", "remind me later", key="l", follows="snooze"),
    "hypothesis": Row("", "name a hypothesis", key="h", follows="hypothesis"),
}
_SMALL: Final = {
    "skip": ("Why skip it?", ""),
    "snooze": ("Remind me again in:", "for example 10 min"),
    "hypothesis": ("What do you think it is?", ""),
    "text": ("Type it:", ""),
    "list": ("Type them:", "separated by commas"),
    "note": ("A note for the timeline:", ""),
}
_STILL_ABOUT: Final = ("skip", "text", "list")
"""The second prompts that mean nothing without the question above them."""
_EDITED: Final = "Enter goes on, Alt-Enter breaks the line, F4 opens your editor"
_TAKEN_KEYS: Final = "jk"
_DIGITS: Final = "1234567890"
_LINE: Final = 60


def question_of(request: Request) -> Question:
    """What is drawn for `request`.

    A text alone is a line to type; things that can be chosen together are a checkbox; all else is a select, in which
    whatever has to be typed is a row.
    """
    accepts = request.accepts
    rows = (*_ticks(request), *_typing(request), *_words(request), *(_FOLLOW_ROWS[key] for key in accepts.keyed))
    if (accepts.text or accepts.duration) and len(rows) == 1:
        return _harmless(_text_question(request))
    start = _start(rows, under_enter(request))
    ticked = tuple(_of_list(rows, request.default))
    kind: Literal["select", "checkbox"] = "checkbox" if accepts.lists else "select"
    instruction = (
        "space ticks, Enter goes on with what is ticked" if accepts.lists else "a key or an arrow moves, Enter takes"
    )
    copies = bool(request.shown.texts)
    keyed = _with_keys(rows)
    return _harmless(Question(kind, request.text, keyed, start, ticked, instruction=instruction, copies=copies))


def under_enter(request: Request) -> Reply | None:
    """What Enter alone gives: the default, but never that customers were told.

    An Enter that is held down, or was meant for the question before, must not say so: a person chooses that row
    (P-COMMS-1).
    """
    return None if isinstance(request.ask, ConfirmSent) else request.default


def small_question(request: Request, follows: Follow) -> Question:
    """The second prompt that a row, or a note, asks for.  An empty line goes back."""
    message, example = _SMALL[follows]
    if follows == "list" and isinstance(request.ask, AskImpact):
        return Question("text", "Numbers, beside what is ticked:", instruction="error_rate = 5%, latency_p99 = 900 ms")
    about = f"{clean(request.text)} " if follows in _STILL_ABOUT else ""
    instruction = f"{example} · empty goes back" if example else "empty goes back"
    return Question("text", about + message, instruction=instruction)


def row_reply(question: Question, index: int, ticked: Collection[int]) -> Raw:
    """What Enter on a row answers: everything that is ticked, else the row.

    What was ticked is never dropped for the word that the pointer happens to stand on.
    """
    row = question.rows[index]
    return _ticked(question, ticked) or ((str(row.raw),) if row.ticks else row.raw)


def following_reply(question: Question, follows: Follow, text: str, ticked: Collection[int]) -> Raw:
    """What the second prompt's `text` answers; a list holds what is ticked, too."""
    match follows:
        case "skip" | "snooze" | "hypothesis":
            return {follows: text}
        case "list":
            return (*_ticked(question, ticked), *split_list(text))
        case _:
            return text


def split_list(text: str) -> tuple[str, ...]:
    """`error_rate = 5%, rows = 10,000` -> two parts: a comma before a digit belongs to its number."""
    return tuple(part.strip() for part in re.split(r";|,(?!\d)", text) if part.strip())


def _ticked(question: Question, ticked: Collection[int]) -> tuple[str, ...]:
    return tuple(str(row.raw) for index, row in enumerate(question.rows) if index in ticked and row.ticks)


def reply_shown(reply: Reply, request: Request) -> str:
    """What was answered, in words for the scrollback; may be foreign."""
    match reply:
        case Word(value=value):
            return next((option.label for option in request.accepts.words if option.value == value), value)
        case Skip(reason=reason):
            return f"skipped: {reason}"
        case Typed(text=text):
            return text
        case Several(values=values):
            labels = {option.value: option.label for option in request.accepts.several}
            return ", ".join(labels.get(value, value) for value in values) or "none"
        case Lasting(duration=duration):
            return span(duration)
        case Snooze(duration=duration):
            return f"remind me in {span(duration)}"
        case Hypothesis(text=text):
            return f"hypothesis: {text}"
        case _:
            assert_never(reply)


def answer_needed(request: Request, why: str) -> AnswerNeeded:
    """The error that ends a run which nobody can answer: the prompt, its values, and how to go on."""
    hint = f"It takes {request.accepts.described()}. Answer it in a terminal, or with --answers FILE: "
    hint += f"`- {{prompt: {request.prompt}, answer: VALUE}}`"
    if request.default is not None:
        hint += '; `- {prompt: "*", repeat: true}` takes every default'
    return AnswerNeeded(request.prompt, f"`{request.prompt}` needs an answer ({request.text}): {why}", f"{hint}.")


def _ticks(request: Request) -> list[Row]:
    return [Row(option.value, option.label, option.hint, ticks=True) for option in request.accepts.several]


def _typing(request: Request) -> list[Row]:
    accepts = request.accepts
    if accepts.lists:
        label = "type numbers by hand" if isinstance(request.ask, AskImpact) else "type others"
        hint = "error_rate = 5%" if isinstance(request.ask, AskImpact) else ""
        rows = [Row("", label, hint, key="t", follows="list")] if accepts.open_list or not accepts.several else []
        # A list whose default is empty has a row for that, so that Enter alone gives it.
        nobody = "nobody yet" if isinstance(request.ask, AskJoined) else "none"
        return [*rows, Row((), nobody, key="n")] if request.default == Several(()) else rows
    if not accepts.text and not accepts.duration:
        return []
    asks_name = isinstance(request.ask, AskChannel | AskRole)
    rows = []
    if isinstance(request.default, Typed):
        rows.append(Row(request.default.text, request.default.text))
    wording = ("another name" if rows else "a name") if asks_name else ("something else" if rows else "it")
    return [*rows, Row("", f"type {wording}", key="t", follows="text")] if _has_rows(request) else [Row("", "")]


def _has_rows(request: Request) -> bool:
    return bool(request.accepts.words or request.accepts.keyed)


def _words(request: Request) -> list[Row]:
    return [
        Row(word.value, word.label, "" if word.hint in request.text else word.hint, word.value[:1].lower())
        for word in request.accepts.words
    ]


def _start(rows: Sequence[Row], default: Reply | None) -> int:
    match default:
        case Word(value=raw) | Typed(text=raw):
            return next((index for index, row in enumerate(rows) if row.raw == raw and not row.ticks), -1)
        case Several(values=()):
            return next((index for index, row in enumerate(rows) if row.raw == ()), -1)
        case Several():
            return next(iter(_of_list(rows, default)), -1)
        case _:
            return -1


def _of_list(rows: Sequence[Row], default: Reply | None) -> list[int]:
    values = default.values if isinstance(default, Several) else ()
    return [index for index, row in enumerate(rows) if row.ticks and row.raw in values]


def _with_keys(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Each row's own letter where no other row wants it, else its number, where that is one digit; 0 is the tenth."""
    wanted = Counter(row.key for row in rows)
    keyed = []
    for number, row in enumerate(rows, 1):
        letter = row.key if row.key.isascii() and row.key.isalpha() and row.key not in _TAKEN_KEYS else ""
        digit = _DIGITS[number - 1] if number <= len(_DIGITS) else ""
        keyed.append(replace(row, key=letter if letter and wanted[letter] == 1 else digit))
    return tuple(keyed)


def _text_question(request: Request) -> Question:
    match request.default:
        case default if isinstance(request.ask, AskUpdateText):
            draft = default.text if isinstance(default, Typed) else ""
            return Question("text", request.text, prefill=draft, instruction=_EDITED, beside=request.ask.beside)
        case Typed(text=text):
            return Question("text", request.text, placeholder=text, instruction="Enter takes it, or write your own")
        case Lasting(duration=duration):
            return Question(
                "text",
                request.text,
                placeholder=span(duration),
                instruction="Enter takes it, or write for example 20 min",
            )
        case _:
            return Question("text", request.text, instruction="type it, Enter goes on")


def _harmless(question: Question) -> Question:
    rows = tuple(replace(row, label=clean(row.label), hint=clean(row.hint)) for row in question.rows)
    return replace(
        question,
        message=clean(question.message),
        rows=rows,
        placeholder=one_line(question.placeholder, _LINE),
        prefill=clean(question.prefill, lines=True),
    )
