"""A Markdown runbook becomes YAML: what becomes what, and that nothing is lost on the way."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from incidentctl.lint.engine import Setting, lint
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.targets import folder_of_text
from incidentctl.runbook.load import joined, read_layer
from incidentctl.runbook.markdown.convert import Imported, Wrong, convert
from incidentctl.runbook.model import Action, Item, Note, Question, Runbook, steps_below
from incidentctl.runbook.source import Problems

CORPUS = sorted((Path(__file__).parents[1] / "corpus" / "markdown").glob("*.md"))
NAME = Path("nowhere/shop.yaml")


def errors(text: str) -> list[Wrong]:
    """What lint calls an error."""
    setting = Setting(frozenset(CATALOGUE), date(2026, 11, 23), given={NAME: text.encode()})
    found = lint([folder_of_text(NAME)], setting).findings
    return [(one.line, f"{one.message} ({one.rule})") for one in found if one.severity == "error"]


def imported(*texts: str) -> Imported:
    return convert("shop", [(f"{number}.md", text) for number, text in enumerate(texts, 1)], errors)


def book_of(one: Imported) -> Runbook:
    """The runbook as it would be walked."""
    problems = Problems()
    layers = [read_layer(None, problems), read_layer(NAME, problems, one.text.encode())]
    book = joined("shop", layers, problems).book
    assert book is not None, problems.found
    return book


def book(*texts: str) -> Runbook:
    return book_of(imported(*texts))


def own_steps(text: str) -> list[Question | Action | Note]:
    """The steps of the tree that came from the text: the four built-in questions stand before them.

    A note at the end is an action there, or nobody would read it; here it is a note again.
    """
    steps = book(text).tree[4:]
    read = [Note(step.id, step.why) if is_to_be_read(step) and isinstance(step, Action) else step for step in steps]
    return [step for step in read if isinstance(step, Question | Action | Note)]


def is_to_be_read(step: object) -> bool:
    return isinstance(step, Action) and step.text.startswith("Read: ") and not step.run


def commands(one: Runbook) -> list[str]:
    steps = [*steps_below(one.tree), *one.first_minutes, *one.all_clear.checklist]
    return [step.run for step in steps if isinstance(step, Action | Item) and step.run]


# --- nothing is lost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_hard_file_arrives_whole_and_lints_without_errors(path: Path) -> None:
    one = imported(path.read_text(encoding="utf-8"))
    assert (one.lost, one.misread, one.problems, one.wrong) == ((), (), (), ())
    assert book_of(one).service == "shop"


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_every_word_of_a_hard_file_stands_in_the_yaml(path: Path) -> None:
    # Told apart from the importer's own check: no lines, no claims, only the words of the two texts.
    source = re.sub(
        r"(?m)^[\s>]*[`~]{3,} *(?:bash|sh|shell|console)$|^\s*\d+[.)]", "", path.read_text(encoding="utf-8")
    )
    written = set(re.findall(r"[^\W_]+", imported(source).text.replace("\\n", " ").casefold()))
    assert set(re.findall(r"[^\W_]+", source.casefold())) - written == set()


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_every_link_of_a_hard_file_is_in_the_yaml(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    written = imported(text).text
    assert [url for url in re.findall(r"https://[\w./#-]+\w", text) if url not in written] == []


def test_all_hard_files_together_are_one_runbook() -> None:
    one = imported(*(path.read_text(encoding="utf-8") for path in CORPUS))
    assert (one.lost, one.misread, one.problems, one.wrong) == ((), (), (), ())


def test_control_characters_are_replaced_and_said() -> None:
    one = imported("# Shop\n\nPress \x1b[31mred\x07 now.\n")
    assert one.problems == ()
    assert "1.md:3: control characters were replaced by `\ufffd`" in map(str, one.notes)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "---\n", "\ufeff", "[", "```", "|", "# ", "<!--", "- - - -", "\t\t\tx", "\r\r\n"]
)
def test_next_to_nothing_is_a_runbook_of_defaults(text: str) -> None:
    one = imported(text)
    assert (one.lost, one.misread, one.problems, one.wrong) == ((), (), (), ())


# --- what becomes what -------------------------------------------------------------------------------------


def test_a_text_at_the_end_is_something_to_do_so_that_it_is_read() -> None:
    last = book("## Fix\n\nAsk Ada.\n").tree[-1]
    assert isinstance(last, Action)
    assert (last.text, last.why) == ("Read: Fix", "Fix\n\nAsk Ada.")


def test_what_begins_with_code_is_not_named_after_its_fence() -> None:
    last = book("```python\nfor shop in shops:\n    shop.close()\n```\n").tree[-1]
    assert isinstance(last, Action)
    assert last.text == "Read: for shop in shops:"


def test_title_and_prose() -> None:
    one = book("# Shop: errors\n\nIt sells things.\n\n## Impact\n\nNobody can buy.\n")
    assert one.title == "Shop: errors"
    assert one.description == "It sells things.\n\nImpact\n\nNobody can buy."


def test_owner_and_review_are_read_from_front_matter_and_bold() -> None:
    one = book("---\ntitle: Shop\nlast_reviewed_on: 2026-03-04\n---\n\n**Owner:** team-shop\n")
    assert (one.title, one.owner, str(one.reviewed)) == ("Shop", "team-shop", "2026-03-04")


def test_the_day_of_an_edit_is_no_review() -> None:
    assert book("**Last updated:** 2026-03-04\n").reviewed is None


def test_a_code_block_of_commands_becomes_actions() -> None:
    steps = own_steps("## Fix\n\nLook at the pods:\n\n```bash\nkubectl get pods \\\n  -n shop\n```\n")
    assert isinstance(steps[1], Action)
    assert (steps[1].text, steps[1].run) == ("Look at the pods:", "kubectl get pods -n shop")


def test_what_a_prompt_answered_is_expected_and_the_prompt_is_gone() -> None:
    steps = own_steps("```console\n$ queuectl length payments\n10412\n$ queuectl length refunds\n3\n```\n")
    assert [(one.run, one.expect) for one in steps if isinstance(one, Action)] == [
        ("queuectl length payments", "10412"),
        ("queuectl length refunds", "3"),
    ]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("<pod-name>", "pod_name"),
        ("$POD", "pod"),
        ("${POD_NAME}", "pod_name"),
        ("{{ pod }}", "pod"),
        ("YOUR_POD", "your_pod"),
    ],
)
def test_a_placeholder_is_asked_for(written: str, name: str) -> None:
    (step,) = own_steps(f"```\nkubectl logs {written} -n shop\n```\n")
    assert isinstance(step, Action)
    assert step.run == f"kubectl logs {{{{ {name} }}}} -n shop"
    assert [need.name for need in step.needs] == [name]


def test_a_pipe_is_run_by_a_shell() -> None:
    (step,) = own_steps("```\nkubectl get pods -n shop | grep Crash\n```\n")
    assert isinstance(step, Action)
    assert step.shell


@pytest.mark.parametrize(
    "code",
    [
        "kubectl get pods -n <ns> | grep Crash",
        "for pod in a b; do\n  kubectl logs $pod\ndone",
        "export NS=shop\nkubectl get pods -n $NS",
        "cat <<EOF\nhello\nEOF",
        "kubectl delete pod checkout-0 -n shop",
        "kubectl get pods --template '{{ .items }}' -n shop",
    ],
)
def test_what_cannot_be_offered_is_a_note_in_the_words_of_the_source(code: str) -> None:
    (step,) = own_steps(f"```bash\n{code}\n```\n")
    assert isinstance(step, Note)
    assert code in step.text


def test_the_report_says_why_a_command_is_only_a_note() -> None:
    one = imported("```bash\nkubectl delete pod checkout-0 -n shop\n```\n")
    assert any("destructive-without-undo" in remark.text for remark in one.notes)


@pytest.mark.parametrize(
    ("sentence", "question", "then"),
    [
        ("If the queue is long, restart the consumers.", "The queue is long?", "restart the consumers."),
        ("In case of a full disk: call the storage team", "A full disk?", "call the storage team"),
        ("Cart is empty -> restart the sessions", "Cart is empty?", "restart the sessions"),
    ],
)
def test_a_condition_becomes_a_question(sentence: str, question: str, then: str) -> None:
    (step,) = own_steps(f"## Fix\n\n- {sentence}\n")[1:]
    assert isinstance(step, Question)
    assert (step.text, step.why, [one.text for one in step.if_yes if isinstance(one, Action)]) == (
        question,
        sentence,
        [then],
    )


def test_otherwise_is_the_no() -> None:
    (step,) = own_steps("## Fix\n\nIf it is slow, restart it.\n\nOtherwise call Ada.\n")[1:]
    assert isinstance(step, Question)
    assert [one.text for one in step.if_no if isinstance(one, Action)] == ["Otherwise call Ada."]


@pytest.mark.parametrize(
    "sentence",
    [
        "If it is slow, restart it. Then look again at the queue.",
        "If it is slow, or the queue is long, restart it.",
        "Requests go client -> proxy -> server",
    ],
)
def test_what_may_be_read_in_two_ways_is_not_taken_apart(sentence: str) -> None:
    (step,) = own_steps(f"## Fix\n\n{sentence}\n")
    assert isinstance(step, Note)
    assert sentence in step.text


def test_a_heading_that_asks_holds_its_steps() -> None:
    (step,) = own_steps("## If the queue is long\n\n```\nqueuectl drain payments\n```\n")
    assert isinstance(step, Question)
    assert step.text == "The queue is long?"
    assert [one.run for one in step.if_yes if isinstance(one, Action)] == ["queuectl drain payments"]


def test_a_table_of_symptoms_becomes_questions() -> None:
    steps = own_steps(
        "| Symptom | Cause | Fix |\n|---|---|---|\n| Carts are empty | restart | `kubectl get pods -n shop` |\n"
    )
    assert isinstance(steps[1], Question)
    assert (steps[1].text, steps[1].why) == ("Carts are empty?", "Cause: restart")


def test_severity_levels_are_read_from_a_table() -> None:
    rows = "| SEV-1 | all is down (>50%) | <15 min |\n| SEV-2 | slow | 1 h |\n"
    text = f"## Severity\n\n| Level | Meaning | Response |\n|---|---|---|\n{rows}"
    one = imported(text)
    first, second = book_of(one).levels
    assert (first.name, first.meaning, first.respond_within) == (
        "SEV-1",
        "all is down (>50%); Response: <15 min",
        "15 min",
    )
    assert [condition.text for condition in first.when] == ["all is down (over 50%)"]
    assert second.page == ("on-call", "lead")
    assert any(words.startswith("whom each level pages") for words in one.missing)


def test_severity_levels_are_read_from_a_table_in_html() -> None:
    rows = "<tr><td>P1</td><td>all is <b>down</b><tr><td>P2<td>slow</table>"
    one = book(f"<table><tr><th>Level</th><th>Meaning</th></tr>{rows}\n")
    assert [level.meaning for level in one.levels][:2] == ["all is down", "slow"]


def test_a_rejected_command_is_kept_as_it_was_written() -> None:
    steps = own_steps("```\nkubectl get pods -n <ns>\nkubectl delete pod <pod> -n <ns>\n```\n")
    assert [step.text for step in steps if isinstance(step, Note)] == ["kubectl delete pod <pod> -n <ns>"]


def test_alerts_with_a_severity_are_no_levels() -> None:
    one = book("| Severity | Alert |\n|---|---|\n| warning | A |\n| warning | B |\n")
    assert [level.name for level in one.levels] == ["P1", "P2", "P3"]


def test_people_are_those_who_can_be_reached() -> None:
    one = book(
        "## Contacts\n\n| Role | Who | How |\n|---|---|---|\n"
        "| On-call | rota | @shop-oncall |\n| Lead | Ada | ada@example.com |\n"
    )
    assert one.people["on-call"].ways == (("slack", "@shop-oncall"),)
    assert one.people["lead"].name == "Lead, Ada"


def test_what_stands_in_one_cell_is_taken_apart() -> None:
    one = book(
        "## Escalation\n\n| Role | Name | Contact |\n|---|---|---|\n"
        "| Primary on-call | Billing rotation | PagerDuty: PBILL01 |\n"
        "| Backup | rota | PagerDuty: primary, #backup |\n"
        "| Manager | Dana Q. | dana@example.com, +49 30 555 1234 |\n"
    )
    assert one.people["on-call"].ways == (("pagerduty", "PBILL01"),)
    assert one.people["on-call"].name == "Primary on-call, Billing rotation"
    assert one.people["ic-backup"].ways == (("slack", "#backup"),)
    assert one.people["lead"].name == "Manager, Dana Q."
    assert one.people["lead"].ways == (("email", "dana@example.com"), ("phone", "+49 30 555 1234"))


def test_the_yes_and_the_no_of_a_list_are_its_branches_and_no_words_in_them() -> None:
    page = "## Fix\n\nWas there a deploy in the last 2 hours?\n\n- Yes: ask Ada about `deployctl list`\n- No: go on\n"
    (step,) = own_steps(page)[1:]
    assert isinstance(step, Question)
    assert [one.text for one in step.if_yes if isinstance(one, Action)] == ["ask Ada about `deployctl list`"]
    assert [one.text for one in step.if_no] == ["go on"]


def test_a_rollback_stands_under_the_question_about_the_deploy() -> None:
    one = book("## Rollback\n\n```\nkubectl rollout undo deployment/shop -n shop\n```\n")
    deploy = one.tree[0]
    assert isinstance(deploy, Question)
    assert [(step.kind, step.run) for step in deploy.if_yes if isinstance(step, Action)] == [
        ("rollback", "kubectl rollout undo deployment/shop -n shop")
    ]


def test_first_steps_and_the_end_can_be_ticked() -> None:
    one = book("## First steps\n\n- [ ] Say that you have it\n\n## Verification\n\n1. Buy something\n")
    assert [step.text for step in one.first_minutes if isinstance(step, Item)][5:] == ["Say that you have it"]
    assert [step.text for step in one.all_clear.checklist if isinstance(step, Item)][4:] == ["Buy something"]


def test_a_text_to_send_is_taken_where_it_fits_every_incident() -> None:
    head = "## Communication\n\n**Slack:**\n\n"
    fits = book(f"{head}```\nWe look at [service]. Next update: [next update].\n```\n")
    assert fits.comms.templates[0].text == "We look at {{ service }}. Next update: {{ next_update_at }}."
    own = imported(f"{head}```\nPaying failed from 14:30 to 14:45.\n```\n")
    assert "templates:" not in own.text
    assert "14:30 to 14:45" in own.text


def test_a_text_for_support_is_never_one_for_customers() -> None:
    head = "## Communication\n\nMessage to customers:\n\n> Payments are failing.\n> We are on it.\n\n"
    one = book(f"{head}Resolved, for support:\n\n```\nThe fraud engine was down.\n```\n")
    for_customers = [text.text for text in one.comms.templates if text.audience == "customers"]
    assert for_customers[0] == "Payments are failing.\nWe are on it."
    assert not any("fraud" in text for text in for_customers)
    for above in ("For customer support:", "Tell customers nothing; internal only:"):
        assert "templates:" not in imported(f"{head[:18]}{above}\n\n```\nThe fraud engine was down.\n```\n").text


def test_links_keep_their_words_and_their_kind() -> None:
    one = book(
        "See [how it runs](https://grafana.example.com/d/shop) and <https://status.example.com>.\n\n"
        "[x]: https://wiki.example.com/a_(b) 'All'\n"
    )
    assert [(link.type, link.title, link.url) for link in one.links] == [
        ("dashboard", "how it runs", "https://grafana.example.com/d/shop"),
        ("status-page", "https://status.example.com", "https://status.example.com"),
        ("doc", "x All", "https://wiki.example.com/a_(b)"),
    ]


def test_nothing_is_invented() -> None:
    one = imported("# Shop\n\nIt sells things.\n")
    assert re.findall(r"(?m)^(\w+):", one.text) == ["format", "service", "title", "description"]
    assert {"severity levels", "people to page", "owner", "a rollback command"} <= set(one.missing)


def test_every_part_says_where_it_comes_from() -> None:
    one = imported("# Shop\n", "## Fix\n\n```\nkubectl get pods -n shop\n```\n")
    assert "# from 1.md:1\ntitle: Shop" in one.text
    assert "  # from 2.md:3\n  - action:" in one.text


def test_all_commands_of_the_corpus_are_there_to_be_run_or_read() -> None:
    one = imported((CORPUS[-1]).read_text(encoding="utf-8"))
    assert {
        "kubectl get pods -n shop",
        "queuectl length payments",
        "flagctl set payments.provider backup -n {{ namespace }}",
    } <= set(commands(book_of(one)))
    assert "kubectl delete pod YOUR_POD -n shop" in one.text


# --- the alerts that it answers to -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "# ShopDown\n\n## Meaning\n\nNobody can buy.\n",
        "# ShopDown [Deprecated]\n\nThe `ShopDown` alert fires when nobody can buy.\n",
        "**Alert:** ShopDown\n",
        "- Alert name: `ShopDown`\n",
        "| alertname | ShopDown |\n|---|---|\n| for | 5m |\n",
        "| Alert | Severity |\n|---|---|\n| ShopDown | critical |\n",
        "## Alerts\n\n- ShopDown\n",
        '##### Alert Name: "ShopDown"\n',
        "---\nalertname: ShopDown\n---\n",
    ],
)
def test_the_name_of_an_alert_is_read(text: str) -> None:
    one = imported(text)
    assert (book_of(one).alerts, one.lost) == (("ShopDown",), ())


@pytest.mark.parametrize(
    "text",
    [
        "# RabbitMQ\n\nIt keeps messages until somebody reads them; there is an alert for it.\n",
        "**Alert:** when nobody can buy\n",
        "**Alerts**: https://alerts.example.com/ShopDown\n",
        "Alert: none\n",
        "## Alerts\n\n- Look at the wall\n",
        "```\nalert: ShopDown\n```\n",
    ],
)
def test_what_is_not_called_an_alert_is_none(text: str) -> None:
    assert book(text).alerts == ()


# --- tables in HTML, and lists -----------------------------------------------------------------------------


def test_a_table_in_html_is_read_with_its_captions_and_lists() -> None:
    one = imported(
        "<table>\n<thead><tr><th>Severity</th><th>Description</th></tr></thead>\n"
        "<tr><td>SEV-1</td><td><p>all is down</p><ul><li>call</li><li>page</li></ul></td></tr>\n"
        '<tr><td colspan="2">Above this line it is major.</td></tr>\n'
        "<tr><td>SEV-2</td><td>slow<br>or odd &amp; such</td></tr>\n</table>\n"
    )
    assert (one.lost, one.misread, one.problems, one.wrong) == ((), (), (), ())
    assert [(level.name, level.meaning) for level in book_of(one).levels] == [
        ("SEV-1", "all is down call page"),
        ("SEV-2", "slow or odd & such"),
    ]
    assert "Above this line it is major." in [line.strip() for line in one.text.splitlines()]


def test_people_are_read_from_a_table_in_html_without_a_head() -> None:
    rows = "<tr><td>On-call</td><td>@shop-oncall</td></tr><tr><td>Lead</td><td>ada@example.com</td></tr>"
    one = book(f"## Contacts\n\n<table><thead></thead><tbody>{rows}</tbody></table>\n")
    assert one.people["on-call"].ways == (("slack", "@shop-oncall"),)
    assert one.people["lead"].ways == (("email", "ada@example.com"),)


def test_what_a_table_in_html_says_is_read_without_its_tags() -> None:
    one = imported("<table><tr><th>Queue</th><th>Length</th></tr><tr><td>a</td><td>3</td></tr></table>\n")
    assert [step.text for step in one.draft.steps()] == ["Queue | Length\na | 3"]


def test_several_commands_in_one_sentence_are_an_action_each() -> None:
    steps = own_steps("## Mitigation\n\n- Run `kubectl get pods -n shop` and then `kubectl get events -n shop`\n")
    assert [step.run for step in steps if isinstance(step, Action)] == [
        "kubectl get pods -n shop",
        "kubectl get events -n shop",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Run `kubectl get pods -n shop` or `kubectl get events -n shop`",
        "Do not run `kubectl get pods -n shop` and `kubectl get events -n shop`",
        "The output of `kubectl get pods -n shop` and `kubectl get events -n shop` is long",
    ],
)
def test_commands_that_may_be_a_choice_stay_a_note(sentence: str) -> None:
    assert all(isinstance(step, Note) for step in own_steps(f"## Mitigation\n\n- {sentence}\n"))


def test_a_command_in_a_question_is_where_to_look() -> None:
    (step,) = own_steps("Is the queue long (`queuectl length payments`)?\n\n- Call Ada.\n- If not, call Bob.\n")
    assert isinstance(step, Question)
    assert (step.look, len(step.if_yes), len(step.if_no)) == ("queuectl length payments", 1, 1)


def test_a_command_under_a_question_is_no_answer_to_it() -> None:
    step = own_steps("## Diagnosis\n\nIs the queue long?\n\n```\nqueuectl length payments\n```\n")[-1]
    assert isinstance(step, Action)
    assert (step.text, step.run) == ("Is the queue long?", "queuectl length payments")
