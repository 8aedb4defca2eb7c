"""A text cannot be filled in, whatever the incident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from incidentctl.lint.finding import Severity
from incidentctl.lint.interface import Found, Subject
from incidentctl.lint.texts import templated
from incidentctl.text.render import known_names, read

SLUG: Final = "template-syntax"
SEVERITY: Final[Severity] = "error"
_HINT: Final = "A text takes `{{ variable }}`, `{{ variable or 'words' }}` and `{% if variable %}...{% endif %}`."


def check(subject: Subject) -> Iterator[Found]:
    """Broken braces, filters and tests that do not exist, loops and calls; `{name}` with one brace."""
    for place in templated(subject):
        problem = read(place.text).problem
        if problem:
            yield Found(place.route, f"this text cannot be filled in: {problem}", _HINT)
        for name in _single_braced(place.text):
            yield Found(place.route, f"`{{{name}}}` is not filled in", f"Write `{{{{ {name} }}}}`.")


def _single_braced(text: str) -> list[str]:
    """The variables that stand in one pair of braces, as in other programs; they would be printed as they are."""
    if "{" not in text:
        return []
    found = re.findall(r"(?<![{$])\{[ \t]*([a-z_][a-z_.]*)[ \t]*\}(?!\})", text)
    return [name for name in dict.fromkeys(found) if name in known_names()]
