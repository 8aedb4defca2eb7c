"""The page of a rule, as `--explain` and SARIF show it: `docs/rules/SLUG.md`, which the wheel brings along."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

_PLACES: Final = (Path(__file__).parent / "pages", Path(__file__).parents[2] / "docs" / "rules")


@cache
def page(slug: str) -> str:
    """The page in Markdown; empty where this installation has none."""
    for place in _PLACES:
        try:
            return (place / f"{slug}.md").read_text(encoding="utf-8")
        except OSError:
            continue
    return ""


def summary(slug: str) -> str:
    """What is wrong, in the paragraph under the page's title, as one line; the slug itself where there is no page."""
    paragraphs = (" ".join(part.split()) for part in page(slug).split("\n\n")[1:])
    return next(filter(None, paragraphs), slug)
