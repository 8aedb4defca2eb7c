"""`start` and `resume`: through each of the four questions, and through everything that can be wrong before them."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Answers, Program

WALKS = ROOT / "runbooks/answers"


# --- walks -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("walk", "service", "level", "ended"),
    [
        ("checkout", "checkout", "P1", "roll-back"),
        ("checkout-slow-database", "checkout", "P2", "end-queries"),
        ("payments", "payments", "P1", "backup-provider"),
        ("checkout-cache-stampede", "checkout", "P1", "warm-keys"),
    ],
)
@pytest.mark.rule("P-TREE-1", "P-TREE-2", "P-TREE-3", "P-TREE-4")
def test_a_shipped_walk_goes_through_one_of_the_four_questions(
    program: Program, walk: str, service: str, level: str, ended: str
) -> None:
    done = program("start", service, "--title", "It fails", "--answers", str(WALKS / f"{walk}.yaml"))
    assert done.status == 0
    assert "never used" not in done.err
    assert done.out.startswith(f"{done.incident}\n")
    status = program("status", "--json").json
    assert (status["id"], status["state"], status["severity"]) == (done.incident, "closed", level)
    assert (status["mode"], status["open_prompt"], status["phase"]) == ("real", None, "done")
    assert [action["step"] for action in status["actions"]] == [ended]
    assert (status["updates"]["sent"], status["updates"]["late"]) == (2, 0)


@pytest.mark.rule("P-ROLL-4", "P-COMMS-3")
def test_time_that_passes_in_an_answers_file_makes_a_drill_in_which_things_fall_due(program: Program) -> None:
    walk = str(WALKS / "checkout-fix-forward.yaml")
    done = program("start", "checkout", "--title", "Orders fail", "--answers", walk)
    assert done.status == 0
    assert "never used" not in done.err
    status = program("status", "--json").json
    assert (status["mode"], status["state"]) == ("drill", "closed")
    assert status["updates"] == {"sent": 3, "due": 3, "late": 1}
    entries = program("timeline", "--json").json["entries"]
    prompts = [prompt for prompt, _ in groupby(entry["prompt"] for entry in entries)]
    fixing = prompts.index("mitigation.estimate")
    assert prompts[fixing + 1 : fixing + 5] == [
        "tree.roll-back.recovered", "comms.update", "comms.sent", "mitigation.reconsider",
    ]  # fmt: skip


@pytest.mark.rule("P-SEV-5")
@pytest.mark.parametrize(("typed", "proposed"), [("5%", "P2"), ("5.01%", "P1"), ("0.5%", "P2"), ("0.49%", "P3")])
def test_a_typed_number_proposes_a_level(program: Program, answers: Answers, typed: str, proposed: str) -> None:
    rows = answers(
        "first.*", "first.*", "first.*", f'{{prompt: triage.impact, answer: ["error_rate = {typed}"]}}',
        "triage.severity", rest=False,
    )  # fmt: skip
    assert program("start", "checkout", "--title", "Errors", "--answers", rows).status == 3
    assert program("status", "--json").json["severity"] == proposed


def test_the_options_of_start_answer_their_prompts(program: Program, answers: Answers) -> None:
    program("start", "payments", "--title", "Cards fail", "--severity", "p2", "--affects", "ledger", "--affects", "web")
    status = program("status", "--json").json
    assert (status["title"], status["severity"], status["affected"]) == ("Cards fail", "P2", ["ledger", "web"])
    program("resume", "--answers", answers("{prompt: clear.verify, answer: yes}", "{prompt: tree.exhausted}"))
    asked = {entry["prompt"] for entry in program("timeline", "--json").json["entries"]}
    assert not asked & {"triage.title", "triage.impact", "triage.severity", "war-room.affected"}


def test_names_and_titles_stay_on_one_line(program: Program, answers: Answers) -> None:
    rows = answers("start.runbook", rest=False)
    program("start", " my \x1b[31mshop\n", "--title", "two\nlines [/red] \u202e", "--affects", " ", "--answers", rows)
    status = program("status", "--json").json
    assert (status["service"], status["title"], status["affected"]) == ("my shop", "two lines [/red]", [])
    assert "my shop: two lines [/red]" in program("history").out


def test_an_affected_service_without_a_runbook_is_said(program: Program) -> None:
    done = program("start", "checkout", "--title", "x", "--affects", "paymets", "--affects", "search")
    said = " ".join(done.out.split())
    assert "There is no runbook for paymets; it is recorded as affected. Did you mean `payments`?" in said
    assert "no runbook for search" not in said
    assert program("status", "--json").json["affected"] == ["paymets", "search"]


def test_a_drill_is_marked_from_its_first_event(program: Program) -> None:
    program("start", "checkout", "--drill")
    first = program("timeline", "--json").json["entries"][0]
    assert (first["kind"], first["data"]["mode"]) == ("incident.opened", "drill")


# --- nobody can be asked -----------------------------------------------------------------------------------


def test_without_a_terminal_the_prompt_is_named_and_nothing_is_lost(program: Program) -> None:
    done = program("start", "checkout", "--title", "Orders fail")
    assert done.status == 3
    for word in ("`first.acknowledge`", "`done`", "{skip: REASON}", "--answers", f"resume {done.incident}"):
        assert word in done.err
    status = program("status", "--json").json
    assert (status["id"], status["open_prompt"]) == (done.incident, "first.acknowledge")


def test_a_file_that_ends_early_is_gone_on_with(program: Program, answers: Answers) -> None:
    begun = program("start", "checkout", "--title", "x", "--answers", answers("first.*", "first.*", rest=False))
    assert begun.status == 3
    assert "`first.dashboards`" in begun.err
    rest = program("resume", "--answers", answers("first.*", rest=False))
    assert rest.status == 3
    assert "`triage.impact`" in rest.err
    assert rest.out.startswith("Your last entry is ")


def test_a_value_that_is_not_allowed_ends_the_run_and_records_nothing(program: Program, answers: Answers) -> None:
    rows = answers("first.acknowledge: maybe")
    done = program("start", "checkout", "--title", "x", "--answers", rows)
    assert done.status == 2
    assert f"{rows}:2" in done.err
    assert len(program("timeline", "--json").json["entries"]) == 1


def test_rows_that_were_never_used_are_named(program: Program, answers: Answers) -> None:
    rows = answers("clear.verify: yes", "tree.no-such: yes", "{prompt: tree.roll-back.recovered, answer: yes}",
                       "tree.recent-deploy: yes")  # fmt: skip
    done = program("start", "checkout", "--title", "x", "--severity", "P1", "--answers", rows)
    assert (done.status, done.err) == (0, f"{rows}:3: this row was never used: tree.no-such\n")


@pytest.mark.parametrize(
    ("text", "status", "word"),
    [
        ("answers: [{promt: x}]", 2, "Did you mean `prompt`"),
        ("answers: {}", 2, "list"),
        ("answers: [{prompt: x, after: 5}]", 2, "no unit"),
        ("answers: [", 2, ":1:"),
        (None, 4, "cannot be read"),
    ],
)
def test_a_wrong_answers_file_is_found_before_anything_is_recorded(
    program: Program, tmp_path: Path, text: str | None, status: int, word: str
) -> None:
    file = tmp_path / "wrong.yaml"
    if text is not None:
        file.write_text(text)
    done = program("start", "checkout", "--answers", str(file))
    assert done.status == status
    assert word in done.err
    assert program("status").status == 4


def test_the_clock_of_a_real_incident_cannot_be_moved(program: Program, answers: Answers) -> None:
    program("start", "checkout", "--title", "x")
    done = program("resume", "--answers", answers("{prompt: first.*, after: 5 min}"))
    assert done.status == 2
    assert "real" in done.err
    assert len(program("timeline", "--json").json["entries"]) == 1


# --- which service, which runbook --------------------------------------------------------------------------


def test_an_unknown_service_gets_near_names_and_the_built_in_runbook(program: Program, answers: Answers) -> None:
    done = program("start", "chekout")
    assert done.status == 4
    assert "checkout" in done.err
    assert "built-in" in done.err
    assert program("status").status == 4
    done = program("start", "chekout", "--title", "x", "--answers", answers("start.runbook", rest=False))
    assert done.status == 3
    assert program("status", "--json").json["service"] == "chekout"


def test_a_near_name_can_be_chosen_instead(program: Program, answers: Answers) -> None:
    program("start", "chekout", "--answers", answers("start.runbook: checkout", rest=False))
    assert program("status", "--json").json["service"] == "checkout"


def test_without_a_service_the_menu_is_asked(program: Program, answers: Answers) -> None:
    done = program("start")
    assert done.status == 3
    assert "`start.service`" in done.err
    assert "`payments`" in done.err
    program("start", "--answers", answers("start.service: payments", rest=False))
    assert program("status", "--json").json["service"] == "payments"


def test_a_missing_folder_of_runbooks_stops_nobody(program: Program, answers: Answers, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    rows = answers("start.runbook", "first.acknowledge", rest=False)
    done = program("--runbooks", nowhere, "start", "checkout", "--title", "x", "--answers", rows)
    assert done.status == 3
    assert nowhere in done.err
    assert "`first.channel`" in done.err


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with one runbook, in which a key is misspelt."""
    folder = tmp_path / "broken"
    folder.mkdir()
    text = (ROOT / "runbooks/search.yaml").read_text()
    (folder / "search.yaml").write_text(text.replace("decision_tree:", "decision_treee:"))
    return folder


def test_a_broken_runbook_is_explained_and_the_built_in_one_is_walked(program: Program, broken: Path) -> None:
    done = program("--runbooks", str(broken), "start", "search", "--title", "x")
    assert done.status == 3
    assert re.search(r"search\.yaml:\d+:1: .*decision_treee", done.err)
    assert "Did you mean `decision_tree`" in done.err
    assert "built-in" in done.err
    assert "`first.acknowledge`" in done.err


def test_a_broken_runbook_gives_way_to_its_last_good_version(program: Program, answers: Answers, broken: Path) -> None:
    walk = answers("clear.verify: yes", "tree.recent-deploy: yes", "tree.roll-back.recovered: yes")
    first = program("start", "search", "--title", "x", "--severity", "P1", "--answers", walk).incident
    done = program("--runbooks", str(broken), "start", "search", "--title", "again", "--severity", "P1",
                   "--answers", answers("clear.verify: yes", "tree.recent-deploy: yes",
                                            "tree.roll-back.recovered: yes"))  # fmt: skip
    assert done.status == 0
    assert f"Going on with the one that {first} was opened with" in " ".join(done.err.split())
    assert "kubectl rollout undo deployment/search -n search" in done.out


def test_broken_defaults_do_not_take_a_good_runbook_away(program: Program, answers: Answers, broken: Path) -> None:
    (broken / "search.yaml").write_text((ROOT / "runbooks/search.yaml").read_text())
    (broken / "_defaults.yaml").write_text("severty: {}\n")
    rows = answers("clear.verify: yes", "tree.recent-deploy: yes", "tree.roll-back.recovered: yes")
    done = program("--runbooks", str(broken), "start", "search", "--title", "x", "--severity", "P1", "--answers", rows)
    assert done.status == 0
    assert "_defaults.yaml:1:1: " in done.err
    assert "Going on with the service's runbook alone." in " ".join(done.err.split())
    assert "kubectl rollout undo deployment/search -n search" in done.out


# --- the service's other incidents -------------------------------------------------------------------------


def test_an_open_incident_of_the_service_is_offered(program: Program, answers: Answers) -> None:
    first = program("start", "checkout", "--title", "x").incident
    asked = program("start", "checkout")
    assert asked.status == 3
    assert "`start.open-incident`" in asked.err
    assert first in asked.out
    resumed = program("start", "checkout", "--answers", answers("start.open-incident", "first.acknowledge", rest=False))
    assert "`first.channel`" in resumed.err
    assert [one["id"] for one in program("history", "--json").json["incidents"]] == [first]
    program("start", "checkout", "--answers", answers("start.open-incident: new", rest=False))
    assert len(program("history", "--json").json["incidents"]) == 2


def test_options_of_a_new_incident_are_not_silently_lost_on_an_open_one(program: Program, answers: Answers) -> None:
    program("start", "checkout", "--title", "x")
    rows = answers("start.open-incident", rest=False)
    done = program("start", "checkout", "--title", "y", "--severity", "P1", "--affects", "web", "--answers", rows)
    assert "so this was not taken over: --title, --severity, --affects." in " ".join(done.out.split())
    status = program("status", "--json").json
    assert (status["title"], status["severity"], status["affected"]) == ("x", None, [])
    assert "not taken over" not in program("start", "checkout", "--answers", rows).out


def test_a_drill_is_not_taken_for_the_real_thing(program: Program) -> None:
    program("start", "checkout", "--drill")
    assert "`first.acknowledge`" in program("start", "checkout").err


@pytest.mark.rule("P-LEARN-1")
def test_start_says_how_earlier_incidents_of_the_service_ended(program: Program) -> None:
    walk = str(WALKS / "checkout.yaml")
    first = program("start", "checkout", "--title", "Orders fail", "--answers", walk).incident
    done = program("start", "checkout", "--title", "again")
    assert f"\nEarlier: {first}  checkout  P1  closed after " in done.out
    assert "ended by: Roll back the last deploy." in " ".join(done.out.split())
    assert "Earlier" not in program("start", "payments").out


def test_resume_of_what_is_closed_records_nothing(program: Program) -> None:
    program("start", "checkout", "--title", "x", "--answers", str(WALKS / "checkout.yaml"))
    before = len(program("timeline", "--json").json["entries"])
    done = program("resume")
    assert done.status == 0
    assert "incidentctl reopen -i " in done.out
    assert len(program("timeline", "--json").json["entries"]) == before


def test_resume_says_what_others_did_and_what_fell_due(program: Program) -> None:
    incident = program("start", "checkout", "--title", "x").incident
    program("--me", "Bob", "severity", "P1")
    program("--me", "Bob", "note", "I look at the database")
    done = program("resume", incident)
    assert "Bob, " in done.out
    assert "I look at the database" in done.out
    assert "An update fell due" in done.out
    assert "Nobody else wrote" in program("resume", incident).out


# --- a format that is not known ----------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("start", "search", "--title", "x"), ("show", "search")])
def test_another_format_is_said_and_walked_as_far_as_it_is_understood(
    program: Program, tmp_path: Path, words: tuple[str, ...]
) -> None:
    text = (ROOT / "runbooks/search.yaml").read_text()
    (tmp_path / "search.yaml").write_text(text.replace("format: 1", "format: 2"))
    done = program("--runbooks", str(tmp_path), *words)
    assert "search.yaml:2:9: this program reads format 1, and not `2`\n" in done.err
    assert "Going on with what this version of incidentctl understands of it." in " ".join(done.err.split())
    assert "broken" not in done.err
    assert "format 1" not in program(*words).err
