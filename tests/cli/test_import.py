"""`incidentctl import`: what it writes, what it reports, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Program

MARKDOWN = "# Shop\n\n## Fix\n\nThink first.\n\n- The sky is blue\n\n```bash\nkubectl get pods -n <ns>\n```\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "shop.md"
    path.write_text(MARKDOWN, encoding="utf-8")
    return path


def test_the_result_can_be_shown_and_lints_without_errors(program: Program, source: Path, tmp_path: Path) -> None:
    done = program("import", "shop.md", "--service", "shop", "--output", "runbooks/shop.yaml")
    assert done.status == 0, done.err
    assert "shop.md:3: kept as a note: Fix Think first. - The sky is blue" in done.err
    assert "wrote runbooks/shop.yaml" in done.err
    assert done.out == ""
    assert program("lint", "runbooks/shop.yaml").status == 0
    assert "kubectl get pods -n {{ ns }}" in program("--runbooks", str(tmp_path / "runbooks"), "show", "shop").out


def test_a_page_that_show_printed_is_the_same_runbook_again(program: Program, tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(program("show", "checkout", "--format", "markdown").out, encoding="utf-8")
    done = program("import", "page.md", "--service", "checkout", "--output", "again/checkout.yaml")
    assert (done.status, done.err) == (0, "wrote again/checkout.yaml\n")
    before = program("show", "checkout", "--json").json
    after = program("--runbooks", str(tmp_path / "again"), "show", "checkout", "--json").json
    assert {**after, "files": None} == {**before, "files": None}


def test_what_was_edited_on_a_page_arrives_and_is_said(program: Program, tmp_path: Path) -> None:
    page = program("show", "checkout", "--format", "markdown").out.replace("consumer 2Gi", "consumer 4Gi", 1)
    (tmp_path / "page.md").write_text(page, encoding="utf-8")
    done = program("import", "page.md", "--service", "checkout", "--output", "again/checkout.yaml", "--strict")
    assert done.status == 0
    assert "edited: deployctl memory payments-consumer 4Gi" in done.err
    assert "run: deployctl memory payments-consumer 4Gi" in (tmp_path / "again/checkout.yaml").read_text("utf-8")


def test_an_output_that_is_there_is_kept(program: Program, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "shop.yaml"
    output.write_text("mine", encoding="utf-8")
    done = program("import", "shop.md", "--service", "shop", "--output", "shop.yaml")
    assert (done.status, output.read_text(encoding="utf-8")) == (2, "mine")
    assert "--force" in done.err
    assert program("import", "shop.md", "--service", "shop", "--output", "shop.yaml", "--force").status == 0
    assert output.read_text(encoding="utf-8").startswith("format: 1\nservice: shop\n")


def test_strict_fails_where_anything_is_only_a_note(program: Program, source: Path, tmp_path: Path) -> None:
    assert program("import", "shop.md", "--service", "shop", "--output", "shop.yaml", "--strict").status == 1
    assert (tmp_path / "shop.yaml").exists()


def test_what_is_too_large_is_written_and_said(program: Program, tmp_path: Path) -> None:
    (tmp_path / "big.md").write_text("# Big\n\nA\u00a0" + '"' * 600_000, encoding="utf-8")  # each one is escaped
    done = program("import", "big.md", "--service", "big", "--output", "big.yaml")
    assert done.status == 1
    assert "larger than 1024 KiB" in done.err
    assert (tmp_path / "big.yaml").exists()


def test_a_secret_stays_and_is_named(program: Program, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    (tmp_path / "shop.md").write_text(f"# Shop\n\n## Fix\n\nUse the token {secret} here.\n", encoding="utf-8")
    done = program("import", "shop.md", "--service", "shop", "--output", "shop.yaml")
    assert done.status == 0
    assert "secret-in-file" in done.err


def test_bytes_that_are_no_utf_8_are_replaced_and_said(program: Program, tmp_path: Path) -> None:
    (tmp_path / "shop.md").write_bytes(b"# Caf\xe9\n")
    done = program("import", "shop.md", "--service", "shop", "--output", "shop.yaml")
    assert done.status == 0, done.err
    assert "control characters were replaced" in done.err


@pytest.mark.parametrize(
    ("words", "status"), [(["gone.md", "--service", "shop"], 4), (["shop.md", "--service", "a b"], 2)]
)
def test_what_cannot_be_done_is_said(program: Program, source: Path, words: list[str], status: int) -> None:
    assert program("import", *words, "--output", "shop.yaml").status == status
