"""Rollouts in Kubernetes, read by the real `kubectl` from a small API server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentctl.checks.interface import Found
from incidentctl.incident.words import Answer
from tests.checks.asked import written
from tests.checks.deploying import ago, look
from tests.needs import needs
from tests.servers.kubernetes import Cluster, cluster

KEYS = {"kubernetes.deployment": "checkout", "kubernetes.namespace": "shop", "kubernetes.context": "shop"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key, and a certificate that it signed itself, in one file."""
    key, made = (tmp_path_factory.mktemp("tls") / name for name in ("key", "certificate"))
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    new = [needs("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*new, *names, "-keyout", key, "-out", made], check=True, capture_output=True)
    made.write_bytes(key.read_bytes() + made.read_bytes())
    return made


@pytest.fixture(name="shop")
def _shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificate: Path) -> Iterator[Cluster]:
    needs("kubectl", "version", "--client")
    with cluster(certificate) as shop:
        shop.deployment("checkout", ago(days=30))
        shop.deployment("ledger", ago(days=30))
        shop.rollout("checkout", ago(days=2), 41, "registry.example.com/checkout:1.41")
        shop.rollout("ledger", ago(minutes=5), 7, "registry.example.com/ledger:7")
        monkeypatch.setenv("KUBECONFIG", str(shop.kubeconfig(tmp_path / "kubeconfig", certificate)))
        monkeypatch.setenv("HOME", str(tmp_path))  # where kubectl remembers what a server can
        yield shop


def ask(**more: str) -> Found:
    return look({**KEYS, **{f"kubernetes.{key}": value for key, value in more.items()}}, seconds=20.0)


def test_the_answer_turns_with_the_rollouts(shop: Cluster) -> None:
    found = ask()
    assert found.answer is Answer.NO
    assert found.said.endswith("2 days ago: revision 41, registry.example.com/checkout:1.41")
    shop.rollout("checkout", ago(hours=1, minutes=10), 42, "registry.example.com/checkout:1.42", "round up")
    found = ask()
    assert found.answer is Answer.YES
    assert found.said == (
        "1 deploy in the last 6 h: 14:02 UTC, 1 h 10 min ago, revision 42, registry.example.com/checkout:1.42, round up"
    )
    assert found.rows[0].text.endswith("(kubernetes checkout-0002a)")
    shop.forbidden = frozenset({"replicasets"})
    found = ask()
    assert found.answer is Answer.UNKNOWN
    assert found.said.startswith("kubernetes: kubectl: Error from server (Forbidden): replicasets.apps is forbidden")


def test_a_rollback_is_a_deploy_though_its_replicas_are_old(shop: Cluster) -> None:
    shop.rollout("checkout", ago(days=1), 42, "checkout:1.42")
    assert ask().answer is Answer.NO
    shop.roll_back("checkout", ago(hours=2), to=41, revision=43)
    found = ask()
    assert found.answer is Answer.YES
    assert "13:12 UTC, 2 h ago, revision 43, rolled back to, registry.example.com/checkout:1.41" in found.said


def test_what_is_not_there_is_no_no(shop: Cluster) -> None:
    assert "there is no Deployment `payments`" in ask(deployment="payments").said
    assert "there is no Deployment `checkout`" in ask(namespace="elsewhere").said
    shop.objects["replicasets"].clear()
    assert "has no ReplicaSet" in ask().said


def test_the_context_and_the_namespace_are_the_caller_s_own(shop: Cluster) -> None:
    assert look({"kubernetes.deployment": "checkout", "kubernetes.context": "shop"}, seconds=20.0).answer is Answer.NO
    refused = ask(context="elsewhere")
    assert refused.answer is Answer.UNKNOWN
    assert "127.0.0.1:1 was refused" in refused.said
    assert "nope" in ask(context="nope").said


def test_no_token_is_shown(shop: Cluster) -> None:
    shop.rollout("checkout", ago(hours=1), 42, "checkout:1.42")
    shop.forbidden = frozenset({"deployments"})
    assert shop.token not in written(ask())
    assert any(one.headers.get("authorization") == f"Bearer {shop.token}" for one in shop.asked)


def test_without_kubectl_it_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = ask()
    assert found.answer is Answer.UNKNOWN
    assert "`kubectl` cannot be started" in found.said


def test_a_kubectl_that_hangs_or_babbles_is_unknown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for body, said in {
        "exec tail -f /dev/null": "took",
        "echo '<html>'": "no JSON",
        "echo 'E1123 03:12:04.118 1 memcache.go:265] x' >&2; echo 'Unable to connect' >&2; exit 1": "Unable to connect",
        "echo 'password: hunter2hunter2' >&2; exit 1": "<redacted>",
        "exit 1": "it ended with 1",
    }.items():
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)
        found = look(KEYS, seconds=0.5)
        assert found.answer is Answer.UNKNOWN, body
        assert said in found.said, body
