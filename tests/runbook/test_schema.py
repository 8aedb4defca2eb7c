"""The JSON Schema, by a real validator: it takes what the decoder takes, and nothing else of another shape."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from incidentctl.runbook import keys
from incidentctl.runbook.keys import Keys
from incidentctl.runbook.load import RunbookText, built_in, from_texts
from incidentctl.runbook.schema import schema, schema_text
from incidentctl.runbook.schema_words import WORDS
from tests.runbook.test_examples import EXAMPLES

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests/corpus"
BUILT_IN = ROOT / "incidentctl/runbook/builtin/runbook.yaml"
SHIPPED = [*sorted((ROOT / "runbooks").glob("*.yaml")), BUILT_IN]
LINTED = sorted(CORPUS.glob("lint/**/*.yaml"))
BROKEN = sorted(CORPUS.glob("runbooks/*.yaml"))
GENERIC = built_in("shop").texts[0]
VALIDATOR = Draft202012Validator(schema())

OF_STRUCTURE = {"unknown-key", "wrong-type", "bare-number", "conflicting-keys"}
"""What one file by itself tells, whatever the layers below it say.  A missing key may stand in one of those."""
NOT_READ = {"syntax", "encoding", "too-large", "duplicate-key"}
"""What YAML readers see to, each in its own way."""


class AsEditorsRead(yaml.CSafeLoader):
    """YAML 1.2: `true` and `false` are flags, `yes` and `no` are texts, `<<` is a key, and dates are texts."""


class AsOldToolsRead(yaml.CSafeLoader):
    """YAML 1.1, but for dates, which JSON does not have."""


def without(loader: type[yaml.CSafeLoader], *names: str) -> None:
    tags = {f"tag:yaml.org,2002:{name}" for name in names}
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in some if tag not in tags]
        for first, some in loader.yaml_implicit_resolvers.items()
    }


without(AsOldToolsRead, "timestamp")
without(AsEditorsRead, "timestamp", "bool", "merge", "int")
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))
AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("[-+]?[0-9]+$"), list("-+0123456789"))


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def read(text: str, loader: type[yaml.CSafeLoader] = AsEditorsRead) -> object:
    return loader(text).get_single_data()


def errors(data: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def slugs(text: str, *below: RunbookText) -> set[str]:
    result = from_texts("shop", [*below, RunbookText("shop.yaml", text)])
    return {problem.slug for problem in (*result.problems, *result.remarks)} - {"missing-id", "service-name"}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(schema_text()) == schema()


def test_the_file_for_editors_is_the_schema_of_this_version() -> None:
    """Otherwise: `incidentctl schema > docs/runbook.schema.json`."""
    assert (ROOT / "docs/runbook.schema.json").read_text() == schema_text()


def test_the_command_prints_it() -> None:
    command = [sys.executable, "-m", "incidentctl", "schema"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert printed.stdout == schema_text()


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_every_definition_is_there_and_used() -> None:
    definitions = schema()["$defs"]
    assert isinstance(definitions, dict)
    assert {f"#/$defs/{name}" for name in definitions} == set(references(schema()))


# --- the same verdict as the decoder's ---------------------------------------------------------------------


@pytest.mark.parametrize("loader", [AsEditorsRead, AsOldToolsRead])
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_runbooks_are_accepted(path: Path, loader: type[yaml.CSafeLoader]) -> None:
    assert errors(read(path.read_text(), loader)) == []


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_page_are_accepted(text: str) -> None:
    assert errors(read(text)) == []


@pytest.mark.parametrize("loader", [AsEditorsRead, AsOldToolsRead])
def test_what_the_decoder_takes_is_accepted(loader: type[yaml.CSafeLoader]) -> None:
    good = {path: text for path in LINTED if not slugs(text := text_of(path), GENERIC)}
    assert len(good) > 10
    assert {path: found for path, text in good.items() if (found := errors(read(text, loader)))} == {}


@pytest.mark.parametrize("path", [*BROKEN, *LINTED], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_is_of_another_shape_is_rejected(path: Path) -> None:
    found = slugs(text_of(path), GENERIC)
    if found & OF_STRUCTURE and not found & NOT_READ:
        assert errors(read(text_of(path))) != []


def test_a_step_says_which_of_its_keys_is_wrong() -> None:
    text = "decision_tree: [{ask: a, if_yes: [{action: Sleep, rum: sleep 1}]}]"
    (told,) = errors(read(text))
    assert told == ("$.decision_tree[0].if_yes[0]: Additional properties are not allowed ('rum' was unexpected)")


def test_a_text_may_look_like_anything() -> None:
    for text in ("no", "true", "12:30", "1_000", "010", "1.5", "2026-11-02"):
        written = f"title: {text}\npeople: {{lead: {{name: {text}}}}}\nalerts: [{text}]\n"
        assert slugs(written) == set()
        assert errors(read(written)) == errors(read(written, AsOldToolsRead)) == []


# --- key by key --------------------------------------------------------------------------------------------

STEP = {kind: f"decision_tree: [{{{kind}: a, id: b, @}}]" for kind in keys.TREE_STEPS}
# Each part with its table, and a runbook that holds it, as short as can be; `@` is where its keys stand.
TABLES: dict[str, tuple[Keys, str]] = {
    "runbook": (keys.RUNBOOK, "@"),
    "link": (keys.LINK, "links: [{url: a, @}]"),
    "person": (keys.PERSON, "people: {lead: {name: a, @}}"),
    "level": (keys.LEVEL, "severity: {P1: {@}}"),
    "comms": (keys.COMMS, "comms: {@}"),
    "template": (keys.TEMPLATE, "comms: {templates: [{audience: a, text: b, @}]}"),
    "all_clear": (keys.ALL_CLEAR, "all_clear: {@}"),
    "postmortem": (keys.POSTMORTEM, "postmortem: {@}"),
    "need": (keys.NEED, "decision_tree: [{action: a, needs: {pod: {ask: b, @}}}]"),
    **{kind: (table, f"sources: {{deploys: {{{kind}: {{@}}}}}}") for kind, table in keys.DEPLOYS.items()},
    "sources": (dict.fromkeys(keys.SOURCES, ""), "sources: {@}"),
    "signal": (keys.SIGNAL, "signals: {queue: {@}}"),
    "check": (keys.CHECK, "decision_tree: [{ask: a, check: {@}}]"),
    "audience": (keys.AUDIENCE, "comms: {audiences: {customers: {@}}}"),
    "dependency": (keys.DEPENDENCY, "depends_on: [{external: a, @}]"),
    "omitted step": (keys.OMITTED, "decision_tree: [{use: recent-deploy, @}]"),
    **{f"{kind} source": (table, f"sources: {{{kind}: {{@}}}}") for kind, table in keys.SOURCES.items()},
    **{
        f"{kind} channel": (table, f"comms: {{audiences: {{customers: {{{kind}: {{@}}}}}}}}")
        for kind, table in keys.CHANNELS.items()
    },
    **{
        f"{kind} act": (table, f"decision_tree: [{{action: a, {kind}: {{@}}}}]") for kind, table in keys.ACTIONS.items()
    },
    **{f"{kind} step": (keys.STEPS[kind], text) for kind, text in STEP.items()},
    "do step": (keys.STEPS["do"], "first_five_minutes: [{do: a, id: b, @}]"),
}
VALUES = ("word", "[word]", "{word: word}", "[[word]]", "[{word: word}]", "5", "5 min", "'30'", "true", "", "[]", "{}")
CASES = [(name, key) for name, (table, _) in TABLES.items() for key in table]


def test_every_key_has_its_words() -> None:
    assert {name: set(words) for name, words in WORDS.items()} == {name: set(part[0]) for name, part in TABLES.items()}


@pytest.mark.parametrize(("name", "key"), CASES, ids=map(" ".join, CASES))
def test_the_decoder_and_the_schema_agree_on_what_stands_behind_a_key(name: str, key: str) -> None:
    below = [GENERIC] if name in ("level", "omitted step") else []
    for value in VALUES:
        text = TABLES[name][1].replace("@", f"{key}: {value}")
        text = re.sub(rf"\b{key}: [ab], (?=.*\b{key}: )", "", text)  # where it is the key that makes it this part
        found, told = slugs(text, *below), errors(read(text))
        if found & OF_STRUCTURE:
            assert told, text
        elif not found and value:
            assert not told, text


def test_an_unknown_key_is_rejected_everywhere() -> None:
    for name, (_, around) in TABLES.items():
        text = around.replace("@", "wrod: 1")
        assert "unknown-key" in slugs(text, GENERIC), name
        assert errors(read(text)), name
