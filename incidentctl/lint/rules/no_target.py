"""A `kubectl` command goes to whichever cluster and namespace somebody used last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, commands
from incidentctl.lint.shell import has_option, simple_commands

SLUG: Final = "no-target"
SEVERITY: Final[Severity] = "warning"

_WHERE: Final = ("-n", "--namespace", "--context", "--cluster", "--kubeconfig", "-A", "--all-namespaces", "-f",
                 "--filename", "-k", "--kustomize", "--raw", "--server", "-s")  # fmt: skip
# What lives in a namespace, by name and short name (`kubectl api-resources --namespaced=true`).  Of a custom resource
# nobody can tell from its name, so none is here.
_KINDS: Final = """
po pod pods deploy deployment deployments sts statefulset statefulsets ds daemonset daemonsets rs replicaset replicasets
rc replicationcontroller replicationcontrollers job jobs cj cronjob cronjobs svc service services ep endpoints
endpointslice endpointslices ing ingress ingresses cm configmap configmaps secret secrets sa serviceaccount
serviceaccounts pvc persistentvolumeclaim persistentvolumeclaims hpa horizontalpodautoscaler horizontalpodautoscalers
pdb poddisruptionbudget poddisruptionbudgets netpol networkpolicy networkpolicies role roles rolebinding rolebindings
ev event events quota resourcequota resourcequotas limitrange limitranges lease leases all
"""
_NAMESPACED: Final = frozenset(_KINDS.split())
# What these work on is always in a namespace.
_VERBS: Final = frozenset({"logs", "exec", "rollout", "attach", "port-forward", "cp", "expose", "autoscale", "rsh"})


def check(subject: Subject) -> Iterator[Found]:
    """`kubectl` or `oc` with neither namespace nor context, for what lives in a namespace."""
    for command in commands(subject):
        for program, *words in simple_commands(command.line):
            if program in {"kubectl", "oc"} and _needs_target(words):
                message = f"this `{program}` goes to whichever namespace was used last"
                yield Found(command.route, message, "Write `-n NAMESPACE`, and `--context` where you have several.")


def _needs_target(words: list[str]) -> bool:
    own = words[: words.index("--")] if "--" in words else words
    if has_option(own, *_WHERE):
        return False
    plain = [word.casefold() for word in own if not word.startswith("-")]
    kinds = {part.split("/")[0].split(".")[0] for word in plain[1:] for part in word.split(",")}
    return bool(plain) and (plain[0] in _VERBS or not _NAMESPACED.isdisjoint(kinds))
