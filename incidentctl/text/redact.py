"""Literal secrets out of foreign text, before any event exists: a journal is for ever.

What is found, and only that:

    passwords in addresses     postgres://app:HERE@db, redis://:HERE@cache
    keys and assignments       password: HERE, "api_key": "HERE", TOKEN=HERE, --password HERE
    headers                    Authorization: Bearer HERE, X-Api-Key: HERE
    shapes that give it away   Slack, GitHub, GitLab, AWS, PagerDuty and others, JSON web tokens, private keys

References (`${NAME}`, `$NAME`, `{{ name }}`, `$(command)`) stay, and so do the same words in a sentence.  YAML stays
YAML, with as many lines as before.  Every expression is bounded, so that the time is linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Final, Literal

from incidentctl.record import record

REDACTED: Final = "<redacted>"
_LOOK_BACK: Final = 80
_LOOK_AHEAD: Final = 200
_PASSES: Final = 8
_LONGEST_LIST: Final = 2000
_NAME: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."
_MARKS: Final = ('"', "'", '\\"', "\\'")
_ROOTS: Final = ("pass", "pwd", "secret", "token", "key", "credential", "authorization", "curl", "mysql")
"""One of them is in every line that `_line` changes; looking for them takes a tenth of the time."""
_HARMLESS: Final = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off", "required", "optional"})


def redact(text: str) -> str:
    """`text` with each literal secret replaced by `<redacted>`; redacting twice changes nothing more."""
    # Once a secret is gone, what stood around it may be told more clearly.
    for _ in range(_PASSES):
        before, text = text, _once(text)
        if text == before:
            break
    return text


def redact_value(name: str, value: str) -> str:
    """`value` as it may be kept under `name`: what fills `password` is a secret, whatever it looks like."""
    return redact(f"{name}: {value}").removeprefix(f"{name}: ")


def _once(text: str) -> str:
    lines: list[str] = []
    below: Below | None = None
    for line in _addresses(text).split("\n"):
        body = line.rstrip("\r")
        shown, below = (below.hide(body) if below else None) or _line(body)
        lines.append(shown + line[len(body) :])
    return _shapes("\n".join(lines))


# --- addresses and shapes ----------------------------------------------------------------------------------


@cache
def _address() -> re.Pattern[str]:
    # First a password as it should be written; then one with a slash in it, which is no port and its path.  Whoever
    # types at night forgets the colon in front: `postgres//app:HERE@db`.
    return re.compile(
        r"(?P<before>[:\w]//[^\s/@:\"<>]{0,256}:)(?:[^\s/?#\"]{1,512}@|(?!\d{1,5}[/?#])[^\s\"@]{1,512}+@)"
    )


def _addresses(text: str) -> str:
    if "//" not in text:
        return text
    return _address().sub(_without_password, text)


def _without_password(found: re.Match[str]) -> str:
    password = found[0][len(found["before"]) : -1]
    return f"{found['before']}{_hide(password)}@"


@cache
def _shape() -> re.Pattern[str]:
    return re.compile(
        r"""(?<![A-Za-z0-9])(?:
            xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,} | xapp-\d-[A-Za-z0-9-]{8,}             # Slack
          | gh[pousr]_[A-Za-z0-9]{16,} | github_pat_\w{16,} | glpat-[\w-]{16,}              # GitHub, GitLab
          | (?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])                                        # AWS
          | pd(?:us|eu)\+[\w-]{8,} | u\+[\w-]{18}(?![\w-])                                  # PagerDuty
          | eyJ[\w-]{5,}\.eyJ[\w-]{5,}(?:\.[\w-]*)?                                         # JSON web token
          | AIza[\w-]{35} | [sr]k_live_[0-9a-zA-Z]{16,} | sk-[\w-]{20,} | npm_[A-Za-z0-9]{36}
        )
        | (?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{8,}
        | (?<=\bBasic[ ])[A-Za-z0-9+/]{8,}={1,2}
        | (?<=\b[Bb]earer[ ])(?=[^\s]{0,64}\d|[^\s]{24})[A-Za-z0-9._~+/=-]{8,}""",
        re.VERBOSE,
    )


def _shapes(text: str) -> str:
    return _shape().sub(REDACTED, text)


# --- keys and their values ---------------------------------------------------------------------------------


@cache
def _key() -> re.Pattern[str]:
    return re.compile(
        r"""(?P<word>pass(?:word|wd|phrase)|pwd|secret|token|api[-_ ]?key|access[-_]?key|credentials?
              |(?:routing|integration|private|signing|encryption|account|shared)[-_]?key|authorization)
            (?:[-_]?(?:access[-_]?)?key)?
            (?P<quote>\\?["'])?
            (?:[ \t]{0,8}(?P<sign>:=|:|=(?![=~]))[ \t]{0,8}(?:[&!][\w:!-]{1,64}[ \t]{1,8})?
              |(?P<blank>[ \t]{1,8})(?=[^\s-]))""",
        re.VERBOSE | re.IGNORECASE,
    )


def _line(line: str) -> tuple[str, Below | None]:
    """One line without its secrets, and what of the lines below belongs to them."""
    small = line.casefold()
    if not any([root in small for root in _ROOTS]):  # noqa: C419 - of a few words, a list is the faster one
        return line, None
    if "-----BEGIN" in line and "PRIVATE KEY-----" in line:
        return _private_key(line)
    parts, done, below = [], 0, None
    for found in _key().finditer(line):
        start = found.end()
        place = _place(line, found) if found.start() >= done else "nowhere"
        if place == "key":
            value, end, below = _whole_value(line, start, found["word"])
        elif place == "inline" or (place == "sentence" and _given_away(line, found)):
            value, end = _one_value(line, start, found["word"])
        else:
            continue
        parts += [line[done:start], value]
        done = end
    return _tools("".join([*parts, line[done:]])), below


def _place(line: str, found: re.Match[str]) -> Literal["key", "inline", "sentence", "nowhere"]:
    """Where the word stands: a key that begins its line, a key or an assignment within it, a sentence."""
    before = line[max(0, found.start() - _LOOK_BACK) : found.start()]
    lead = before.rstrip(_NAME)
    if found["blank"] is not None:
        return "inline" if before[len(lead) :].startswith("--") else "nowhere"
    if "=" in found["sign"]:
        return "inline"
    if found[0].endswith(":") and found.end() < len(line) and not found["quote"]:
        return "sentence"
    opener = lead.rstrip("\\\"'" if found["quote"] else "").rstrip(" \t")
    if found.start() <= _LOOK_BACK and not opener.strip(" \t-"):
        return "key"
    return "inline" if opener.endswith(("{", ",", '"', "'")) else "sentence"


def _given_away(line: str, found: re.Match[str]) -> bool:
    """Whether what follows `password:` in the middle of a sentence is a secret, and not the rest of the sentence."""
    ahead = line[found.end() : found.end() + _LOOK_AHEAD].split(None, 1)
    if len(ahead) == 1 and found["word"].lower().startswith("pass"):
        return True
    return bool(ahead) and _odd(ahead[0])


def _odd(word: str) -> bool:
    """Nobody writes such a word in a sentence."""
    return len(word) >= 20 or (len(word) >= 6 and any(sign.isdigit() or sign in "!$%^*+=_~" for sign in word[:-1]))


def _one_value(line: str, start: int, word: str) -> tuple[str, int]:
    """The value at `start`, redacted, and where it ends: what is quoted, or one word.  `word` names it."""
    if line.startswith(("{", "["), start) and "=" not in line[start - 2 : start]:
        return _collection(line, start)
    scheme = _scheme(line, start) if word.lower() == "authorization" else ""
    start += len(scheme)
    quoted = _quoted(line, start)
    if quoted is not None:
        mark, end = quoted
        return f"{scheme}{mark}{_hide(line[start + len(mark) : end - len(mark)])}{mark}", end
    end = _word_end(line, start)
    value = line[start:end]
    folder = word.lower() == "pwd" and value.startswith("/")
    return scheme + (value if folder else _hide(value)), end


def _collection(line: str, start: int) -> tuple[str, int]:
    """A list loses its items; a mapping stays, and its own keys are judged."""
    depth = 0
    for mark in _marks().finditer(line, start, start + _LONGEST_LIST) if line[start] == "[" else ():
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth == 0:
            return f"[{_hide(line[start + 1 : mark.start()])}]", mark.end()
    return "", start


@cache
def _marks() -> re.Pattern[str]:
    """Brackets, and texts in quotation marks, whose brackets do not count."""
    return re.compile(r"(?<![^\s,{\[])(?:\"(?:[^\"\\]|\\.)*+\"|'(?:[^']|'')*+')|[\[\]{}]")


def _scheme(line: str, start: int) -> str:
    """`Bearer ` and the like, which may stay, before the value of an `Authorization` header."""
    ahead = _schemes().match(line, start)
    return ahead[0] if ahead else ""


@cache
def _schemes() -> re.Pattern[str]:
    return re.compile(r"\\?[\"']?(?:bearer|basic|token|digest|apikey|geniekey)[ \t]{1,8}", re.IGNORECASE)


def _quoted(line: str, start: int) -> tuple[str, int] | None:
    """The quotation mark at `start`, with its backslash, and the place behind the closing one; None without one."""
    mark = line[start : start + 2] if line.startswith("\\", start) else line[start : start + 1]
    if mark not in _MARKS:
        return None
    end = line.find(mark, start + len(mark))
    while end > 0 and ((mark == '"' and _escaped(line, end)) or (mark == "'" and line.startswith("''", end))):
        end = line.find(mark, end + (1 if mark == '"' else 2))
    end += len(mark)
    # A mark with a letter behind it opens the next text, so the one at `start` had closed the one before.
    return None if end < len(mark) or line[end : end + 1].isalnum() else (mark, end)


def _escaped(line: str, place: int) -> bool:
    start = place
    while line[start - 1] == "\\":
        start -= 1
    return (place - start) % 2 == 1


def _word_end(line: str, start: int) -> int:
    """Where the word that begins at `start` ends, without what closes the list or the quotation around it."""
    reference = _reference().match(line, start)
    found = _until().search(line, reference.end() if reference else start)
    end = found.start() if found else len(line)
    before = line[max(0, start - _LOOK_AHEAD) : start]
    if _open_brackets(before) > 0:
        end = _before_closer(line, start, end)
    spare = -_open_brackets(line[start:end])
    while end > start and (line[end - 1] in "\\,;)" or (line[end - 1] in "]}" and spare > 0)):
        end -= 1
        spare -= line[end] in "]}"
    return end


def _open_brackets(text: str) -> int:
    return text.count("[") + text.count("{") - text.count("]") - text.count("}")


@cache
def _until() -> re.Pattern[str]:
    return re.compile(r"[\s\"'&]")


def _before_closer(line: str, start: int, end: int) -> int:
    depth = 0
    for place in range(start, end):
        depth += (line[place] in "[{") - (line[place] in "]}")
        if depth < 0:
            return place
    return end


def _hide(value: str) -> str:
    """`<redacted>`, or the value itself where it is no literal: empty, a reference, a placeholder, true or false."""
    if value.strip().lower() in _HARMLESS or value.lstrip().startswith(("$(", "`")):
        return value
    return REDACTED if _reference().sub("", value).strip(" \t-_:./,") else value


@cache
def _reference() -> re.Pattern[str]:
    return re.compile(r"\$\{[A-Za-z_]\w*\}|\$[A-Z_][A-Z0-9_]*(?![\w])|\{\{[^{}]*\}\}|<[^<>\s]*>")


@cache
def _tool() -> re.Pattern[str]:
    return re.compile(r"(?<!\S)(?P<before>(?:-u|--user)[ =]?[\"']?[^\s:\"'=]{1,128}:)(?P<value>[^\s\"']+)")


@cache
def _mysql() -> re.Pattern[str]:
    return re.compile(r"(?<!\S)(?P<before>-p)(?P<value>[^\s\"']+)")


def _tools(line: str) -> str:
    """`curl -u name:HERE` and `mysql -pHERE`."""
    for tool, pattern in (("curl", _tool), ("mysql", _mysql)):
        if tool in line:
            line = pattern().sub(lambda found: found["before"] + _hide(found["value"]), line)
    return line


# --- values that go on below their key ---------------------------------------------------------------------


@record
class Below:
    """Lines that belong to a secret: all that are indented deeper than `indent`, until `mark` closes them.

    `plain`: a text without quotation marks, which a list or mapping around it may close.  `first`: the same, if what
    comes is a text at all.  `armour`: the lines of a private key, as long as they look like it.
    """

    indent: int
    mark: str = ""
    plain: bool = False
    first: bool = False
    armour: bool = False

    def hide(self, line: str) -> tuple[str, Below | None] | None:
        """The line redacted, and what is still to come; None where the line does not belong to the secret."""
        words = line.strip()
        margin = line[: len(line) - len(line.lstrip())]
        if self.armour:
            return self._armour(margin, words)
        if not words:
            return line, self
        if len(margin) <= self.indent or (self.first and _is_structure(words)):
            return None
        body = _body(self.mark or ("," if self.plain or self.first else "")).match(words)
        if body and body.end() < len(words):
            return f"{margin}{_hide(body[0])}{words[body.end() :]}", None
        return margin + _hide(words), replace(self, first=False, plain=self.plain or self.first)

    def _armour(self, margin: str, words: str) -> tuple[str, Below | None] | None:
        if words.startswith("-----END"):
            return margin + words, None
        if words in ("", REDACTED) or _armour().fullmatch(words):
            return margin + (words and REDACTED), self
        return None


@cache
def _body(closer: str) -> re.Pattern[str]:
    """What stands before the quotation mark, or before the comma or bracket, that closes a text."""
    bodies = {'"': r'(?:[^"\\]|\\.)*+', "'": r"(?:[^']|'')*+", ",": r"(?:[^\]},]|,(?=\S))*+", "": ".*+"}
    return re.compile(bodies[closer])


@cache
def _armour() -> re.Pattern[str]:
    return re.compile(r"[A-Za-z0-9+/=]+|(?:Proc-Type|DEK-Info): .*")


def _is_structure(words: str) -> bool:
    return words.startswith(("- ", "{", "[", "#", "&", "*", "!")) or ": " in words or words.endswith((":", "-"))


def _private_key(line: str) -> tuple[str, Below | None]:
    """The line where a private key begins; it may also end there, all on one line."""
    start = line.index("PRIVATE KEY-----", line.index("-----BEGIN")) + len("PRIVATE KEY-----")
    end = line.rfind("-----END")
    if end < start:
        return line[:start], Below(0, armour=True)
    return f"{line[:start]}{REDACTED}{line[end:]}", None


def _whole_value(line: str, start: int, word: str) -> tuple[str, int, Below | None]:
    """The value of a key that begins its line: redacted, where it ends, and what belongs to it below."""
    below = Below(_column(line))
    value = line[start:]
    if not value or value[0] in "#|>":
        return value, len(line), replace(below, first=value[:1] not in ("|", ">"))
    if value[0] in "{[":
        return (*_collection(line, start), None)
    if value[0] == "*":
        return "", start, None
    if value[0] in "\"'" and _quoted(line, start) is None:
        return value[0] + _hide(value[1:]), len(line), replace(below, mark=value[0])
    one, end = _one_value(line, start, word)
    rest = line[end:].lstrip()
    if rest[:1] in ("#", ",", "}", "]") or value[0] in "\"'":
        return one, end, None
    if not rest:
        return one, end, replace(below, plain=True)
    # Several words after `token:` are a sentence; after `password:` they are a passphrase.
    if not word.lower().startswith("pass"):
        return (one, end, None) if _odd(value.split()[0]) else ("", start, None)
    found = _after_plain().search(value)
    whole = value[: found.start()] if found else value
    goes_on = found is None or found[0].isspace() or "#" in found[0]
    return _hide(whole), start + len(whole), replace(below, plain=True) if goes_on else None


@cache
def _after_plain() -> re.Pattern[str]:
    """What ends a text of several words: a comment, or the next key or the end of a mapping on several lines."""
    return re.compile(r"[ \t]{1,80}(?:#|$)|,[ \t]{0,80}(?:[\"']?[\w.-]{1,80}[\"']?:(?:\s|$)|$)|[\]}]")


def _column(line: str) -> int:
    """Where the key of the line stands, behind `- `."""
    return len(line) - len(line.lstrip(" \t-"))
