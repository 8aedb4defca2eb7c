"""What happened, in order, in sentences."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.incident import events as ev
from incidentctl.incident.entry import Entry
from incidentctl.incident.paging import PageEscalated
from incidentctl.incident.plain import plain
from incidentctl.incident.wire import WIRE
from incidentctl.incident.words import Answer, CommsPhase
from incidentctl.journal.codec import encode
from incidentctl.reports.names import Names
from incidentctl.reports.sentences import Sentences
from incidentctl.reports.timeline import timeline, timeline_text, wrapped
from incidentctl.text.escape import columns
from tests.reports.walked import ID, MINUTE, START, TEXTS, entry, folded, generic, journal, rolled_back, sent, severity
from tests.strategies import events, journals, of_kind

BOOK = generic()


def text_of(entries: list[Entry]) -> str:
    return timeline_text(entries, folded(entries), BOOK)


@pytest.mark.parametrize("name", WIRE)
@settings(max_examples=15)
@given(st.data())
def test_every_kind_of_event_has_a_sentence(name: str, data: st.DataObject) -> None:
    event = data.draw(of_kind(WIRE[name]))
    sentence = Sentences(Names(BOOK), UTC).of(event, START)
    assert isinstance(sentence, str)
    assert sentence or name == "note.added/1"
    assert name not in sentence or name == "note.added/1"


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (severity(), "Severity P1."),
        (replace(severity("P2"), proposed="P1"), "Severity P2; proposed was P1."),
        (severity(took=MINUTE * 7), "Severity P1; the triage took 7 min, more than 5 min."),
        (severity(took=MINUTE * 5), "Severity P1."),
        (severity(reason="nobody can pay"), "Severity P1: nobody can pay"),
        (ev.PeoplePaged("P1", ("on-call", "lead"), ("lead",)), "Paged for P1: lead; not reached: on-call."),
        (ev.PeoplePaged("P1", ("lead",), ("lead",)), "Paged for P1, and reached: lead."),
        (ev.PeoplePaged("P1", ("lead",), ()), "Paged for P1: lead; nobody has answered yet."),
        (PageEscalated("lead", "next", "ic-backup"), "lead has not acknowledged the page: ic-backup is to be paged."),
        (ev.RoleAssigned("comms-lead", ""), "comms lead: vacant"),
        (ev.TreeAnswered("q", "Is it slow?", Answer.UNKNOWN, ()), "Is it slow? Not known."),
        (ev.UpdateSnoozed(START + MINUTE * 15), "Update put off until 02:05 CET; it stays due."),
        (sent(0, late=True), "Update (investigating) sent late to customers, internal; the next one by 02:20 CET."),
        (rolled_back(), "Done: Roll back the last deploy (rolled back, took 4 min, estimate 5 min)"),
        (ev.RecoveryJudged("customers-told", Answer.YES),
         "Did the numbers come back after 'Customers were told that it is resolved'? Yes."),
        (ev.MitigationBlocked("migrated"), "Not rolled back, because data is already migrated."),
        (ev.NoteAdded("as it is"), "as it is"),
        (ev.Unrecognised("bridge.opened/3", {"by": "Ada"}),
         'bridge.opened/3, written by a newer version: {"by": "Ada"}'),
    ],
)  # fmt: skip
def test_sentences_say_what_happened(event: ev.Event, sentence: str) -> None:
    from incidentctl.text.times import zone

    assert Sentences(Names(BOOK), zone("Europe/Berlin")).of(event, START) == sentence


def test_the_promised_shape() -> None:
    entries = journal((1, ev.NoteAdded("looks bad")), (2, severity(took=timedelta(seconds=90.5))))
    shape = timeline(entries, folded(entries), BOOK, START + MINUTE * 5)
    assert shape["schema"] == "incidentctl/timeline/1"
    assert shape["incident"]["id"] == ID
    assert shape["entries"][1] == {
        "seq": 2,
        "occurred_at": "2026-10-25T00:51:00.000Z",
        "recorded_at": "2026-10-25T00:51:00.000Z",
        "kind": "note.added",
        "author": "Ada",
        "role": "ic",
        "prompt": None,
        "text": "looks bad",
        "data": {"text": "looks bad", "at": None},
    }
    data = shape["entries"][2]["data"]
    assert (data["level"], data["update_every"], data["took"]) == ("P1", 1800, 90.5)


def test_scripts_get_the_journals_order_and_people_the_order_of_events() -> None:
    early = ev.NoteAdded("it began here", at=START - MINUTE * 15)
    entries = journal((10, severity()), (20, early))
    assert [one["seq"] for one in timeline(entries, folded(entries), BOOK, START)["entries"]] == [1, 2, 3]
    text = text_of(entries)
    assert text.index("it began here (written 02:10)") < text.index("Incident opened")


@pytest.mark.rule("P-COMMS-1", "P-COMMS-8")
def test_an_update_stands_behind_what_became_of_its_texts_on_their_way() -> None:
    made = START + MINUTE * 3
    written = ev.UpdateWritten("send", CommsPhase.INVESTIGATING, made, made + MINUTE * 30, TEXTS)
    way = (
        ev.PostStarted("customers", "the status page", "key"),
        ev.PostEnded("customers", "the status page", "sent", "7"),
    )
    entries = journal((3, written), (3.5, way[0]), (4, way[1]), (4.5, ev.NoteAdded("meanwhile")), (5, sent(3)))
    lines = [line for line in text_of(entries).splitlines() if line[:2] == "02"]
    assert [line[:8] for line in lines[1:]] == ["02:53:00", "02:53:30", "02:54:00", "02:54:30", "02:55:00"]
    assert [" ".join(line[24:].split()[:3]) for line in lines[1:]] == [
        "Update (investigating) written.",
        "The text for",
        "the status page",
        "meanwhile",
        "Update (investigating) sent",
    ]
    assert "(its text was written 02:53)" in " ".join(text_of(entries).split())
    shape = timeline(entries, folded(entries), BOOK, START)["entries"][-1]
    assert shape["occurred_at"] == "2026-10-25T00:53:00.000Z", "when it occurred stays what it is"


def test_an_update_that_was_recorded_at_once_says_no_more() -> None:
    assert "its text was" not in text_of(journal((3.5, sent(3))))


def test_a_note_that_is_written_at_once_is_not_called_late() -> None:
    entries = journal((10, ev.NoteAdded("now", at=START + MINUTE * 9.5)))
    assert "(written" not in text_of(entries)


def test_peer_defect_14_an_incident_over_midnight_and_over_a_clock_change() -> None:
    before_midnight = entry(2, ev.NoteAdded("strange", at=START - timedelta(hours=3)), MINUTE)
    entries = [
        *journal(),
        before_midnight,
        entry(3, ev.NoteAdded("summer"), MINUTE * 5),
        entry(4, ev.NoteAdded("winter"), MINUTE * 15),
        entry(5, ev.NoteAdded("next day", at=START + timedelta(hours=23)), timedelta(days=1, hours=8)),
    ]
    assert text_of(entries).splitlines() == [
        "checkout: Payments fail",
        ID,
        "",
        "Saturday 24 October 2026, times are CEST (UTC+02:00)",
        "23:50:00  Ada           strange (written 25 October, 02:51)",
        "",
        "Sunday 25 October 2026, times are CEST (UTC+02:00)",
        "02:50:00  Ada           Incident opened for checkout: Payments fail",
        "02:55:00  Ada           summer",
        "From here on times are CET (UTC+01:00).",
        "02:05:00  Ada           winter",
        "",
        "Monday 26 October 2026, times are CET (UTC+01:00)",
        "00:50:00  Ada           next day (written 09:50)",
    ]


@pytest.mark.rule("P-COMMS-8")
def test_texts_and_commands_stand_bare_and_whole() -> None:
    lines = text_of(journal((3, sent(3)), (9, rolled_back()))).splitlines()
    at = lines.index("To customers:")
    assert lines[at + 1 : at + 3] == TEXTS[0].text.split("\n")
    assert lines[at + 3 : at + 5] == ["To internal:", TEXTS[1].text]
    assert rolled_back().command in lines


def test_a_drill_says_so_at_the_top() -> None:
    assert text_of(journal(mode="drill")).startswith("DRILL checkout: Payments fail\n")


def test_long_notes_are_broken_and_foreign_text_cannot_write_on_the_screen() -> None:
    note = "\x1b[31m[bold]" + "word " * 40 + "\u202e\nsecond line"
    text = text_of(journal((1, ev.NoteAdded(note))))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]word" in text
    assert "\n" + " " * 24 + "second line" in text
    assert all(columns(line) <= 80 for line in text.splitlines())


@given(st.text(st.sampled_from("ab \u4f60\u0301-"), max_size=60), st.integers(2, 12))
def test_a_line_is_broken_by_its_columns_and_loses_nothing(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert lines
    assert all(columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    if columns(text) <= width:
        assert lines == [text]


@given(journals(max_size=12))
def test_any_journal_has_a_timeline(entries: list[Entry]) -> None:
    state, now = folded(entries), datetime(2041, 1, 1, tzinfo=UTC)
    shape = json.loads(json.dumps(timeline(entries, state, BOOK, now)))
    assert [one["seq"] for one in shape["entries"]] == list(range(1, len(entries) + 1))
    assert [one["prompt"] for one in shape["entries"]] == [one.prompt for one in entries]
    assert ID in timeline_text(entries, state, BOOK)


@given(events())
def test_data_is_what_the_journal_holds(event: ev.Event) -> None:
    assert plain(event) == json.loads(encode(event)[1])
