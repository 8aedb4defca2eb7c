"""A command was copied together with the prompt before it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject, commands

SLUG: Final = "shell-prompt"
SEVERITY: Final[Severity] = "error"


def check(subject: Subject) -> Iterator[Found]:
    """A `$ `, `# `, `root@web:~# ` or `mysql> ` at the beginning of a command or of one of its lines."""
    for command in commands(subject):
        prompt = _prompt_of(command.line)
        if prompt:
            yield Found(command.route, f"a prompt, `{prompt}`, stands before the command", "Remove it.")


@lru_cache(maxsize=500)  # many commands are inherited, and the same in every service
def _prompt_of(line: str) -> str:
    rows = [row for row in (row.strip() for row in line.split("\n")) if row]
    found = next((match[1] for row in rows if (match := _prompt().match(row))), "")
    # A line that begins with `#` is a comment where others are commands.
    alone = len(rows) == 1 and re.match(r"#[ \t]+[a-z]", rows[0])
    return found or ("#" if alone else "")


@cache
def _prompt() -> re.Pattern[str]:
    return re.compile(
        r"""(
            [$%]                                                # $ ls
          | \[?[\w.-]{1,60}@[\w.-]{1,60}[ :]?[\w~/.-]{0,60}\]?[$\#]  # root@web:~# ls
          | (?:ba|z)?sh-[\d.]{1,8}[$\#]                         # bash-5.1$ ls
          | \w{1,60}(?:\(\w{1,30}\))?[=-][\#>]                  # shop=# SELECT 1
          | (?:mysql|mariadb|redis|mongo|sqlite|irb)(?:\s\[\w+\])?>  # mysql> SELECT 1
          | PS\s[A-Z]:[^>\n]{0,80}>                             # PS C:\> dir
        )[ \t]+\S""",
        re.VERBOSE,
    )
