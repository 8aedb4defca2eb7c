"""Commands after which something is gone.

Counted are those that delete, drop, empty or overwrite; a restart, a scale-down to more than nothing and the end of a
query are not.  What public runbooks destroy with stands first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from incidentctl.lint.shell import Words, has_option, simple_commands

_GONE: Final = "shred wipefs dropdb dropuser pg_dropcluster lvremove vgremove pvremove truncate unlink userdel groupdel"
_ALWAYS: Final = frozenset(_GONE.split())
_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "kubectl": ("delete", "drain", "replace --force", "scale --replicas=0", "scale --replicas 0"),
    "oc": ("delete", "drain", "replace --force", "scale --replicas=0", "scale --replicas 0"),
    "helm": ("uninstall", "delete"),
    "terraform": ("destroy", "apply -destroy", "state rm"),
    "tofu": ("destroy", "apply -destroy", "state rm"),
    "pulumi": ("destroy",),
    "docker": ("rm", "rmi", "prune"),
    "podman": ("rm", "rmi", "prune"),
    "docker-compose": ("down -v", "rm"),
    "git": ("push --force", "push -f", "reset --hard", "branch -D", "filter-branch"),
    "redis-cli": ("flushall", "flushdb", "del", "unlink"),
    "valkey-cli": ("flushall", "flushdb", "del", "unlink"),
    "etcdctl": ("del",),
    "consul": ("kv delete",),
    "vault": ("delete", "destroy"),
    "zfs": ("destroy",),
    "zpool": ("destroy",),
    "mysqladmin": ("drop",),
    "rabbitmqctl": ("purge_queue", "delete_queue", "reset", "force_reset"),
    "rabbitmqadmin": ("delete", "purge"),
    "nomad": ("-purge",),
    "crontab": ("-r",),
    "find": ("-delete", "-exec rm"),
    "rsync": ("--delete",),
    "rclone": ("delete", "purge"),
    "iptables": ("-F", "--flush"),
    "curl": ("-X DELETE", "-XDELETE", "--request DELETE", "--request=DELETE"),
    "http": ("DELETE",),
    "gcloud": ("delete",),
    "gsutil": ("rm", "rb"),
    "az": ("delete", "purge"),
    "heroku": ("destroy", "apps:destroy", "addons:destroy", "pg:reset"),
    "fly": ("destroy",),
    "flyctl": ("destroy",),
    "doctl": ("delete",),
    "kafka-topics": ("--delete",),
    "kafka-topics.sh": ("--delete",),
    "kafka-consumer-groups": ("--delete", "--reset-offsets --execute"),
    "kafka-consumer-groups.sh": ("--delete", "--reset-offsets --execute"),
}
"""Destructive where all words of one of the texts are there."""
_CLIENTS: Final = "psql mysql mariadb sqlite3 cockroach clickhouse-client sqlcmd cqlsh bq usql pgcli mycli"
_SQL_CLIENTS: Final = frozenset(_CLIENTS.split())
_MONGO: Final = frozenset({"mongo", "mongosh"})
_NO_HARM: Final = ("--dry-run", "--whatif", "--check", "--noop", "--dryrun")


def destructive(line: str) -> str:
    """What in `line` destroys something, as somebody would name it; empty where nothing does."""
    return next((word for words in simple_commands(line) if (word := _of_command(words))), "")


def _of_command(words: Words) -> str:
    program, rest = words[0], words[1:]
    if _only_shows(rest):
        return ""
    if program in _ALWAYS or program.startswith("mkfs"):
        return program
    given = {word if program == "git" else word.casefold() for word in rest}
    for text in _WITH.get(program, ()):
        if {part if program == "git" else part.casefold() for part in text.split()} <= given:
            return f"{program} {text}"
    judge = _JUDGES.get(program)
    if judge is not None:
        return judge(rest)
    if program in _SQL_CLIENTS or program.upper() in {"DROP", "TRUNCATE", "DELETE", "UPDATE", "ALTER"}:
        return _of_sql(" ".join(words))
    return _of_mongo(" ".join(rest)) if program in _MONGO else ""


def _only_shows(rest: Words) -> bool:
    return any(word.startswith(_NO_HARM) and not word.endswith(("=none", "=false")) for word in rest)


@cache
def _sql() -> re.Pattern[str]:
    return re.compile(
        r"\bDROP\s+(?:TABLE|DATABASE|SCHEMA|COLUMN|USER|ROLE|VIEW|KEYSPACE)\b|\bTRUNCATE\b|\bDELETE\s+FROM\b"
        r"|\bUPDATE\s+[\w.\"`]+\s+SET\b(?![^;]*\bWHERE\b)",
        re.IGNORECASE,
    )


def _of_sql(text: str) -> str:
    found = _sql().search(text)
    return " ".join(found[0].split()) if found else ""


def _of_mongo(text: str) -> str:
    found = re.search(r"\b(?:dropDatabase|drop|deleteMany|deleteOne|remove)\(", text)
    return found[0].rstrip("(") if found else ""


def _rm(rest: Words) -> str:
    """`rm`, but not of what everybody may lose."""
    paths = [word for word in rest if not word.startswith("-")]
    return "" if paths and all(path.startswith(("/tmp/", "/var/tmp/")) for path in paths) else "rm"  # noqa: S108


def _kill(rest: Words) -> str:
    asked = {word.upper().removeprefix("-").removeprefix("SIG") for word in rest if word.startswith("-")}
    signal = rest[rest.index("-s") + 1 : rest.index("-s") + 2] if "-s" in rest else ()
    return "kill -9" if {"9", "KILL"} & {*asked, *(one.upper().removeprefix("SIG") for one in signal)} else ""


def _dd(rest: Words) -> str:
    return "dd" if any(word.startswith("of=") and not word.startswith("of=/dev/null") for word in rest) else ""


def _aws(rest: Words) -> str:
    word = next((word for word in rest if re.match(r"(?:delete|terminate|deregister|purge)-|rm$|rb$", word)), "")
    return f"aws {word}" if word else ""


def _git_clean(rest: Words) -> str:
    return "git clean" if rest[:1] == ("clean",) and has_option(rest, "-f", "--force") else ""


_JUDGES: Final[Mapping[str, Callable[[Words], str]]] = {
    "rm": _rm,
    "kill": _kill,
    "pkill": _kill,
    "killall": _kill,
    "dd": _dd,
    "aws": _aws,
    "git": _git_clean,
}
