"""Deploys from Kubernetes: the rollout history that a Deployment keeps in its ReplicaSets, read with `kubectl`.

Keys: `kubernetes.deployment`, `kubernetes.namespace`, `kubernetes.context` (else those of the caller's kubeconfig).

A rollback takes an old ReplicaSet into use again; when it did, the Deployment's condition `Progressing` tells.
https://kubernetes.io/docs/concepts/workloads/controllers/deployment/
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from incidentctl.checks.deploys.deploy import Deploy, Seen, moment
from incidentctl.checks.interface import Inquiry, Unknown
from incidentctl.subprocesses import run
from incidentctl.text.escape import one_line
from incidentctl.text.foreign import mapping, mappings, text
from incidentctl.text.redact import redact

_MOST: Final = 32 << 20
_PREFIX: Final = "deployment.kubernetes.io/"
_CAUSE: Final = "kubernetes.io/change-cause"
# What client-go logs on its way to an error: `E1123 03:12:04.118 1 memcache.go:265] ...`
_LOGGED: Final = re.compile(r"[IWEF]\d{4} ")
Object = Mapping[str, object]


async def deploys(inquiry: Inquiry) -> Seen:
    """Each revision that the Deployment still knows.  Raises Unknown and Unfinished."""
    name = inquiry.required("kubernetes.deployment")
    options = [f"--{key}={value}" for key in ("namespace", "context") if (value := inquiry.text(f"kubernetes.{key}"))]
    items = await asyncio.to_thread(_items, options, inquiry.seconds)
    owner = next((one for one in items if one.get("kind") == "Deployment" and _name(one) == name), None)
    if owner is None:
        raise Unknown(f"there is no Deployment `{name}` in that namespace")
    found = [_deploy(one, owner) for one in items if one.get("kind") == "ReplicaSet" and _owned(one, owner)]
    known = tuple(one for one in found if one is not None)
    if not known:
        raise Unknown(f"the Deployment `{name}` has no ReplicaSet, so that nothing is known of its rollouts")
    return Seen(known)


def _items(options: Sequence[str], seconds: float) -> Sequence[Object]:
    """The Deployments and ReplicaSets of the namespace."""
    words = ["get", "deployments.apps,replicasets.apps", "--output=json", f"--request-timeout={max(1, int(seconds))}s"]
    done = run(["kubectl", *words, *options], seconds=seconds, most=_MOST)
    if done.status:
        lines = [line for line in done.err.decode("utf-8", "replace").splitlines() if line.strip()]
        said = next((line for line in lines if not _LOGGED.match(line)), f"it ended with {done.status}")
        raise Unknown(f"kubectl: {one_line(redact(said), 200)}")
    try:
        return mappings(mapping(json.loads(done.out)).get("items"))
    except (ValueError, RecursionError) as error:
        raise Unknown("kubectl printed something that is no JSON") from error


def _deploy(replicas: Object, owner: Object) -> Deploy | None:
    """One revision; None where it tells no time."""
    notes = _annotations(replicas)
    revision, cause = text(notes.get(f"{_PREFIX}revision")), text(notes.get(_CAUSE))
    back = f"{_PREFIX}revision-history" in notes and revision == text(_annotations(owner).get(f"{_PREFIX}revision"))
    at = (_progressed(owner) if back else None) or moment(_metadata(replicas).get("creationTimestamp"))
    if at is None:
        return None
    what = ", ".join(filter(None, (f"revision {revision}", "rolled back to" if back else "", _images(replicas), cause)))
    return Deploy(at, what, reference=_name(replicas))


def _images(replicas: Object) -> str:
    template = mapping(mapping(replicas.get("spec")).get("template"))
    containers = mappings(mapping(template.get("spec")).get("containers"))
    return " ".join(text(one.get("image")) for one in containers)


def _progressed(owner: Object) -> datetime | None:
    """When the Deployment last rolled something out."""
    conditions = mappings(mapping(owner.get("status")).get("conditions"))
    times = [moment(one.get("lastUpdateTime")) for one in conditions if one.get("type") == "Progressing"]
    return next((one for one in times if one), None)


def _owned(replicas: Object, owner: Object) -> bool:
    """A ReplicaSet names its owner by uid; one of the same name may be gone."""
    uid = _metadata(owner).get("uid")
    return any(one.get("uid") == uid for one in mappings(_metadata(replicas).get("ownerReferences")))


def _metadata(one: Object) -> Object:
    return mapping(one.get("metadata"))


def _annotations(one: Object) -> Object:
    return mapping(_metadata(one).get("annotations"))


def _name(one: Object) -> str:
    return text(_metadata(one).get("name"))
