"""A command line as a shell would take it apart: words, operators, the simple commands in it, its variables.

Nothing here runs anything, and nothing fails: of a line that no shell could read there are no commands.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

Words = tuple[str, ...]
"""A simple command: the program without its directory, then its arguments, without quotes."""

NOT_PLACEHOLDERS: Final = frozenset({"none", "unknown", "pending", "nil", "null", "invalid", "unset", "no value"})
"""What programs print between `<` and `>`, so that people search for it."""

_DEEPEST: Final = 5
_KEPT: Final = 500  # a dozen rules read the same line, one after the other
_SPECIAL: Final = "();<>|&#\n`$"
_OPERATORS: Final = "();<>|&"
_HIDE: Final = {ord(char): 0xE000 + ord(char) for char in f"{_SPECIAL} \t"}
_SHOW: Final = {hidden: chr(char) for char, hidden in _HIDE.items()}
_NOT_PLAIN: Final = frozenset("();<>|&#\n`'\"\\{")
_KEYWORDS: Final = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"})


class _Token(NamedTuple):  # made by the thousand
    """A word, or an operator such as `|` or `>`."""

    text: str
    is_operator: bool = False


@cache
def _parts() -> re.Pattern[str]:
    """What is not to be read char by char; the first that fits wins, as in a shell."""
    return re.compile(
        r"""(?P<comment>(?<![^\s;&|(])\#[^\n]*)
          | (?P<input>\{\{[^{}]*\}\})
          | (?P<placeholder>(?:(?<![\w<])|(?<=[ ]-\w))<[A-Za-z](?:[\w ./:|-]*\w)?>)
          | (?P<single>'[^']*')
          | (?P<double>"(?:\\.|[^"\\])*")
          | (?P<escaped>\\.)""",
        re.VERBOSE | re.DOTALL,
    )


def _without_heredocs(line: str) -> str:
    """`line` without the texts that follow a `<<EOF`."""
    if "<<" not in line:
        return line
    kept: list[str] = []
    ends: list[str] = []
    for text in line.split("\n"):
        if not ends:
            kept.append(text)
            ends = re.findall(r"(?<!<)<<-?[ \t]*['\"]?([A-Za-z_]\w*)", text)
        elif text.strip() == ends[0]:
            ends = ends[1:]
    return "\n".join(kept)


def _hidden(part: re.Match[str]) -> str:
    match part.lastgroup:
        case "comment":
            return ""
        case "escaped" if part[0] == "\\\n":
            return " "
        case _:
            return part[0].translate(_HIDE)


def _without_quoted(line: str) -> str:
    """`line` where no sign that a shell would obey stands in quotes, in a comment or in a placeholder."""
    return _parts().sub(_hidden, _without_heredocs(line.strip()))


@lru_cache(maxsize=_KEPT)
def _tokens(line: str) -> tuple[_Token, ...]:
    """Words and operators; a new line is the operator `;`.  Raises ValueError where a quote is not closed."""
    if _NOT_PLAIN.isdisjoint(line):
        return tuple(map(_Token, line.split()))
    bare = _without_quoted(line).replace("\n", " ; ").replace("`", " ` ")
    return tuple(
        _Token(text.translate(_SHOW), is_operator=text == "`" or (text != "" and not text.strip(_OPERATORS)))
        for text in pieces_of(bare)
    )


def pieces_of(bare: str) -> Iterable[str]:
    """As `shlex` takes a line apart, which it does char by char: only where something is escaped or left open."""
    if _splits_easily().fullmatch(bare):
        pieces = _pieces().findall(bare)
        return (_quoted().sub(lambda part: part[0][1:-1], piece) for piece in pieces)
    lexer = shlex.shlex(bare, posix=True, punctuation_chars=_OPERATORS)
    lexer.whitespace_split = True
    lexer.commenters = ""
    return lexer


@cache
def _quoted() -> re.Pattern[str]:
    return re.compile(r"""'[^']*'|"[^"]*\"""")


@cache
def _pieces() -> re.Pattern[str]:
    return re.compile(rf"""[();<>|&]+|(?:[^ \t\r\n();<>|&'"\\]|{_quoted().pattern})+""")


@cache
def _splits_easily() -> re.Pattern[str]:
    return re.compile(r"""(?:[^'"\\]|'[^'\\]*'|"[^"\\]*")*+""")


def unreadable(line: str) -> str:
    """Why no shell could read `line`; empty where one can."""
    try:
        _tokens(line)
    except ValueError as error:
        return "a quote is not closed" if "quotation" in str(error) else "it ends in a backslash"
    return ""


@lru_cache(maxsize=_KEPT)
def operators(line: str) -> tuple[str, ...]:
    """What only a shell understands: `|`, `>`, `&&`, `;`, `$(`, a backquote, `~/` ..."""
    try:
        tokens = _tokens(line)
    except ValueError:
        return ()
    found = tuple(token.text for token in tokens if token.is_operator)
    if any(token.text.startswith("~/") for token in tokens):
        found = (*found, "~/")
    if _NOT_PLAIN.isdisjoint(line):
        return found
    if "$(" in _without_quoted(line):
        found = ("$(", *found)
    # In double quotes a shell still replaces what a command prints.
    quoted = (part[0] for part in _parts().finditer(line) if part.lastgroup == "double")
    inside = (re.search(r"\$\((?!\()|(?<!\\)`", text) for text in quoted)
    return (*found, *(match[0] for match in inside if match))


# --- simple commands ---------------------------------------------------------------------------------------


@lru_cache(maxsize=_KEPT)
def simple_commands(line: str) -> tuple[Words, ...]:
    """Every simple command of `line`, and those that it hands to `sudo`, `ssh`, `xargs`, `bash -c`, `kubectl exec`."""
    return tuple(_commands(line, _DEEPEST))


def _commands(line: str, depth: int) -> Iterator[Words]:
    try:
        tokens = _tokens(line)
    except ValueError:
        return
    words: list[str] = []
    skip = False
    for token in [*tokens, _Token(";", is_operator=True)]:
        if not token.is_operator:
            if not skip:
                words.append(token.text)
            skip = False
        elif token.text.strip("<>&") == "" and ("<" in token.text or ">" in token.text):
            skip = True  # what follows is the name of a file
        else:
            yield from _unwrapped(words, depth)
            words = []


def _unwrapped(words: Sequence[str], depth: int) -> Iterator[Words]:
    """The command without keywords and assignments, then the one that it starts."""
    rest = list(words)
    while rest and (rest[0] in _KEYWORDS or re.match(r"[A-Za-z_]\w*=", rest[0])):
        rest.pop(0)
    if not rest or depth == 0:
        return
    command = (rest[0].rsplit("/", 1)[-1] or rest[0], *rest[1:])
    yield command
    inner = _inner(command)
    if len(inner) == 1 and " " in inner[0]:  # `ssh host "ls /tmp"`, `bash -c "ls /tmp"`
        yield from _commands(inner[0], depth - 1)
    else:
        yield from _unwrapped(inner, depth - 1)


SSH_VALUED: Final = tuple(f"-{letter}" for letter in "BbcDEeFIiJLlmOopQRSWw")
"""The options of `ssh` whose value is the next word (ssh(1))."""
_VALUED: Final = {
    "sudo": "-u -g -h -p -C -D -r -t -U --user --group",
    "doas": "-u -C",
    "env": "-u -C --unset --chdir",
    "nohup": "",
    "nice": "-n",
    "exec": "-a",
    "command": "",
    "timeout": "-s -k --signal --kill-after",
    "xargs": "-I -n -P -L -d -a -s -E",
    "ssh": " ".join(SSH_VALUED),
    "docker": "-e -u -w --env --user --workdir --env-file",
    "podman": "-e -u -w --env --user --workdir --env-file",
}
"""Programs that start another one, with those of their options whose value is the next word."""
_POSITIONAL: Final = {"timeout": 1, "ssh": 1, "docker": 1, "podman": 1}
"""How many words stand before the command that is started: the time, the host, the container."""


def _inner(words: Words) -> Words:
    program, *rest = words
    if program in {"sh", "bash", "zsh", "dash", "ash"}:
        return tuple(rest[1:2]) if rest and re.fullmatch(r"-[a-z]*c", rest[0]) else ()
    if program in {"kubectl", "oc"}:
        return tuple(rest[rest.index("--") + 1 :]) if "--" in rest and {"exec", "debug"} & set(rest) else ()
    if program in {"docker", "podman"}:
        if "exec" not in rest:
            return ()
        rest = rest[rest.index("exec") + 1 :]
    if program not in _VALUED:
        return ()
    return tuple(arguments(rest, _VALUED[program].split())[_POSITIONAL.get(program, 0) :])


def arguments(words: Sequence[str], valued: Sequence[str]) -> list[str]:
    """`words` from the first that is no option; `valued` are options whose value is the next word."""
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        option = rest.pop(0)
        if option == "--":
            break
        if option in valued and rest:
            rest.pop(0)
    return rest


def has_option(words: Sequence[str], *options: str) -> bool:
    """Whether one of `options` (`-n`, `--namespace`) is among `words`, with its value in the same word or not."""
    given = [word for word in words if word.startswith("-")]
    return any(
        word == option
        or word.startswith(f"{option}=")
        or (len(option) == 2 and word.startswith(option) and not word.startswith("--"))
        for word in given
        for option in options
    )


# --- variables and placeholders ----------------------------------------------------------------------------


@lru_cache(maxsize=_KEPT)
def inputs(line: str) -> tuple[str, ...]:
    """The inputs of a command as they are written, `{{ pod }}`.

    A word with any other `{{...}}` is a Go template, as in `--format '{{ .State }} {{ end }}'`, and is left alone.
    """
    if "{{" not in line:
        return ()
    words = re.findall(r"(?:\{\{[^{}]*\}\}|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^\s'\"{]|[{'\"])+", line)
    found = (re.findall(r"\{\{[^{}]*\}\}", word) for word in words)
    return tuple(one for inside in found if all(map(input_name, inside)) for one in inside)


def input_name(written: str) -> str:
    """`{{ pod }}` -> `pod`; empty where it is no plain name."""
    name = written.strip("{} \t\n")
    return name if name.isascii() and name.isidentifier() and name not in {"end", "else", "break"} else ""


@lru_cache(maxsize=_KEPT)
def variables(line: str) -> tuple[str, ...]:
    """The variables that a shell would fill in: `$NS`, `${NS}`; not those with a default, nor in single quotes."""
    if "$" not in line:
        return ()
    open_text = _parts().sub(_expanded, line)
    found = re.findall(r"\$(?:([A-Za-z_]\w*)(?!:)|\{([A-Za-z_]\w*)(?:\}|[#%/^,@\[]))", open_text)
    return tuple(dict.fromkeys(plain or braced for plain, braced in found))


def _expanded(part: re.Match[str]) -> str:
    match part.lastgroup:
        case "double":
            return re.sub(r"\\.", "", part[0])
        case "placeholder":
            return part[0]
        case _:
            return ""


def assigned(line: str) -> set[str]:
    """The variables that `line` itself gives a value: `NS=shop`, `export NS=shop`, `for pod in`, `read NS`."""
    found = re.findall(r"(?:^|[\s;&|(])([A-Za-z_]\w*)\+?=", line) if "=" in line else []
    if "for" not in line and "read" not in line:
        return set(found)
    return {*found, *re.findall(r"\b(?:for|read(?:[ \t]+-\w+)*)[ \t]+([A-Za-z_]\w*)", line)}


@lru_cache(maxsize=_KEPT)
def placeholders(line: str) -> tuple[str, ...]:
    """What is still to be replaced by hand, as written: `<ns>`, `YOUR_TOKEN`, `[namespace]`, `{namespace}`."""
    found = [*_angles(line), *_stand_ins(line)]
    return tuple(sorted(set(found), key=line.find))


def _angles(line: str) -> Iterator[str]:
    if "<" not in line:
        return
    tags = "</" in line  # `<title>...</title>` is no placeholder
    filters = {"grep", "egrep", "fgrep", "zgrep", "rg", "ag", "ack", "sed", "awk", "perl", "xmllint", "jq", "yq"}
    searching = any(words[0] in filters for words in simple_commands(line))
    for part in _parts().finditer(line):
        quoted = part.lastgroup in {"single", "double"}
        if part.lastgroup != "placeholder" and not (quoted and not searching):
            continue
        for inside in re.findall(r"(?:(?<![\w<])|(?<= -\w))<([A-Za-z](?:[\w ./:|-]*\w)?)>", part[0]):
            if inside.casefold() not in NOT_PLACEHOLDERS and not tags and not re.search(r" (?i:and|or) ", inside):
                yield f"<{inside}>"


@cache
def _stand_in() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w.-])(?:YOUR[_-][A-Z0-9_-]*[A-Z0-9]|CHANGE_?ME|REPLACE_?ME|FILL_?ME|PLACEHOLDER|TODO|TBD|FIXME"
        r"|X{3,}(?![\w]))(?![\w])"
    )


def _stand_ins(line: str) -> Iterator[str]:
    if _stand_in().search(line):
        yield from _stand_in().findall(_parts().sub(lambda part: "" if part["comment"] else part[0], line))
    if "[" not in line and "{" not in line:
        return
    try:
        tokens = _tokens(line)
    except ValueError:
        return
    # Only a whole bare word: `[a-z]*`, `.items[0]`, `HEAD@{1}` and `'{name}'` mean what they say.
    bare = {*line.split()}
    for word in (token.text for token in tokens if token.text in bare):
        is_bracketed = re.fullmatch(r"\[[A-Za-z][A-Za-z_-]{2,}\]|\{[A-Za-z][A-Za-z_-]{2,}\}", word)
        if is_bracketed and word[1:-1].casefold() not in {*NOT_PLACEHOLDERS, "a-z"}:
            yield word
