"""What is said to whom: each audience's text, the promised time, and the holes that must not go out."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incidentctl.comms.drafts import NO_NEWS, Drafts
from incidentctl.incident.state import Comms as Said
from incidentctl.incident.state import Impact, Incident, Severity, Update
from incidentctl.incident.words import CommsPhase, Text
from incidentctl.runbook.load import built_in
from incidentctl.runbook.model import AllClear, Audience, Comms, Link, Runbook, Template
from incidentctl.walker.replies import Accepts, Option, Typed, Word
from incidentctl.walker.requests import AskChannel, AskStep, AskUpdate, AskUpdateText, Phase, Request, Shown

NOW = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
TEMPLATES = (
    Template("customers", "own: {{ feature }} by {{ next_update_at }}.", severity="P1", phase="investigating"),
    Template("customers", "{{ feature }} is affected. Next update by {{ next_update_at }}.", phase="investigating"),
    Template("customers", "{{ feature }} works again.", phase="resolved"),
    Template("customers", "whatever else\n"),
    Template("internal", "{{ severity }} {{ service }}: {{ symptom }}. IC: {{ ic }}. Channel: {{ channel }}."),
    Template("internal", "{{ severity }} {{ service }}: no news.", phase="still"),
)
UPDATE_WORDS = Accepts(words=tuple(Option(word, word) for word in ("send", "no-progress", "edit")), keyed=("snooze",))


def book(*templates: Template, audiences: tuple[Audience, ...] = (), feature: str = "paying") -> Runbook:
    return Runbook(
        service="checkout", title="Checkout", levels=(), first_minutes=(), tree=(), all_clear=AllClear(),
        comms=Comms(feature, audiences, templates or TEMPLATES), timezone="Europe/Berlin",
    )  # fmt: skip


def incident(level: str = "P2", **changes: object) -> Incident:
    severity = Severity(level, 0, level, HALF_AN_HOUR, tree=True, decided_at=NOW)
    base = Incident(
        "20261123-0212-abc", service="checkout", title="Payments fail", timezone="Europe/Berlin", opened_at=NOW,
        severity=severity, channel="incident-20261123-0212", roles={"ic": "Ada"},
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def update(phase: CommsPhase = CommsPhase.INVESTIGATING, *, following: datetime | None = NOW + HALF_AN_HOUR) -> Request:
    ask = AskUpdate(phase, NOW, following)
    return Request("comms.update", ask, Phase.TREE, "Update:", "", UPDATE_WORDS, default=Word("send"))


def prepared(request: Request, runbook: Runbook, state: Incident) -> AskUpdate:
    ask = Drafts().prepare(request, runbook, state, NOW).ask
    assert isinstance(ask, AskUpdate)
    return ask


@pytest.mark.rule("P-COMMS-6")
def test_every_audience_gets_its_own_wording() -> None:
    ask = prepared(update(), book(), incident())
    assert ask.drafts == (
        Text("customers", "paying is affected. Next update by 03:42 CET."),
        Text("internal", "P2 checkout: Payments fail. IC: Ada. Channel: incident-20261123-0212."),
    )


@pytest.mark.rule("P-COMMS-4")
def test_the_built_in_customer_text_names_feature_team_and_clock_time() -> None:
    generic = built_in("checkout").book
    assert generic is not None
    ask = prepared(update(), generic, incident("P1", comms=Said(feature="paying")))
    text = next(one.text for one in ask.drafts if one.audience == "customers")
    assert "paying" in text
    assert "team" in text
    assert text.endswith("03:42 CET.")


@pytest.mark.rule("P-COMMS-5")
@pytest.mark.parametrize("phase", list(CommsPhase))
def test_the_built_in_internal_text_is_one_line_with_five_facts(phase: CommsPhase) -> None:
    generic = built_in("checkout").book
    assert generic is not None
    ask = prepared(update(phase), generic, incident("P1"))
    text = next(one.text for one in ask.drafts if one.audience == "internal")
    assert "\n" not in text
    assert all(fact in text for fact in ("P1", "checkout", "Payments fail", "Ada", "incident-20261123-0212"))


@pytest.mark.rule("P-COMMS-7")
def test_the_built_in_texts_have_no_hole_for_anyone_at_any_time() -> None:
    generic = built_in("checkout").book
    assert generic is not None
    everyone = tuple(Audience(name) for name in ("customers", "internal", "support", "stakeholders", "partners"))
    generic = replace(generic, comms=replace(generic.comms, audiences=everyone))
    for phase in CommsPhase:
        for following in (NOW + HALF_AN_HOUR, None):
            request = Drafts().prepare(update(phase, following=following), generic, incident(roles={}, channel=""), NOW)
            assert request.default == Word("send")
            assert request.accepts == UPDATE_WORDS
            assert len(request.shown.texts) == 5


def test_the_built_in_texts_do_without_the_import_of_jinja() -> None:
    program = """
import sys
from datetime import UTC, datetime
from incidentctl.comms.drafts import Drafts
from incidentctl.incident.words import CommsPhase
from incidentctl.incident.state import Incident
from incidentctl.runbook.load import built_in
from incidentctl.walker.replies import Accepts
from incidentctl.walker.requests import AskUpdate, Phase, Request
now = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
for phase in CommsPhase:
    ask = Request("comms.update", AskUpdate(phase, now, now), Phase.TREE, "", "", Accepts())
    print(len(Drafts().prepare(ask, built_in("checkout").book, Incident("x"), now).shown.texts) > 0)
print("jinja2" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4 + ["False"]


def test_the_most_specific_template_wins_and_the_first_of_equals() -> None:
    def text(level: str, phase: CommsPhase) -> str:
        return prepared(update(phase), book(), incident(level)).drafts[0].text

    assert text("P1", CommsPhase.INVESTIGATING) == "own: paying by 03:42 CET."
    assert text("P2", CommsPhase.RESOLVED) == "paying works again."
    assert text("P2", CommsPhase.MONITORING) == "whatever else"
    two = (
        Template("customers", "the service's", phase="resolved"),
        Template("customers", "built-in", phase="resolved"),
    )
    assert prepared(update(CommsPhase.RESOLVED), book(*two), incident()).drafts[0].text == "the service's"


def test_a_text_for_one_severity_is_not_used_in_a_phase_that_has_its_own() -> None:
    two = (Template("customers", "it fails", severity="P1"), Template("customers", "it works", phase="resolved"))
    assert prepared(update(CommsPhase.RESOLVED), book(*two), incident("P1")).drafts[0].text == "it works"


BUILT_IN = tuple(
    Template("customers", f"built-in: {phase}", phase=phase, built_in=True) for phase in [*CommsPhase, "still"]
)


@pytest.mark.parametrize("phase", CommsPhase)
def test_one_text_of_your_own_stands_before_the_built_in_ones_until_it_is_over(phase: CommsPhase) -> None:
    ours = Template("customers", "{{ feature }} is down.")
    ask = prepared(update(phase), book(ours, *BUILT_IN), incident())
    if phase is CommsPhase.RESOLVED:
        assert ask.drafts[0].text == "built-in: resolved"
    else:
        assert ask.drafts[0].text == "paying is down."
        assert ask.still[0].text == f"{NO_NEWS} paying is down."


@pytest.mark.parametrize(
    ("ours", "phase", "said"),
    [
        # It knows of the end; it is all there is for the end; it is for another severity, or another audience.
        (Template("customers", "{{ feature }} is {{ phase }}."), CommsPhase.RESOLVED, "paying is resolved."),
        (Template("customers", "{% if phase == 'resolved' %}over{% endif %}"), CommsPhase.RESOLVED, "over"),
        (Template("customers", "ours", phase="resolved"), CommsPhase.RESOLVED, "ours"),
        (Template("customers", "ours", severity="P2"), CommsPhase.MONITORING, "ours"),
        (Template("customers", "ours", severity="P1"), CommsPhase.MONITORING, "built-in: monitoring"),
        (Template("customers", "ours", phase="identified"), CommsPhase.MONITORING, "built-in: monitoring"),
        (Template("internal", "ours"), CommsPhase.MONITORING, "built-in: monitoring"),
    ],
)
def test_what_your_own_text_leaves_open_is_built_in(ours: Template, phase: CommsPhase, said: str) -> None:
    assert prepared(update(phase), book(*BUILT_IN, ours), incident("P2")).drafts[0].text == said


@pytest.mark.rule("P-COMMS-2")
def test_no_news_has_its_own_words_or_says_so_first() -> None:
    ask = prepared(update(), book(), incident())
    assert ask.still == (
        Text("customers", f"{NO_NEWS} paying is affected. Next update by 03:42 CET."),
        Text("internal", "P2 checkout: no news."),
    )


@pytest.mark.parametrize(
    ("zone_name", "made_at", "said"),
    [
        ("Europe/Berlin", datetime(2026, 11, 23, 22, 45, tzinfo=UTC), "00:15 CET on 24 November"),
        # The night in which 02:30 comes twice.
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 0, tzinfo=UTC), "02:30 CEST"),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 0, tzinfo=UTC), "02:30 CET"),
        ("Nowhere/Land", NOW, "02:42 UTC"),
    ],
)
def test_peer_defect_14_the_promised_time_is_right_over_midnight_and_a_clock_change(
    zone_name: str, made_at: datetime, said: str
) -> None:
    request = replace(update(), ask=AskUpdate(CommsPhase.INVESTIGATING, made_at, made_at + HALF_AN_HOUR))
    state = incident(timezone=zone_name)
    assert prepared(request, book(), state).drafts[0].text == f"paying is affected. Next update by {said}."


def test_what_customers_call_it_is_asked_written_or_the_title() -> None:
    asked = incident(comms=Said(feature="ordering"))
    assert "ordering" in prepared(update(), book(), asked).drafts[0].text
    assert "Checkout" in prepared(update(), book(feature=""), incident()).drafts[0].text


def test_without_a_title_the_symptom_is_what_was_said_about_the_impact() -> None:
    state = incident(title="", impact=Impact(("down", "error_rate > 5%"), (), unsure=False, proposed="P1"))
    assert "checkout: down, error_rate > 5%." in prepared(update(), book(), state).drafts[1].text


def test_a_text_with_a_hole_cannot_be_sent() -> None:
    holed = book(Template("customers", "Dear {{ customer }}"), Template("internal", "fine"))
    request = Drafts().prepare(update(), holed, incident(), NOW)
    assert request.shown.texts[0].text == "Dear [[unknown variable: customer]]"
    assert [option.value for option in request.accepts.words] == ["edit"]
    assert request.accepts.keyed == ("snooze",)
    assert request.default is None
    assert any("hole" in line for line in request.shown.said)


def test_a_hole_in_the_text_without_news_closes_that_way_alone() -> None:
    holed = book(
        Template("customers", "fine"), Template("customers", "{{ x }}", phase="still"), Template("internal", "y")
    )
    request = Drafts().prepare(update(), holed, incident(), NOW)
    assert [option.value for option in request.accepts.words] == ["send", "edit"]
    assert request.default == Word("send")


def test_a_hole_is_no_default_for_the_text_in_own_words() -> None:
    request = Request(
        "comms.text", AskUpdateText(), Phase.TREE, "Text:", "", Accepts(text=True), Typed("[[no text for: x]]")
    )
    assert Drafts().prepare(request, book(), incident(), NOW).default is None
    whole = replace(request, default=Typed("We are on it."))
    assert Drafts().prepare(whole, book(), incident(), NOW) == whole


def told(*texts: Text) -> Incident:
    return incident(comms=Said(last_texts=texts, last_sent_at=NOW, sent=1))


@pytest.mark.rule("P-COMMS-6")
@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            Text("customers", "paying is affected. Next update by 02:42 CET."),
            "Same as the last one, with the new time.",
        ),
        (Text("customers", "paying is affected. Next update by 03:42 CET."), "The same as the last one."),
        (
            Text("customers", "ordering is affected. Next update by 02:42 CET."),
            "Since the last update: + paying\n  - ordering",
        ),
        (Text("internal", "P2 checkout: new."), "Since the last update for internal: + Payments fail. IC: Ada. Cha"),
        (Text("board", "It fails."), ""),
    ],
)
def test_above_an_update_stands_what_changed_since_the_last_one(last: Text, said: str) -> None:
    shown = Drafts().prepare(update(), book(), told(last), NOW).shown
    assert "\n".join(shown.said).startswith(said)
    assert bool(shown.said) == bool(said)


def test_the_first_update_has_nothing_to_be_compared_with() -> None:
    assert Drafts().prepare(update(), book(), incident(), NOW).shown.said == ()


def test_next_to_ones_own_words_stands_what_was_sent_last_and_when() -> None:
    state = told(Text("internal", "P2, still."), Text("customers", "It fails.\nSorry."))
    pending = Update("edit", CommsPhase.INVESTIGATING, NOW, None, (Text("customers", "It works."),))
    state = replace(state, comms=replace(state.comms, pending=pending))
    request = Request("comms.text", AskUpdateText(), Phase.TREE, "Text:", "", Accepts(text=True), Typed("It works."))
    made = Drafts().prepare(request, book(), state, NOW)
    last = ("Sent last, 03:12 CET:", "  It fails.", "  Sorry.")
    assert made.shown.said == last
    assert made.ask == AskUpdateText((*last, "Since the last update: + works.", "  - fails. Sorry."))


def test_an_audience_without_any_text_has_a_hole() -> None:
    request = Drafts().prepare(update(), book(Template("customers", "x")), incident(), NOW)
    assert request.shown.texts[1] == Text("internal", "[[no text for: internal]]")
    assert request.default is None


def test_a_text_that_is_too_long_stays_whole_with_a_warning() -> None:
    long = book(Template("customers", "x" * 600), audiences=(Audience("customers", max_length=500),))
    request = Drafts().prepare(update(), long, incident(), NOW)
    assert request.shown.texts == (Text("customers", "x" * 600),)
    assert request.shown.said == ("The text for customers has 600 characters; 500 fit there.",)
    assert request.default == Word("send")


def test_control_characters_of_a_title_do_not_reach_a_text() -> None:
    state = incident(title="Pay\x1b[31mments\u202e fail [/api/v1]\n{{ ic }}")
    text = prepared(update(), book(), state).drafts[1].text
    assert text == "P2 checkout: Payments fail [/api/v1] {{ ic }}. IC: Ada. Channel: incident-20261123-0212."


@pytest.mark.rule("P-FIRST-2")
@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("incident-{{ opened_at.stamp }}", "incident-20261123-0212"),
        ("{{ service|upper }}-{{ opened_at.stamp }}", "CHECKOUT-20261123-0212"),
        ("{{ nonsense }}", "incident-20261123-0212"),
        ("", "incident-20261123-0212"),
    ],
)
def test_the_channel_is_proposed_from_the_incidents_time(template: str, name: str) -> None:
    request = Request("first.channel", AskChannel(template), Phase.FIRST_MINUTES, "Channel:", "", Accepts(text=True))
    assert Drafts().prepare(request, book(), incident(), NOW).default == Typed(name)


def test_links_get_their_addresses_with_values_quoted() -> None:
    links = (
        Link("dashboard", "Overview", "https://g.example.com/d?from={{ opened_at.epoch_ms }}"),
        Link("logs", "Logs", "https://l.example.com/?q={{ title }}"),
        Link("doc", "Plain", "https://d.example.com/#a"),
    )
    request = Request(
        "first.dashboards", AskStep("dashboards", "Look"), Phase.FIRST_MINUTES, "Look", "", Accepts(),
        shown=Shown(links=links),
    )  # fmt: skip
    shown = Drafts().prepare(request, book(), incident(title="50 % & more"), NOW).shown.links
    assert [link.url for link in shown] == [
        f"https://g.example.com/d?from={int(NOW.timestamp()) * 1000}",
        "https://l.example.com/?q=50%20%25%20%26%20more",
        "https://d.example.com/#a",
    ]


def test_any_other_question_stays_as_it_is() -> None:
    request = Request("first.acknowledge", AskStep("acknowledge", "Ack"), Phase.FIRST_MINUTES, "Ack", "", Accepts())
    assert Drafts().prepare(request, book(), incident(), NOW) == request
