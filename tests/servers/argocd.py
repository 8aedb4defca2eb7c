"""Argo CD's application, as its API describes it (`/swagger-ui` of every server, `v1alpha1Application`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.servers.answering import Answered, Asked, answering


@dataclass
class ArgoCD:
    """One application, `checkout`."""

    token: str
    url: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    operation: dict[str, Any] | None = None

    def sync(self, at: datetime, revision: str, **more: Any) -> None:  # noqa: ANN401
        """One line of the history, the oldest first as Argo CD keeps it."""
        self.history.append({
            "id": len(self.history), "revision": revision, "deployedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "deployStartedAt": f"{at:%Y-%m-%dT%H:%M:%SZ}", "initiatedBy": {"username": "ana"},
            "source": {"repoURL": "https://git.example.com/checkout", "path": "deploy", "targetRevision": "main"},
            **more,
        })  # fmt: skip

    def answer(self, asked: Asked) -> Answered:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            said = f"no session information: {asked.headers.get('authorization')}"
            return Answered(401, {"error": said, "code": 16, "message": said})
        if asked.path != "/api/v1/applications/checkout":
            return Answered(403, {"error": "permission denied", "code": 7, "message": "permission denied"})
        status: dict[str, Any] = {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}
        if self.history:
            status["history"] = self.history
        if self.operation:
            status["operationState"] = self.operation
        return Answered(200, {"metadata": {"name": "checkout", "namespace": "argocd"}, "spec": {}, "status": status})


@contextmanager
def argocd(token: str) -> Iterator[ArgoCD]:
    """A server that wants that token."""
    server = ArgoCD(token)
    with answering(server.answer) as server.url:
        yield server
