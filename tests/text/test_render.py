"""Templates become words, or show where they could not."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.text import render as module
from incidentctl.text.render import (
    VARIABLES,
    Absent,
    OpenedAt,
    Reading,
    Values,
    has_hole,
    known_names,
    read,
    render,
)

OPENED = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
VALUES: Values = {
    "service": "checkout",
    "title": "{{ service }}",
    "ic": "Ada",
    "channel": Absent("not open yet"),
    "next_update_at": "03:42 CET",
    "opened_at": OpenedAt.of(OPENED),
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("{{ service }} by {{ic}}\n", "checkout by Ada"),
        ("incident-{{ opened_at.stamp }}", "incident-20261123-0312"),
        ("?from={{ opened_at.epoch_ms }}", f"?from={int(OPENED.timestamp()) * 1000}"),
        ("{{ title }}", "{{ service }}"),
        ("{{ channel }}", "not open yet"),
        ("{{ channel or 'none' }}, {{ ic or 'nobody' }}", "none, Ada"),
        ("a{% if channel %} in {{ channel }}{% endif %}.{% if ic %} IC: {{ ic }}{% endif %}", "a. IC: Ada"),
        ("{% if ic == 'Ada' %}she{% else %}he{% endif %}", "she"),
        ("{{ service|upper }} {{ 'a' ~ ic }}{# gone #}", "CHECKOUT aAda"),
    ],
)
def test_what_can_be_filled_in_is(template: str, text: str) -> None:
    assert render(template, VALUES) == text
    assert not has_hole(text)


@pytest.mark.parametrize(
    ("template", "hole"),
    [
        ("Dear {{ customer }}, sorry", "Dear [[unknown variable: customer]], sorry"),
        ("{{ customer.name|upper }}", "[[UNKNOWN VARIABLE: CUSTOMER.NAME]]"),
        ("{{ opened_at.year }}", "[[unknown variable: year]]"),
        ("{{ service.__class__ }}", "[[unknown variable: __class__]]"),
        ("{{ service.upper }}", "[[unknown variable: upper]]"),
        ("{% if customer %}Dear{% endif %} all", " all [[unknown variable: customer]]"),
        ("{{ service", "[[template error: "),
        ("{% if service %}", "[[template error: "),
        ("{{ service|nonsense }}", "[[not allowed in a template: filter nonsense]]"),
        ("{% for i in range(10**9) %}x{% endfor %}", "[[not allowed in a template: "),
        ("{{ 'a' * 999999999 }}", "[[not allowed in a template: mul]]"),
        ("{{ '%999999999d' % 1 }}", "[[not allowed in a template: mod]]"),
        ("{{ service.center(999999999) }}", "[[not allowed in a template: call]]"),
        ("{{ service|center(999999999) }}", "[[not allowed in a template: filter center]]"),
        ("{% set a = 'a' %}{{ a }}", "[[not allowed in a template: assign]]"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "[[not allowed in a template: macro]]"),
        ("{% include '/etc/passwd' %}", "[[not allowed in a template: include]]"),
        ("{{ ().__class__.__bases__ }}", "[[not allowed in a template: "),
        ("{{ service|truncate(0) }}", "[[template error: AssertionError]]"),
        ("{{ " + "(" * 4000 + "ic" + ")" * 4000 + " }}", "[[template error: "),
        ("{{ ic }}" + "x" * 10_000, "[[template longer than 10000 characters]]"),
    ],
)
def test_what_cannot_be_filled_in_leaves_a_visible_hole(template: str, hole: str) -> None:
    text = render(template, VALUES)
    assert text.startswith(hole)
    assert has_hole(text)


def test_a_short_template_with_long_values_is_bounded() -> None:
    assert render("{{ title }}" * 50, {**VALUES, "title": "x" * 1000}) == "[[text longer than 20000 characters]]"


def test_brackets_of_a_person_are_no_hole() -> None:
    assert not has_hole("see [[wiki: page]] and [[1]]")


SIMPLE = st.sampled_from(
    ["{{ service }}", "{{title}}", "{{ channel }}", "{{opened_at.stamp}}", "{{ channel or 'none' }}", "{{ ic or '' }}",
     "{% if ic %}", "{% if channel %}", "{% endif %}", "{% if opened_at %}y{% endif %}", "{{ opened_at }}",
     "{", "}", "}}", "\n", " a ", "{{ gone }}", "{# c #}", "{%", "{{"],
)  # fmt: skip


@given(st.lists(SIMPLE, max_size=8).map("".join))
def test_the_short_way_says_what_jinja_says(template: str) -> None:
    short = module._render_plain(template, VALUES)
    if short is not None:
        assert short == module._render_jinja(template, VALUES)


def test_simple_templates_do_without_jinja() -> None:
    program = """
import sys
from incidentctl.text.render import OpenedAt, render
print(render("incident-{{ opened_at.stamp }}{% if ic %} {{ ic or 'x' }}{% endif %}",
             {"opened_at": OpenedAt("20261123-0312", 0), "ic": "Ada"}))
print("jinja2" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["incident-20261123-0312 Ada", "False"]


def test_every_variable_has_a_meaning_and_a_name_of_its_own() -> None:
    assert all(variable.meaning for variable in VARIABLES)
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)


# --- before it is filled in --------------------------------------------------------------------------------

FULL: Values = {**dict.fromkeys((variable.name for variable in VARIABLES), "x"), "opened_at": OpenedAt.of(OPENED)}
EMPTY: Values = {**dict.fromkeys(FULL, ""), "opened_at": Absent("")}
PIECES = st.sampled_from([
    "words ", "{{ service }}", "{{ ic or 'nobody' }}", "{{ opened_at.stamp }}", "{% if ic %}IC{% endif %}",
    "{% if phase == 'still' %}no{% else %}some{% endif %}", "{{ title|upper }}", "{{ unknown }}", "{{ opened_at.day }}",
    "{% if region %}there{% endif %}", "{{ title|shout }}", "{{ service", "{% for x in title %}x{% endfor %}",
    "{# gone #}", "{{ title is odd_looking }}", "{single}",
])  # fmt: skip


@given(st.lists(PIECES, max_size=5).map("".join))
def test_reading_a_template_tells_whether_it_can_be_sent(template: str) -> None:
    reading = read(template)
    is_good = not reading.problem and set(reading.names) <= set(known_names())
    assert is_good is not has_hole(render(template, FULL))


@given(st.lists(PIECES, max_size=5).map("".join))
def test_no_text_is_shorter_than_its_template_says(template: str) -> None:
    reading, text = read(template), render(template, EMPTY)
    assert reading.problem or has_hole(text) or reading.shortest <= len(text)


def test_a_template_is_read_without_jinja_where_it_is_simple() -> None:
    reading = read("{{ feature }} fails.{% if next_update_at %} Until {{ next_update_at }}.{% endif %}")
    assert reading == Reading(("feature", "next_update_at"), "", len("fails."))
