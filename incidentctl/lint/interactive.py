"""Commands that wait for a keyboard, or that go on until somebody ends them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from incidentctl.lint.shell import SSH_VALUED, Words, arguments, has_option

_EDITORS: Final = "vi vim nvim view nano emacs pico joe ed visudo vipw passwd less more most man"
_FULL_SCREEN: Final = "htop atop iotop btop nmon k9s watch telnet ftp tmux screen"
_ALWAYS: Final = frozenset([*_EDITORS.split(), *_FULL_SCREEN.split()])
_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "kubectl": ("edit", "attach", "logs -f", "logs --follow", "get -w", "get --watch"),
    "oc": ("edit", "attach", "logs -f", "logs --follow", "get -w", "get --watch"),
    "docker": ("attach", "logs -f", "logs --follow"),
    "podman": ("attach", "logs -f", "logs --follow"),
    "systemctl": ("edit",),
    "virsh": ("edit", "console"),
    "crontab": ("-e",),
    "git": ("rebase -i", "add -p", "add -i"),
    "rails": ("console", "dbconsole"),
    "heroku": ("run bash", "logs --tail"),
    "dmesg": ("-w", "--follow"),
    "journalctl": ("-f", "--follow"),
}
"""Interactive where all words of one of the texts are there."""
_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "psql": ("-c", "--command", "-f", "--file", "-l", "--list", "-V", "--version"),
    "mysql": ("-e", "--execute", "-V", "--version"),
    "mariadb": ("-e", "--execute", "-V", "--version"),
    "mongo": ("--eval",),
    "mongosh": ("--eval", "-f", "--file"),
    "su": ("-c", "--command"),
}
"""Interactive without one of these options, unless something is read from a file or a pipe."""
_SHELLS: Final = frozenset({"sh", "bash", "zsh", "dash", "ash", "fish"})
_TTY: Final = re.compile(r"-[a-z]*t[a-z]*|--tty(?:=true)?")


def interactive(words: Words, *, has_input: bool = False) -> str:
    """The part of a simple command that makes it interactive; empty where it ends by itself.

    With `has_input` something is read from a file or a pipe, so that a client does not wait for a keyboard.
    """
    program, rest = words[0], words[1:]
    if program in _ALWAYS:
        return program
    found = next((text for text in _WITH.get(program, ()) if {*text.split()} <= {*rest}), "")
    if found:
        return f"{program} {found}"
    if not has_input and (_lone_shell(words) or (program in _CLIENTS and not has_option(rest, *_CLIENTS[program]))):
        return program
    judged = _JUDGES[program](rest) if program in _JUDGES else None
    return "" if judged is None else f"{program} {judged}".rstrip()


def _lone_shell(words: Words) -> bool:
    return words[0] in _SHELLS and all(word.startswith("-") and "c" not in word for word in words[1:])


def _ssh(rest: Words) -> str | None:
    """A host and no command; `-N`, `-f` and `-W` are tunnels, `-O` and `-T` no sessions for a person."""
    tunnels = any(re.fullmatch(r"-[A-Za-z]*[NTfWO][A-Za-z]*", word) for word in rest)
    return "" if not tunnels and len(arguments(rest, SSH_VALUED)) == 1 else None


def _of_container(rest: Words) -> str | None:
    """`kubectl exec -it`: without a terminal it fails, and with one it may wait."""
    own = rest[: rest.index("--")] if "--" in rest else rest
    if {"exec", "run", "debug"} & {*own}:
        return next((word for word in own if _TTY.fullmatch(word)), None)
    is_shell = "rsh" in own and len(arguments(own[own.index("rsh") + 1 :], ("-n", "-c", "--container"))) == 1
    return "rsh" if is_shell else None


def _top(rest: Words) -> str | None:
    return None if any(re.fullmatch(r"-[a-zA-Z]*b\w*|-l\d*", word) for word in rest) else ""


def _tail(rest: Words) -> str | None:
    return next((word for word in rest if re.fullmatch(r"-[a-z]*[fF]|--follow(?:=\w+)?|-\d*[fF]\d*", word)), None)


_JUDGES: Final[Mapping[str, Callable[[Words], str | None]]] = {
    "ssh": _ssh,
    "kubectl": _of_container,
    "oc": _of_container,
    "docker": _of_container,
    "podman": _of_container,
    "top": _top,
    "tail": _tail,
    "sudo": lambda rest: rest[0] if rest in {("-i",), ("-s",)} else None,
    "sqlite3": lambda rest: "" if len(rest) < 2 else None,
    "stern": lambda rest: None if "--no-follow" in rest else "",
}
"""What makes it interactive beside the program's name; None where nothing does."""
