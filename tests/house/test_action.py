"""action.yml, run as a runner would: its steps in bash, with its inputs in the environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.CSafeLoader((ROOT / "action.yml").read_text()).get_single_data()
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = [step for step in STEPS if "run" in step]
# docs.github.com, "Workflow syntax", jobs.<job_id>.steps[*].shell: what `bash` stands for.
BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
INPUT = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")


@dataclass
class Job:
    """A checked-out repository with runbooks, on a runner that has installed the program already."""

    folder: Path

    def lint(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """The last step, with these inputs, and the defaults of all others."""
        given = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
        (step,) = [step for step in SCRIPTS if step["name"] == "Lint"]
        values = {name: INPUT.sub(lambda found: given[found[1]], text) for name, text in step["env"].items()}
        environ = {**os.environ, "RUNNER_TEMP": str(self.folder / "temp"), **values}
        (self.folder / "step.sh").write_text(step["run"])
        command = [*BASH, str(self.folder / "step.sh")]
        return subprocess.run(
            command, env=environ, cwd=self.folder / "work", capture_output=True, text=True, check=False
        )

    @property
    def runbook(self) -> Path:
        return self.folder / "work/runbooks/checkout.yaml"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    shutil.copytree(ROOT / "runbooks", tmp_path / "work/runbooks")
    program = tmp_path / "temp/incidentctl/bin/incidentctl"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m incidentctl "$@"\n')
    program.chmod(0o755)
    return Job(tmp_path)


def test_the_shipped_runbooks_pass(job: Job) -> None:
    done = job.lint(strict="true")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_broken_runbook_fails_with_an_annotation_on_its_line(job: Job) -> None:
    text = job.runbook.read_text()
    job.runbook.write_text(text.replace("owner: ", "ownr: "))
    line = text[: text.index("owner: ")].count("\n") + 1
    done = job.lint()
    assert done.returncode == 1
    (told,) = done.stdout.splitlines()
    assert told.startswith(
        f"::error file=runbooks/checkout.yaml,line={line},endLine={line},col=1,endColumn=5,title=unknown-key::"
    )


def test_warnings_fail_where_they_count_and_sarif_is_written_all_the_same(job: Job) -> None:
    job.runbook.write_text(job.runbook.read_text().replace("owner: team-checkout\n", ""))
    assert job.lint().returncode == 0
    done = job.lint(strict="true", sarif="found it.sarif")
    assert done.returncode == 1
    assert done.stdout.startswith("::warning file=runbooks/checkout.yaml,line=")
    assert '"missing-owner"' in (job.folder / "work/found it.sarif").read_text()


def test_what_cannot_be_looked_at_fails(job: Job) -> None:
    assert job.lint(paths="nowhere").returncode == 4
    assert job.lint(paths="nowhere", sarif="out.sarif").returncode != 0
    assert job.lint(since="no-such-branch").returncode == 4
    assert job.lint(since="origin/").returncode == 0


def test_several_paths_are_looked_at_and_names_are_no_options(job: Job) -> None:
    (job.folder / "work/other folder").mkdir()
    (job.folder / "work/other folder/shop.yaml").write_text("format: 1\nownr: x\n")
    assert "file=other folder/shop.yaml" in job.lint(paths="runbooks\nother folder\n").stdout
    assert job.lint(paths="--help").returncode == 4


@pytest.mark.parametrize("name", sorted(ACTION["inputs"]))
def test_no_input_is_a_part_of_the_script(job: Job, name: str) -> None:
    value = "\"; touch pwned #$(touch pwned)`touch pwned`' && touch pwned && '"
    job.lint(**{name: value})
    assert not list(job.folder.rglob("pwned"))


@pytest.mark.parametrize("step", SCRIPTS, ids=lambda step: step["name"])
def test_a_script_is_bash_and_reads_everything_from_its_environment(step: dict[str, Any]) -> None:
    assert step["shell"] == "bash"
    assert "${{" not in step["run"]
    subprocess.run([*BASH, "-n"], input=step["run"], text=True, check=True)
    named = set(re.findall(r"\$\{?([A-Z_]+)", step["run"]))
    assert named == {*step["env"], "RUNNER_TEMP"}


def test_what_is_installed_is_there() -> None:
    (install,) = [step["run"] for step in SCRIPTS if step["name"] == "Install incidentctl"]
    files = re.findall(r'-r "\$HERE/([^"]+)"', install)
    assert files
    assert all((ROOT / file).is_file() for file in files)


def test_every_input_is_documented_and_used() -> None:
    text = (ROOT / "action.yml").read_text()
    page = (ROOT / "docs/lint.md").read_text()
    for name, one in ACTION["inputs"].items():
        assert one["description"]
        assert f"inputs.{name} " in text
        assert f"`{name}`" in page
