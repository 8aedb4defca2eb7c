"""The prompts that docs/commands.md and docs/new.md promise are asked, with these values and defaults."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from incidentctl.cli.opening import Wanted, begin
from incidentctl.cli.settings import Settings
from incidentctl.cli.sketching import write_new
from incidentctl.cli.which import which
from incidentctl.cli.wiring import Desk, open_desk
from incidentctl.errors import AnswerNeeded
from incidentctl.incident.alert import AlertLabel, AlertReceived
from incidentctl.incident.paging import PageEnded
from incidentctl.incident.updates import PostStarted
from incidentctl.incident.words import Row
from incidentctl.runbook.model import Action, Check, Item, Person, Question
from incidentctl.terminal.interface import Outcome, Prompter, Screen
from incidentctl.walker import acts, pager, paging, rooms, walk
from incidentctl.walker.replies import Accepts, Several, Typed, Word
from incidentctl.walker.requests import Request
from incidentctl.walker.running import Result
from tests.walker.story import BOOK, STOPPED, Story, at_tree, opened, with_drafts

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "runbooks/answers").glob("*.yaml"))
PLACEHOLDER = re.compile(r"STEP|QUESTION|ITEM|NAME")
ITS_OWN_VALUES = re.compile(r"an? (level|near name|service|id)\b")
LIGHT = "process: light\n"
EVERY_DEFAULT = '  - {prompt: "*", repeat: true}\n'
# What the shipped walks do not come by: each is a service and its answers.
BY_ROADS_LESS_TAKEN = [
    ("", "{prompt: start.service, answer: serch}", "{prompt: triage.impact, answer: one user}",
     "{prompt: ticket.reference, answer: T-1}"),
    ("hobby", "{prompt: 'tree.*', answer: no}", "{prompt: 'tree.*', answer: no}", "{prompt: 'tree.*', answer: no}",
     "{prompt: 'tree.*', answer: no}", "{prompt: tree.exhausted, answer: {hypothesis: a full disk}}",
     "{prompt: 'tree.*.recovered', answer: yes}", "{prompt: clear.verify, answer: yes}",
     "{prompt: clear.note, answer: it was the disk}"),
    ("search", "{prompt: first.acknowledge, answer: {skip: it was seen by chance}}",
     "{prompt: triage.impact, answer: none}", "{prompt: triage.severity, answer: P1}",
     "{prompt: triage.reason, answer: nobody can search}",
     "{prompt: comms.update, answer: edit}", "{prompt: tree.recent-deploy, answer: yes}",
     "{prompt: mitigation.choice, answer: fix-forward}", "{prompt: mitigation.blocker, answer: faster}",
     "{prompt: tree.roll-back.recovered, answer: no, after: 31 min}",
     "{prompt: comms.update, answer: {snooze: 5 min}}", "{prompt: comms.snooze-reason, answer: approval}",
     "{prompt: mitigation.reconsider, answer: fix-forward}", "{prompt: mitigation.reason, answer: it is in review}",
     "{prompt: tree.roll-back.recovered, answer: no, after: 31 min}",
     "{prompt: mitigation.reconsider, answer: roll-back}", "{prompt: tree.roll-back.recovered, answer: no}",
     "{prompt: tree.slow-database, answer: yes}", "{prompt: tree.end-queries.recovered, answer: yes}",
     "{prompt: clear.verify, answer: yes}"),
    ("search", "{prompt: triage.impact, answer: degraded}", "{prompt: tree.exhausted, answer: war-room}",
     "{prompt: tree.exhausted, answer: {hypothesis: a full disk}}", "{prompt: 'tree.*.recovered', answer: yes}",
     "{prompt: clear.verify, answer: yes}"),
    ("payments", "{prompt: triage.impact, answer: down}", "{prompt: war-room.affected, answer: [ledger]}",
     "{prompt: tree.recent-deploy, answer: no}", "{prompt: tree.external-dependency, answer: yes}",
     "{prompt: 'tree.*.recovered', answer: yes}", "{prompt: clear.verify, answer: yes}"),
]  # fmt: skip

# A runbook that nobody knows anything of, and one of which a catalog says all it can: full, then light.
SKETCHED = [
    ("bare", "{prompt: new.external-users, answer: yes}", "{prompt: new.shared-on-call, answer: no}",
     "{prompt: new.slo, answer: no}"),
    ("known", "{prompt: new.external-users, answer: no}", "{prompt: new.shared-on-call, answer: no}",
     "{prompt: new.slo, answer: no}"),
]  # fmt: skip
CATALOG = """\
kind: Component
metadata:
  name: known
  title: Known
  annotations: {pagerduty.com/service-id: PKNOWN1}
  links: [{url: "https://grafana.example.com/d/known", title: Overview, icon: dashboard}]
spec: {owner: team-known}
"""


BOOK_WITH_COMMANDS = replace(
    BOOK,
    first_minutes=(*BOOK.first_minutes[:-1], Item("freeze-deploys", "Freeze", run="deployctl freeze checkout")),
    all_clear=replace(BOOK.all_clear, checklist=(Item("unfreeze", "Unfreeze", run="deployctl unfreeze checkout"),)),
)


@dataclass(frozen=True)
class Promise:
    """One row of the page: its prompts, what they take, and what Enter gives."""

    prompts: tuple[str, ...]
    values: str
    default: str


def promises() -> Iterator[Promise]:
    tables = [("commands", "Prompts"), ("new", "What is asked")]
    pages = ((ROOT / f"docs/{page}.md").read_text().split(f"\n## {title}\n")[1] for page, title in tables)
    for line in (line for page in pages for line in page.split("\n## ")[0].splitlines()):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| `"):
            yield Promise(tuple(re.findall(r"`([^`]+)`", cells[0])), *cells[1:])


PROMISES = {prompt: promise for promise in promises() for prompt in promise.prompts}


class Listening:
    """A prompter that keeps what was asked, and lets `inner` answer."""

    def __init__(self, inner: Prompter, asked: list[Request]) -> None:
        self._inner = inner
        self._asked = asked

    patient = True

    def ask(self, request: Request, screen: Screen) -> Outcome:
        self._asked.append(request)
        return self._inner.ask(request, screen)

    def tell(self, text: str) -> None:
        self._inner.tell(text)

    def take_back(self) -> None:
        raise AssertionError("nobody else writes here")

    def refused(self, message: str, hint: str) -> None:
        self._inner.refused(message, hint)


@contextlib.contextmanager
def listening_desk(store: Path, runbooks: Path, answers: Path, asked: list[Request]) -> Iterator[Desk]:
    settings = Settings(runbooks=runbooks, store=str(store), me="mara")
    with contextlib.redirect_stdout(io.StringIO()), open_desk(settings, "begin", answers=answers) as desk:
        desk.prompter = Listening(desk.prompter, asked)
        yield desk


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Request]]:
    """Everything that is asked on the shipped walks and on some others, by the row that promises it."""
    folder = tmp_path_factory.mktemp("prompts")
    requests: list[Request] = []
    for number, answers in enumerate(SHIPPED):
        service = answers.stem.split("-")[0]
        with listening_desk(folder / f"shipped{number}.db", ROOT / "runbooks", answers, requests) as desk:
            begin(desk, Wanted(service, "", None, (), drill=True))
    runbooks = folder / "runbooks"
    runbooks.mkdir()
    (runbooks / "hobby.yaml").write_text(LIGHT)
    for name in ("search", "payments"):
        (runbooks / f"{name}.yaml").write_bytes((ROOT / f"runbooks/{name}.yaml").read_bytes())
    for number, (service, *rows) in enumerate(BY_ROADS_LESS_TAKEN):
        answers = folder / f"{number}.yaml"
        answers.write_text("answers:\n" + "".join(f"  - {row}\n" for row in rows) + EVERY_DEFAULT)
        with listening_desk(folder / f"{number}.db", runbooks, answers, requests) as desk:
            begin(desk, Wanted(service, "", None, (), drill=True))
    _two_open(folder, runbooks, requests)
    _sketched(folder, requests)
    requests += [*_of_the_machine(), _of_the_other_side()]
    by_row: dict[str, list[Request]] = {}
    for request in requests:
        by_row.setdefault(row_of(request.prompt), []).append(request)
    return by_row


def _two_open(folder: Path, runbooks: Path, requests: list[Request]) -> None:
    """Two open incidents of one service: go on or another one, and then which of them."""
    answers = folder / "two.yaml"
    answers.write_text("answers:\n  - {prompt: start.open-incident, answer: new}\n")
    for _ in range(2):
        with pytest.raises(AnswerNeeded), listening_desk(folder / "two.db", runbooks, answers, requests) as desk:
            begin(desk, Wanted("hobby", "", None, (), drill=True))
    with pytest.raises(AnswerNeeded), listening_desk(folder / "two.db", runbooks, answers, requests) as desk:
        which(desk, None)


def _sketched(folder: Path, requests: list[Request]) -> None:
    """Two new runbooks, in a repository that knows one of the services."""
    root = folder / "repository"
    (root / "runbooks").mkdir(parents=True)
    (root / "catalog-info.yaml").write_text(CATALOG)
    for service, *rows in SKETCHED:
        answers = folder / f"{service}.yaml"
        answers.write_text("answers:\n" + "".join(f"  - {row}\n" for row in rows) + EVERY_DEFAULT)
        with (
            contextlib.chdir(root),
            listening_desk(folder / "new.db", root / "runbooks", answers, requests) as desk,
        ):
            write_new(desk, service, desk.settings)


def _of_the_machine() -> Iterator[Request]:
    """What is asked where the program runs something itself, which it does in no drill."""
    ending = Action("end-queries", "End them", end_queries=Check("end_queries", {"dsn": "${DB}"}))
    slow = Question("slow-database", "Is it slow?", if_yes=(ending,))
    story = at_tree(replace(BOOK, tree=(BOOK.tree[0], slow)))
    for reply in ("yes", "roll-back", "run"):
        story.says(reply)
    yield from _open(story)
    yield from _open(story.ends(STOPPED))
    yield from _open(story.says("not-run"))
    yield from _open(story.says("run").ends(Result(ok=False, status=1, output=())))
    yield from _open(story.says("no"))
    yield from _open(opened(BOOK_WITH_COMMANDS, severity="P1").until("first.freeze-deploys"))
    story.says("keep").sees("end-queries/rows", "yes", rows=(Row("4711", "4711"),)).says("yes")
    yield from _open(story)
    yield from _open(story.says(("4711",)))
    yield from _open(_at_the_checklist())
    story = opened(BOOK, severity="P1").until("comms.update").says("send")
    story.happens([PostStarted("customers", "the status page", "key")])
    yield from _open(story)
    yield from _of_the_pager()


def _of_the_pager() -> Iterator[Request]:
    """What Slack and PagerDuty can be used for, and what to do where nobody has acknowledged a page."""
    yield from (with_drafts(rooms.offered(request, "Slack")) for request in _open(opened().until("first.channel")))
    story = opened()
    labels = (AlertLabel("id", "Q1"), AlertLabel("event", "incident.triggered"))
    story.happens([AlertReceived("PagerDuty", "Payments fail", labels=labels)])
    for request in (*_open(story), walk.resolve_now(story.book, story.incident, story.now)):
        if option := pager.word(request, story.incident):
            yield pager.offered(request, option)
    people = {role: Person(role, role, (("pagerduty", f"P{role}"),)) for role in ("on-call", "lead", "ic-backup")}
    story = opened(replace(BOOK, people=people), severity="P2").until("first.page")
    for request in _open(story):
        asked = paging.offered(request, story.book, "PagerDuty")
        yield asked
        story.replies(asked, Word("page"))
    key = story.incident.pages["lead"].started.key
    story.happens([PageEnded("lead", "PagerDuty", key, "sent", id="Q1")])
    yield from _open(story.until("tree.recent-deploy").passes(paging.WAITED))


def _of_the_other_side() -> Request:
    """What is asked of whoever takes the command over."""
    story = at_tree().does(acts.OfferHandoff("Ben"))
    return walk.handoff_now(story.book, story.incident, story.now)


def _at_the_checklist() -> Story:
    """The all clear is given, and a command of the checklist is open."""
    story = at_tree(BOOK_WITH_COMMANDS).says("yes").says().says("done").says("yes").says("yes")
    return story.until("clear.unfreeze")


def _open(story: Story) -> Iterator[Request]:
    if story.request is not None:
        yield story.request


def row_of(prompt: str) -> str:
    """The name in the page that stands for `prompt`: itself, else the longest with a placeholder that fits."""
    if prompt in PROMISES:
        return prompt
    fitting = [
        name
        for name in PROMISES
        if PLACEHOLDER.search(name) and re.fullmatch(PLACEHOLDER.sub("[^.]+", re.escape(name)), prompt)
    ]
    assert fitting, f"docs/commands.md promises no prompt `{prompt}`"
    return max(fitting, key=len)


def words(cell: str) -> set[str]:
    """The words of a cell, in backticks; not the forms with a key, not options, examples and what stands for ITEM."""
    said = cell.partition("; ITEM is")[0]
    return {word for word in re.findall(r"`([^`]+)`", said) if re.fullmatch(r"[a-z][\w-]*", word)}


@pytest.mark.parametrize("name", PROMISES)
def test_every_promised_prompt_is_asked_and_takes_what_is_promised(name: str, asked: dict[str, list[Request]]) -> None:
    assert name in asked, f"no walk of this test comes by `{name}`"
    promise, accepts = PROMISES[name], [request.accepts for request in asked[name]]
    taken = {option.value for one in accepts for option in one.words}
    promised = words(promise.values)
    assert promised <= taken if ITS_OWN_VALUES.search(promise.values) else promised == taken
    assert set(re.findall(r"`\{(\w+): ", promise.values)) == {key for one in accepts for key in one.keyed}
    assert all(_takes_the_kind(one, promise.values) for one in accepts)


def _takes_the_kind(accepts: Accepts, values: str) -> bool:
    """Text, a duration and a list are taken exactly where the page says so."""
    says_text = bool(re.search(r"\btext\b|\ba name\b|any other name|an address|command line", values))
    return (accepts.text, accepts.duration, accepts.lists) == (
        says_text, values.startswith("a duration"), bool(re.search(r"\ba list\b|\bthe list\b", values)),
    )  # fmt: skip


@pytest.mark.parametrize("name", PROMISES)
def test_enter_gives_the_promised_default(name: str, asked: dict[str, list[Request]]) -> None:
    cell = PROMISES[name].default
    for request in asked[name]:
        match request.default:
            case None:
                assert cell in ("none", "the draft"), request.prompt
            case Several(values=values):
                assert (cell, values) == ("`[]`", ())
            case Word(value=value):
                assert value in words(cell) or cell == "the proposal", request.prompt
            case Typed(text=text):
                assert text
                assert cell not in ("none", "`[]`")
                assert not re.fullmatch(r"`[\w-]+`", cell), request.prompt
            case _:
                assert name in ("mitigation.estimate", "new.stable-for")
