from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.events import (
    ActionEnded,
    Event,
    IncidentOpened,
    NoteAdded,
    TreeAnswered,
    Unrecognised,
    UpdateSnoozed,
)
from incidentctl.incident.plain import plain
from incidentctl.incident.wire import WIRE
from incidentctl.incident.words import Answer, Layer
from incidentctl.journal.codec import decode, encode
from tests.strategies import JSON, events, unrecognised


@given(events())
def test_what_is_written_is_read_again(event: Event) -> None:
    assert decode(*encode(event)) == event


@given(events())
def test_what_is_read_is_written_again_byte_by_byte(event: Event) -> None:
    written = encode(event)
    assert encode(decode(*written)) == written


@given(unrecognised())
def test_an_event_of_a_newer_version_is_kept(event: Unrecognised) -> None:
    name, text = encode(event)
    assert (name, json.loads(text)) == (event.name, event.data)
    assert decode(name, text) == event


@given(st.sampled_from(sorted(WIRE)), st.dictionaries(st.text(max_size=8), JSON, min_size=1, max_size=3))
def test_a_known_name_with_other_fields_is_kept_as_it_was_read(name: str, data: dict[str, object]) -> None:
    assert decode(name, json.dumps(data)) == Unrecognised(name, data)


@given(events(), JSON)
def test_a_field_of_another_type_never_becomes_a_wrong_event(event: Event, value: object) -> None:
    """Either the value is one that the field takes, or the whole event is kept unread; nothing raises."""
    name, text = encode(event)
    for field in json.loads(text):
        data = {**json.loads(text), field: value}
        again = decode(name, json.dumps(data))
        assert again == Unrecognised(name, data) or decode(*encode(again)) == again


def test_every_event_has_a_wire_name() -> None:
    every = {kind for union in get_args(Event) for kind in (get_args(union) or (union,))}
    assert every - {Unrecognised} == set(WIRE.values())


def test_data_is_plain_json() -> None:
    name, text = encode(TreeAnswered("tree.deploy", "Was there a deploy?", Answer.YES, ("roll-back",)))
    assert name == "tree.answered/1"
    assert text == (
        '{"question":"tree.deploy","text":"Was there a deploy?","answer":"yes","leads_to":["roll-back"],"reason":""}'
    )


def test_spans_are_seconds_and_nothing_is_null() -> None:
    ended = ActionEnded(
        "s", "t", "rollback", "done", estimate=timedelta(minutes=5), took=timedelta(seconds=90, milliseconds=500)
    )
    data = plain(ended)
    assert (data["estimate"], data["took"]) == (300, 90.5)
    assert plain(ActionEnded("s", "t", "other", "failed"))["took"] is None


def test_moments_are_utc_with_milliseconds() -> None:
    paris = timezone(timedelta(hours=1))
    event = UpdateSnoozed(datetime(2026, 11, 23, 4, 12, 5, 250000, tzinfo=paris))
    assert plain(event) == {"until": "2026-11-23T03:12:05.250Z"}
    assert decode(*encode(event)) == UpdateSnoozed(datetime(2026, 11, 23, 3, 12, 5, 250000, tzinfo=UTC))


@pytest.mark.parametrize("moment", ["2026-11-23T03:12:00.000", "yesterday", "", 3, None])
def test_a_moment_without_a_time_zone_is_not_believed(moment: object) -> None:
    data = {"until": moment}
    assert decode("update.snoozed/1", json.dumps(data)) == Unrecognised("update.snoozed/1", data)


def test_an_older_journal_lacks_a_field_that_came_later_with_a_default() -> None:
    assert decode("note.added/1", '{"text":"db is slow"}') == NoteAdded("db is slow", at=None)


def test_nested_facts_are_objects() -> None:
    opened = IncidentOpened("checkout", "", "drill", "full", "CET", (Layer("built-in", "a: 1\n", "00"),))
    assert plain(opened)["layers"] == [{"name": "built-in", "text": "a: 1\n", "digest": "00"}]
    assert decode(*encode(opened)) == opened


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"text"'])
def test_damaged_data_is_shown_and_not_dropped(text: str) -> None:
    assert decode("note.added/1", text) == Unrecognised("note.added/1", {"unreadable": text})


def test_text_that_is_no_unicode_can_be_stored_and_comes_back() -> None:
    note = NoteAdded("caf\udce9 \x00 \\udce9 \N{GRINNING FACE}")
    _, text = encode(note)
    assert text.encode("utf-8")
    assert decode(*encode(note)) == note
