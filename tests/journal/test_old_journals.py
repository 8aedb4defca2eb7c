"""Journals that earlier versions wrote.  A file here is never changed; a new kind or shape of event adds lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incidentctl.incident.events import Unrecognised
from incidentctl.incident.wire import WIRE
from incidentctl.journal.codec import decode, encode

CORPUS = Path(__file__).parents[1] / "corpus" / "journals"
LINES = [line for file in sorted(CORPUS.glob("*.jsonl")) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("line", LINES, ids=lambda line: json.loads(line)["kind"])
def test_an_old_line_is_read_for_ever_and_means_the_same(line: str) -> None:
    stored = json.loads(line)
    event = decode(stored["kind"], json.dumps(stored["data"]))
    assert not isinstance(event, Unrecognised)
    kind, text = encode(event)
    again = json.loads(text)
    # A field that came later, with a default, is the one thing that may be new.
    data = {field: again[field] for field in stored["data"]}
    assert _line(kind, data) == line


def test_every_kind_of_event_has_an_old_line() -> None:
    assert {json.loads(line)["kind"] for line in LINES} == set(WIRE)


def _line(kind: str, data: object) -> str:
    return json.dumps({"kind": kind, "data": data}, ensure_ascii=False, separators=(",", ":"))
