"""Deploys by Argo CD, from a server that answers as its API is described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer
from tests.checks.asked import written
from tests.checks.deploying import ago, look
from tests.servers.argocd import ArgoCD, argocd
from tests.servers.odd_http import odd_server

TOKEN = "planted-argocd-token"  # noqa: S105 - it opens nothing
WRONG = "wrong-argocd-token"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(name="argo")
def _argo() -> Iterator[ArgoCD]:
    with argocd(TOKEN) as argo:
        argo.sync(ago(days=2), "f" * 40)
        yield argo


def ask(argo: ArgoCD, application: str = "checkout", token: str = TOKEN) -> Found:
    keys = {"argocd.url": f"{argo.url}/", "argocd.application": application}
    return look(keys, environ={"ARGOCD_TOKEN": token})


def test_the_answer_turns_with_the_syncs(argo: ArgoCD) -> None:
    assert ask(argo).said == "none since 15:12 UTC on 21 November, 2 days ago: main ffffffffff by ana"
    argo.sync(ago(hours=1, minutes=10), COMMIT)
    found = ask(argo)
    assert found.answer is Answer.YES
    assert found.said == "1 deploy in the last 6 h: 14:02 UTC, 1 h 10 min ago, main 0123456789 by ana"
    assert found.rows[0].key == "sync 1"
    argo.history.clear()
    found = ask(argo)
    assert (found.answer, found.said) == (Answer.UNKNOWN, "argocd: the application `checkout` has no sync history")


def test_a_sync_that_still_runs_is_a_deploy(argo: ArgoCD) -> None:
    argo.operation = {"phase": "Running", "startedAt": f"{ago(minutes=2):%Y-%m-%dT%H:%M:%SZ}"}
    assert "2 min ago, a sync that is still running" in ask(argo).said
    argo.operation["phase"] = "Succeeded"
    assert ask(argo).answer is Answer.NO


def test_who_and_what_as_far_as_it_is_known(argo: ArgoCD) -> None:
    chart = {"repoURL": "https://charts.example.com", "chart": "checkout", "targetRevision": "1.4.2"}
    argo.sync(ago(hours=3), "1.4.2", source=chart, initiatedBy={"automated": True})
    argo.sync(ago(hours=2), "", sources=[chart], revisions=["1.4.3", COMMIT], initiatedBy={}, source=None)
    rows = [row.text for row in ask(argo).rows]
    assert rows[0] == "13:12 UTC, 2 h ago, checkout 1.4.3, 0123456789 (argocd sync 2)"
    assert rows[1] == "12:12 UTC, 3 h ago, checkout 1.4.2 by automated sync (argocd sync 1)"


def test_who_is_not_let_in_is_told_why_and_no_token_is_shown(argo: ArgoCD) -> None:
    nobody = ask(argo, token="")
    assert nobody.answer is Answer.UNKNOWN
    assert nobody.said.endswith("(401), and ARGOCD_TOKEN is not set")
    wrong = ask(argo, token=WRONG)
    assert "refused our credentials (401)" in wrong.said
    assert WRONG not in written(wrong)
    assert "(403)" in ask(argo, "payments").said
    argo.sync(ago(hours=1), TOKEN)
    assert TOKEN not in written(ask(argo))


@pytest.mark.parametrize("history", ["x", [None, 7], [{"deployedAt": "yesterday"}], [{"deployedAt": None}], {}])
def test_a_history_of_another_shape_is_never_a_no(argo: ArgoCD, history: Any) -> None:  # noqa: ANN401
    argo.history = history
    assert ask(argo).answer is Answer.UNKNOWN


@pytest.mark.parametrize("way", ["ok", "html", "empty", "breaks-off", "waits"])
def test_a_server_that_is_none_is_unknown(way: str) -> None:
    with odd_server() as server:
        keys = {"argocd.url": server.url(f"/to?url=/{way}"), "argocd.application": "checkout"}
        found = look(keys, seconds=1.0, environ={"ARGOCD_TOKEN": TOKEN})
    assert found.answer is Answer.UNKNOWN
    assert TOKEN not in written(found)
