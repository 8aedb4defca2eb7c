"""Text in lines of so many columns, wide and combining characters counted as a terminal shows them."""

from __future__ import annotations

import re

from incidentctl.text.escape import columns


def wrapped(text: str, width: int, *, indent: str = "", break_words: bool = True) -> list[str]:
    """The lines of one paragraph, each at most `width` columns; all but the first begin with `indent`.

    Without `break_words` an address or a command that is longer than a line stays whole.
    """
    if text.isascii():
        import textwrap

        return textwrap.wrap(
            text, width, subsequent_indent=indent, break_long_words=break_words, break_on_hyphens=False
        )
    lines, gap = [""], ""
    for word in re.split(r"(\s+)", text.strip()):
        if word.isspace():
            gap = word
            continue
        for piece in _pieces(word, width - len(indent)) if break_words or not word.isascii() else [word]:
            if lines[-1] and columns(lines[-1] + gap + piece) > width:
                lines.append(indent + piece)
            else:
                lines[-1] += gap + piece
            gap = ""
    return lines if lines[-1] else []


def _pieces(word: str, width: int) -> list[str]:
    """A word that fits, or its parts that do."""
    pieces = [""]
    for char in word:
        if columns(pieces[-1] + char) > width:
            pieces.append("")
        pieces[-1] += char
    return pieces
