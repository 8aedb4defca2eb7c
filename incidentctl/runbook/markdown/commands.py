"""Which lines of a code block are commands, which are output; and what a command still needs to be told."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Final

from incidentctl.record import record

SHELLS: Final = frozenset(
    {"", "bash", "sh", "shell", "zsh", "console", "terminal", "shell-session", "8sh", "shel", "!bash"}
)
_PROGRAMS: Final = frozenset({
    "ansible", "ansible-playbook", "argocd", "awk", "aws", "az", "cat", "chmod", "chown", "consul", "cp",
    "curl", "df", "dig", "docker", "doctl", "du", "echo", "etcdctl", "find", "flux", "free", "gcloud", "git",
    "grep", "head", "helm", "host", "http", "iptables", "istioctl", "journalctl", "jq",
    "kafka-consumer-groups.sh", "kafka-topics.sh", "kill", "knife", "kubectl", "kubectx", "kubens", "kustomize",
    "ls", "lsof", "make", "mkdir", "mongosh", "mv", "mysql", "nc", "netstat", "nomad", "npm", "nslookup", "oc",
    "openssl", "patronictl", "pg_dump", "ping", "pkill", "podman", "promtool", "ps", "psql", "python",
    "python3", "rabbitmqctl", "redis-cli", "rm", "rsync", "scp", "sed", "service", "ss", "ssh", "sudo",
    "systemctl", "tail", "tar", "tcpdump", "terraform", "top", "traceroute", "uptime", "vault", "velero",
    "virtctl", "watch", "wget", "whoami", "yarn",
})  # fmt: skip
_SCRIPT: Final = re.compile(
    r"\s*(?:for|while|until|if|case|function|then|else|fi|do|done|esac|export|cd|source|set|alias|read|\.|[{}()]"
    r"|[A-Za-z_]\w*=|\w+\s*\(\))(?:\s|$|\S*=|\$)"
)
_PROMPT: Final = re.compile(r"\s*\$ +(?=\S)")
_ANGLE: Final = re.compile(r"(?<![\w<])<([A-Za-z](?:[\w .-]{0,40}\w)?)>")
_DOLLAR: Final = re.compile(r"\$(?:([A-Z][A-Z0-9_]*)\b|\{([A-Z][A-Z0-9_]*)\})")
_BRACES: Final = re.compile(r"\{\{ *([A-Za-z_]\w*) *\}\}")
_STAND_IN: Final = re.compile(r"(?<![\w.-])((?:YOUR|CHANGE|REPLACE)[_-]?[A-Z0-9_-]*[A-Z0-9])(?!\w)")
_KNOWN: Final = frozenset({"HOME", "PATH", "USER", "PWD", "SHELL", "HOSTNAME", "EDITOR", "TMPDIR", "KUBECONFIG"})


@record
class Command:
    """One command as it can be run, and as it was `written`.

    `title` is the comment above it, `expect` the output that was shown under it.
    """

    run: str
    written: str
    title: str = ""
    expect: str = ""
    shell: bool = False
    needs: tuple[tuple[str, str], ...] = ()


def is_command(line: str) -> bool:
    """Whether a line begins with a program that runbooks call."""
    words = line.split()
    program = words[0].rsplit("/", 1)[-1] if words else ""
    return len(words) > 1 and (
        program in _PROGRAMS or re.fullmatch(r"[a-z][a-z0-9-]*ctl|[\w-]+\.(?:sh|py)", program) is not None
    )


def commands_in(text: str, info: str) -> tuple[Command, ...]:
    """The commands of a code block; none where it is output, configuration, a message or a script."""
    if info.partition(" ")[0].partition("{")[0].strip().casefold() not in SHELLS or len(info.split()) > 1:
        return ()
    lines = _joined(text)
    if any(_PROMPT.match(line) for line in lines):
        return _answered(lines)
    spoken = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not spoken or not all(map(is_command, spoken)):
        return ()
    return _listed(lines)


def _joined(text: str) -> list[str]:
    """Lines, those that end in a backslash with what follows."""
    return re.sub(r"(?<![ \t])[ \t]*\\\n[ \t]*", " ", text).rstrip().split("\n")


def _listed(lines: list[str]) -> tuple[Command, ...]:
    """One command on each line, with the comment above it."""
    found: list[Command | None] = []
    title: list[str] = []
    for line in lines:
        if found and found[-1] and re.match(r"\s*#+ *expect", line, re.IGNORECASE):
            found[-1] = replace(found[-1], expect=line.strip("# \t"))
        elif line.lstrip().startswith("#"):
            title.append(line.strip("# \t"))
        elif line.strip():
            found.append(command(line, " ".join(title)))
            title = []
    whole = [one for one in found if one is not None]
    return tuple(whole) if len(whole) == len(found) and not title else ()


def _answered(lines: list[str]) -> tuple[Command, ...]:
    """Commands behind a prompt, each with what it printed."""
    found: list[Command] = []
    title: list[str] = []
    for line in lines:
        prompt = _PROMPT.match(line)
        if prompt:
            one = command(line[prompt.end() :], " ".join(title))
            if one is None:
                return ()
            found.append(one)
            title = []
        elif not found and line.strip():
            title.append(line.strip("# \t"))
        elif found:
            found[-1] = replace(found[-1], expect=f"{found[-1].expect}\n{line}".strip("\n"))
    return tuple(found)


def command(line: str, title: str = "") -> Command | None:
    """A line as a command with its inputs; None where it means nothing by itself, or only in its shell."""
    line = line.strip()
    if _SCRIPT.match(line) or "<<" in line or line.endswith("\\") or "#" in _words(line):
        return None
    run, needs = with_inputs(line)
    if "{{" in _BRACES.sub("", run):
        return None
    shell = needs_shell(run)
    if not _words(run) or (shell and needs):
        return None
    return Command(run, line, title, "", shell, needs)


def _words(line: str) -> list[str]:
    """Words as a shell splits them; none where a quote is not closed."""
    try:
        return shlex.split(line)
    except ValueError:
        return []


def with_inputs(line: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """`kubectl get pods -n <ns>` -> `kubectl get pods -n {{ ns }}` and what is asked for `ns`."""
    needs: dict[str, str] = {}

    def fill(found: re.Match[str]) -> str:
        written = next(group for group in found.groups() if group)
        if found[0].startswith("$") and written in _KNOWN:
            return found[0]
        name = re.sub(r"\W+", "_", written, flags=re.ASCII).strip("_").lower()
        if not name or name[0].isdigit():
            return found[0]
        needs[name] = f"What is {written}?"
        return "{{ " + name + " }}"

    for pattern in (_BRACES, _ANGLE, _DOLLAR, _STAND_IN):
        line = pattern.sub(fill, line)
    return line, tuple(needs.items())


def needs_shell(run: str) -> bool:
    """Whether a command line has pipes, redirections, substitutions: what plain words do not do."""
    bare = re.sub(r"'[^']*'", "", _BRACES.sub("x", run))
    return bool(re.search(r"\$\(|`", bare) or re.search(r"[|;&<>()]|(?<!\S)~/", re.sub(r'"(?:\\.|[^"\\])*"', "", bare)))
