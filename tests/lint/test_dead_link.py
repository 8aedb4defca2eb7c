"""`lint --online`: links that are dead, on a real server; and nothing of the network without it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentctl.lint.engine import Setting, lint
from incidentctl.lint.online import Judged, judged, judged_addresses
from incidentctl.lint.registry import CATALOGUE
from incidentctl.lint.targets import folders
from tests.lint.linting import MINIMAL, TODAY
from tests.servers.odd_http import OddServer, odd_server

DASHBOARD = "https://grafana.example.com/d/shop"


@pytest.fixture(name="odd")
def _odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with odd_server() as server:
        yield server


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


def put(folder: Path, **services: str) -> Path:
    """Runbooks in `folder`, each with this link in place of its dashboard."""
    runbooks = folder / "runbooks"
    runbooks.mkdir(exist_ok=True)
    for name, link in services.items():
        text = MINIMAL.replace("service: shop", f"service: {name}").replace(DASHBOARD, link)
        (runbooks / f"{name}.yaml").write_text(text)
    return runbooks


@pytest.mark.parametrize("path", ["/status?is=404", "/status?is=410", "/to?url=/nowhere"])
def test_a_page_that_is_gone_is_dead(odd: OddServer, path: str) -> None:
    url = odd.url(path)
    found = judged_addresses([url])
    assert list(found.dead) == [url]
    assert found.dead[url].startswith(f"{odd.host} answers 4")


def test_a_host_that_refuses_or_is_not_known_is_dead() -> None:
    refused = nobody()
    found = judged_addresses([refused, "http://[::1/"])
    assert found == Judged({refused: f"{refused[7:-1]} refused the connection"}, 1, 2)


@pytest.mark.parametrize("path", [f"/status?is={status}" for status in (401, 403, 429, 400, 500, 503)] + ["/hangs-up"])
def test_what_only_others_can_open_is_not_judged(odd: OddServer, path: str) -> None:
    assert judged_addresses([odd.url(path)]) == Judged({}, 1, 1)


def test_a_host_that_does_not_answer_is_not_asked_for_ever(odd: OddServer) -> None:
    found = judged_addresses(odd.url(f"/hangs-up?n={number}") for number in range(60))
    assert found == Judged({}, 60, 60)
    assert len(odd.asked) < 40


def test_get_is_asked_where_head_is_not_known(odd: OddServer) -> None:
    assert judged_addresses([odd.url("/no-head")]) == Judged({}, 0, 1)
    assert [asked.method for asked in odd.asked] == ["HEAD", "GET"]


def test_no_more_of_a_page_is_read_than_is_needed(odd: OddServer) -> None:
    assert judged_addresses([odd.url("/a-gigabyte"), odd.url("/ok")]) == Judged({}, 0, 2)


def test_each_address_is_asked_once_for_all_files(odd: OddServer, tmp_path: Path) -> None:
    runbooks = put(tmp_path, shop=odd.url("/ok"), search=odd.url("/ok"), cart=odd.url("/nowhere"))
    found = judged(folders([runbooks]), {}, TODAY)
    assert (list(found.dead), found.asked) == ([odd.url("/nowhere")], 2)
    assert sorted(asked.path for asked in odd.asked if asked.method == "HEAD") == ["/nowhere", "/ok"]


def test_what_is_filled_in_later_is_not_asked(odd: OddServer, tmp_path: Path) -> None:
    runbooks = put(tmp_path, shop=odd.url("/{{ id }}"), search=odd.url("/${TOKEN}"), cart="mailto:cart@example.com")
    assert judged(folders([runbooks]), {}, TODAY) == Judged({}, 0, 0)
    assert odd.asked == []


def test_a_link_of_a_file_that_was_not_meant_is_not_asked(odd: OddServer, tmp_path: Path) -> None:
    runbooks = put(tmp_path, shop=odd.url("/ok"), search=odd.url("/nowhere"))
    assert judged(folders([runbooks / "shop.yaml"]), {}, TODAY).asked == 1


def test_the_finding_stands_on_the_address(odd: OddServer, tmp_path: Path) -> None:
    url = odd.url("/nowhere")
    chosen = folders([put(tmp_path, shop=url)])
    found = judged(chosen, {}, TODAY)
    (finding,) = lint(chosen, Setting(frozenset({"dead-link"}), TODAY, dead=found.dead)).findings
    assert (finding.rule, finding.severity) == ("dead-link", "warning")
    assert finding.message == f"the link is dead: {odd.host} answers 404"
    text = (tmp_path / "runbooks/shop.yaml").read_text().splitlines()[finding.line - 1]
    assert text[finding.column - 1 :].startswith(f'"{url}"')


# --- the command -------------------------------------------------------------------------------------------


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`incidentctl lint` in a process of its own, which at last says whether it has loaded httpx."""
    script = (
        "import sys\nfrom incidentctl.cli.main import main\n"
        "try:\n    main()\nfinally:\n    print('httpx' in sys.modules, file=sys.stderr)\n"
    )
    words = ("lint", str(folder), *words)
    return subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)


def test_without_online_nothing_is_asked_and_httpx_is_not_loaded(odd: OddServer, tmp_path: Path) -> None:
    done = command(put(tmp_path, shop=odd.url("/nowhere")))
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 file, nothing found.\n", "False\n")
    assert odd.asked == []


def test_online_tells_what_is_dead_and_how_many_cannot_be_judged(odd: OddServer, tmp_path: Path) -> None:
    runbooks = put(tmp_path, shop=odd.url("/nowhere"), search=odd.url("/status?is=403"))
    done = command(runbooks, "--online", "--strict")
    assert done.returncode == 1
    assert f"the link is dead: {odd.host} answers 404" in done.stdout
    assert done.stderr == ("1 of 2 links could not be judged: behind a login, asked too often, or too slow\nTrue\n")


def test_a_link_that_came_back_is_found_at_once(odd: OddServer, tmp_path: Path) -> None:
    runbooks = put(tmp_path, shop=odd.url("/status?is=404"))
    assert "dead-link" in command(runbooks, "--online").stdout
    assert "nothing found" in command(runbooks).stdout
    put(tmp_path, shop=odd.url("/ok"))
    assert "nothing found" in command(runbooks, "--online").stdout


def test_nothing_is_asked_for_a_rule_that_is_not_chosen(odd: OddServer, tmp_path: Path) -> None:
    done = command(put(tmp_path, shop=odd.url("/nowhere")), "--online", "--ignore", "dead-link")
    assert (done.returncode, odd.asked) == (0, [])
    assert "dead-link" in CATALOGUE
