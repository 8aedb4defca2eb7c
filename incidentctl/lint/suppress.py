"""`# incidentctl: ignore[slug, slug2] reason`: a finding that somebody looked at and decided to keep.

It stands on the finding's line, or alone on the line above.  One that is not needed, does not say which rule, or does
not say why is a finding itself.  What keeps a runbook from being walked cannot be ignored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from incidentctl.lint.finding import Finding, Severity
from incidentctl.record import record
from incidentctl.runbook.comments import Comment, comments, lines_of
from incidentctl.runbook.find import did_you_mean
from incidentctl.runbook.nodes import ScalarNode

SUPPRESSION: Final[Mapping[str, Severity]] = {
    "unused-ignore": "warning",
    "blanket-ignore": "warning",
    "unreasoned-ignore": "warning",
    "unknown-ignore": "warning",
}
_WORD: Final = "incidentctl:"
_ENOUGH: Final = 100  # comments of one file that are judged themselves: nobody reads more
_DIRECTIVE: Final = re.compile(r"\s*incidentctl:\s*(?P<verb>[\w-]*)(?P<list>\s*\[(?P<slugs>[^\]]*)\])?(?P<reason>.*)")


@record
class Ignore:
    """One comment: the rules it names, and the line that it speaks of."""

    comment: Comment
    verb: str
    slugs: tuple[str, ...]
    reason: str
    line: int


def ignores(text: str, scalars: Sequence[ScalarNode] | None = None) -> list[Ignore]:
    """Every comment that speaks to incidentctl, in the order of the file.  `scalars` are as `comments` takes them."""
    found = comments(text, _WORD, scalars)
    if not found:
        return []
    below = _lines_below([comment.line for comment in found if comment.alone], lines_of(text))
    return [ignore for comment in found if (ignore := _read(comment, below)) is not None]


def _lines_below(numbers: Sequence[int], lines: Sequence[str]) -> dict[int, int]:
    """For each of these lines the next one that is no comment; several comments may stand above each other."""
    below: dict[int, int] = {}
    for number in reversed(numbers):
        next_ = number
        while next_ not in below and next_ < len(lines) and lines[next_].lstrip().startswith("#"):
            next_ += 1
        below[number] = below.get(next_, next_ + 1)
    return below


def _read(comment: Comment, below: Mapping[int, int]) -> Ignore | None:
    match = _DIRECTIVE.match(comment.text)
    if match is None:
        return None
    slugs = tuple(slug for part in (match["slugs"] or "").split(",") if (slug := part.strip()))
    line = below[comment.line] if comment.alone else comment.line
    return Ignore(comment, match["verb"], slugs, match["reason"].strip(" \t-:"), line)


def judged(
    file: str,
    text: str,
    findings: Sequence[Finding],
    *,
    kept: Collection[Finding],
    ran: Collection[str],
    known: Collection[str],
    scalars: Sequence[ScalarNode] | None = None,
) -> list[Finding]:
    """The findings in one file that are left, and those about the comments themselves.

    `kept` cannot be ignored.  `ran` are the rules that were asked, a part of all that are `known`: a comment about
    another one may be needed.  `scalars` are those of `text`, where they are known (`Source`).
    """
    written = ignores(text, scalars)
    if not written:
        return list(findings)
    meant = {(ignore.line, slug) for ignore in written if ignore.verb == "ignore" for slug in ignore.slugs}
    left = [finding for finding in findings if finding in kept or (finding.line, finding.rule) not in meant]
    used = {(finding.line, finding.rule) for finding in findings if finding not in kept}
    stubborn = {(finding.line, finding.rule) for finding in kept}
    for ignore in written[:_ENOUGH]:
        slugs = ignore.slugs if ignore.verb == "ignore" else ()
        unused = [slug for slug in slugs if slug in ran and (ignore.line, slug) not in used]
        unknown = {slug: did_you_mean(slug, known) for slug in slugs if slug not in known}
        about = [*_of_directive(ignore), *_of_slugs(ignore, unknown, unused, stubborn)]
        left += [_about(file, ignore, *complaint) for complaint in about if complaint[0] in ran]
    return left


def without_unused(findings: Sequence[Finding]) -> list[Finding]:
    """For a file that was not looked at from everywhere: what seems unused may be used elsewhere."""
    return [finding for finding in findings if finding.rule != "unused-ignore"]


Complaint = tuple[str, str, str]
"""Rule, message and hint."""


def _of_directive(ignore: Ignore) -> Iterator[Complaint]:
    how = "Write `# incidentctl: ignore[SLUG] REASON`."
    if ignore.verb != "ignore":
        yield "unknown-ignore", f"`incidentctl: {ignore.verb}` says nothing that lint knows", how
    elif not ignore.slugs:
        yield "blanket-ignore", "this names no rule, and ignores nothing", how
    elif not ignore.reason:
        yield "unreasoned-ignore", "this does not say why", "Put the reason behind the bracket, for whoever reads it."


def _of_slugs(
    ignore: Ignore, unknown: Mapping[str, str], unused: Sequence[str], stubborn: Collection[tuple[int, str]]
) -> Iterator[Complaint]:
    for slug, hint in unknown.items():
        yield "unknown-ignore", f"there is no rule `{slug}` to ignore", hint
    for slug in unused:
        if (ignore.line, slug) in stubborn:
            yield "unused-ignore", f"`{slug}` cannot be ignored here", "The runbook is not walked until it is mended."
        else:
            yield "unused-ignore", f"`{slug}` finds nothing here to ignore", "Remove it."


def _about(file: str, ignore: Ignore, slug: str, message: str, hint: str) -> Finding:
    comment = ignore.comment
    end = comment.column + 1 + len(comment.text.rstrip())
    place = Finding(slug, SUPPRESSION[slug], message, file, comment.line, comment.column, comment.line, end, "")
    return replace(place, hint=hint)
