"""Every rule: its module, its page, its corpus; what is bad is found on its token, what is harmless is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incidentctl.lint.finding import Finding
from incidentctl.lint.registry import CATALOGUE, COMPARISONS, RULES
from incidentctl.lint.suppress import SUPPRESSION
from incidentctl.runbook.slugs import STRUCTURAL
from incidentctl.runbook.tree import Tree
from tests.lint.linting import CORPUS, MINIMAL, NOWHERE, ROOT, findings_of, laid_over, report_of, rules_of, written

PAGES = {path.stem: path for path in (ROOT / "docs/rules").glob("*.md")}
SLUGS = sorted(CATALOGUE)
# The Bad block of these cannot stand on a page, or shows what only a comparison with an earlier version finds.
COMPARED = {rule.SLUG for rule in COMPARISONS}
WHOLE_TREE = {"duplicate-service", "dependency-cycle", "unknown-dependency", "service-name"}
WHOLE_FILE = {"empty-file"}
ENVIRONMENT = {"PROMETHEUS_URL": "https://prometheus.example.com"}
DEAD = {
    "https://git.example.invalid/search": "git.example.invalid is not known: there is no host of that name",
    "https://wiki.example.com/search-2019": "wiki.example.com answers 404",
}


def cases(kind: str) -> list[Path]:
    """The files and the trees of the corpus that are `kind`, bad or good."""
    found = [path for path in CORPUS.glob(f"*/{kind}-*") if path.suffix != ".out" and ".before" not in path.name]
    return sorted(found)


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def findings_at(path: Path) -> list[Finding]:
    """What lint says of a case: one file, or a folder of them."""
    setting: dict[str, object] = {}
    if path.parent.name == "unset-environment":
        setting["environment"] = ENVIRONMENT
    if path.parent.name == "dead-link":
        setting["dead"] = DEAD
    if path.parent.name in COMPARED:
        before = path.with_name(f"{path.stem}.before.yaml")
        earlier = Tree(None, {before: before.read_bytes()}).load(before).book
        assert earlier is not None
        setting["earlier"] = lambda _folder, _path: earlier
    if path.is_dir():
        texts = {file.name: file.read_bytes() for file in sorted(path.rglob("*.yaml"))}
        return list(report_of(texts, **setting).findings)
    return list(findings_of(path.read_bytes(), path.stem, **setting))


def shown(finding: Finding, path: Path) -> str:
    """As the `.out` has it; in a tree the file's name comes first."""
    name = f"{Path(finding.file).relative_to(NOWHERE)}:" if path.is_dir() else ""
    return name + written(finding)


def test_registry_modules_pages_and_corpus_are_the_same_rules() -> None:
    modules = {path.stem.replace("_", "-") for path in (ROOT / "incidentctl/lint/rules").glob("*.py")} - {"--init--"}
    assert modules == {rule.SLUG for rule in RULES} | COMPARED
    assert set(CATALOGUE) == modules | set(STRUCTURAL) | set(SUPPRESSION)
    assert set(PAGES) == set(CATALOGUE)
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} == set(CATALOGUE)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_rule_has_bad_and_good_files(slug: str) -> None:
    kinds = {path.name.partition("-")[0] for path in (CORPUS / slug).iterdir()}
    assert kinds >= {"bad", "good"}


@pytest.mark.parametrize("path", cases("bad"), ids=named)
def test_what_is_bad_is_found_where_it_stands(path: Path) -> None:
    found = [shown(finding, path) for finding in findings_at(path)]
    assert "\n".join(found) + "\n" == path.with_suffix(".out").read_text()


@pytest.mark.parametrize("path", cases("good"), ids=named)
def test_the_same_words_in_a_harmless_place_are_not_found(path: Path) -> None:
    assert path.parent.name not in {finding.rule for finding in findings_at(path)}


def test_the_minimal_runbook_is_clean() -> None:
    assert findings_of(MINIMAL) == ()


def block(slug: str, heading: str) -> str:
    """The YAML under a heading of a rule's page."""
    found = re.search(rf"^## {heading}\n.*?```yaml\n(.*?)^```", PAGES[slug].read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"{slug} has no block under {heading}"
    return found[1]


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in COMPARED | WHOLE_TREE | WHOLE_FILE])
def test_the_bad_block_of_a_page_is_bad_and_the_good_one_good(slug: str) -> None:
    assert slug in rules_of(laid_over(block(slug, "Bad")), environment={}, dead=DEAD)
    assert slug not in rules_of(laid_over(block(slug, "Good")), environment={}, dead=DEAD)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_says_what_why_and_how_to_live_with_it(slug: str) -> None:
    page = PAGES[slug].read_text()
    assert page.startswith(f"# {slug}\n")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["Why", "Bad", "Good", "Suppress"]
    assert CATALOGUE[slug] in page.lower()
