"""The few paths of a Kubernetes API server that `kubectl get deployments,replicasets` asks for.

Discovery as https://kubernetes.io/docs/reference/using-api/api-concepts/ has it, in its first form, which every
kubectl understands; objects as the controller of Deployments writes them; refusals are `Status` objects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.servers.answering import Answered, Asked, answering

APPS: Final = "apps/v1"
KINDS: Final = {"deployments": "Deployment", "replicasets": "ReplicaSet"}
NOTES: Final = "deployment.kubernetes.io"


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@dataclass
class Cluster:
    """One namespace, `shop`, with the Deployments that were rolled out into it."""

    url: str = ""
    token: str = "sesame-cluster-token"  # noqa: S105 - it opens nothing
    forbidden: frozenset[str] = frozenset()
    asked: list[Asked] = field(default_factory=list)
    objects: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in KINDS})

    def deployment(self, name: str, made: datetime) -> None:
        self.objects["deployments"].append({
            "metadata": {"name": name, "namespace": "shop", "uid": f"uid-of-{name}", "creationTimestamp": stamp(made),
                         "annotations": {}},
            "spec": {}, "status": {"conditions": []},
        })  # fmt: skip

    def rollout(self, name: str, at: datetime, revision: int, image: str, cause: str = "") -> None:
        """A new ReplicaSet, and the Deployment on it."""
        notes = {f"{NOTES}/revision": str(revision), **({"kubernetes.io/change-cause": cause} if cause else {})}
        owner = {"apiVersion": APPS, "kind": "Deployment", "name": name, "uid": f"uid-of-{name}", "controller": True}
        self.objects["replicasets"].append({
            "metadata": {"name": f"{name}-{revision:05x}", "namespace": "shop", "creationTimestamp": stamp(at),
                         "annotations": notes, "ownerReferences": [owner]},
            "spec": {"replicas": 3, "template": {"spec": {"containers": [{"name": "main", "image": image}]}}},
            "status": {"replicas": 3},
        })  # fmt: skip
        self._progressed(name, at, revision)

    def roll_back(self, name: str, at: datetime, to: int, revision: int) -> None:
        """`kubectl rollout undo`: the old ReplicaSet is given the next revision, and remembers the one it had."""
        for one in self.objects["replicasets"]:
            notes = one["metadata"]["annotations"]
            if notes[f"{NOTES}/revision"] == str(to) and one["metadata"]["name"].startswith(f"{name}-"):
                notes |= {f"{NOTES}/revision": str(revision), f"{NOTES}/revision-history": str(to)}
        self._progressed(name, at, revision)

    def _progressed(self, name: str, at: datetime, revision: int) -> None:
        for one in self.objects["deployments"]:
            if one["metadata"]["name"] == name:
                one["metadata"]["annotations"][f"{NOTES}/revision"] = str(revision)
                one["status"]["conditions"] = [
                    {"type": "Available", "status": "True", "lastUpdateTime": "2020-01-01T00:00:00Z"},
                    {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable",
                     "lastUpdateTime": stamp(at)},
                ]  # fmt: skip

    def answer(self, asked: Asked) -> Answered:
        self.asked.append(asked)
        match asked.path.strip("/").split("/"):
            case ["version"]:
                return Answered(200, {"major": "1", "minor": "30", "gitVersion": "v1.30.0"})
            case ["api"]:
                return Answered(200, {"kind": "APIVersions", "versions": ["v1"]})
            case ["apis"]:
                version = {"groupVersion": APPS, "version": "v1"}
                group = {"name": "apps", "versions": [version], "preferredVersion": version}
                return Answered(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]})
            case ["api", "v1"]:
                return Answered(200, {"kind": "APIResourceList", "groupVersion": "v1", "resources": []})
            case ["apis", "apps", "v1"]:
                resources = [
                    {
                        "name": name,
                        "singularName": name[:-1],
                        "namespaced": True,
                        "kind": kind,
                        "verbs": ["get", "list"],
                    }
                    for name, kind in KINDS.items()
                ]
                return Answered(200, {"kind": "APIResourceList", "groupVersion": APPS, "resources": resources})
            case ["apis", "apps", "v1", "namespaces", namespace, name] if name in KINDS:
                return self._list(asked, namespace, name)
            case _:
                return Answered(404, {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404})

    def _list(self, asked: Asked, namespace: str, name: str) -> Answered:
        assert asked.headers["authorization"] == f"Bearer {self.token}"
        if name in self.forbidden:
            said = f'{name}.apps is forbidden: User "ana" cannot list resource "{name}" in API group "apps"'
            return Answered(403, {
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403,
                "message": f'{said} in the namespace "{namespace}"', "details": {"group": "apps", "kind": name},
            })  # fmt: skip
        items = [{"apiVersion": APPS, "kind": KINDS[name], **one} for one in self.objects[name] if namespace == "shop"]
        return Answered(
            200,
            {"kind": f"{KINDS[name]}List", "apiVersion": APPS, "metadata": {"resourceVersion": "7"}, "items": items},
        )

    def kubeconfig(self, path: Path, certificate: Path) -> Path:
        """Two contexts: `shop`, and the current one, where nobody answers."""
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "elsewhere",
            "clusters": [{"name": "c", "cluster": {"server": self.url, "certificate-authority": str(certificate)}},
                         {"name": "gone", "cluster": {"server": "http://127.0.0.1:1"}}],
            "users": [{"name": "u", "user": {"token": self.token}}],
            "contexts": [{"name": "shop", "context": {"cluster": "c", "user": "u", "namespace": "shop"}},
                         {"name": "elsewhere", "context": {"cluster": "gone", "user": "u"}}],
        }))  # fmt: skip
        return path


@contextmanager
def cluster(certificate: Path) -> Iterator[Cluster]:
    """An API server on the loopback; by https, for kubectl tells nobody else its token."""
    one = Cluster()
    with answering(one.answer, certificate) as one.url:
        yield one
