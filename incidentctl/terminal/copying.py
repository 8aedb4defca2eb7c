"""The texts of an update, one after the other into the clipboard.  That sends nothing, and nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from incidentctl.errors import UserError
from incidentctl.incident.words import Text
from incidentctl.terminal.interface import Copy
from incidentctl.text.escape import clean

KEY: Final = "c"
_HOLE: Final = "not copied, it has a hole, marked [[...]]"


class Copies:
    """Whose text is in the clipboard.  `said` says so, and whose is next; it is empty before anything was copied."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._texts: tuple[Text, ...] = ()
        self._next = 0
        self.said = ""

    def show(self, texts: Sequence[Text]) -> None:
        """These are on the screen now; where they are others than before, the first of them is next."""
        if self._texts != tuple(texts):
            self._texts, self._next, self.said = tuple(texts), 0, ""

    def take_next(self) -> None:
        """Copy the next text exactly as it stands on the screen; after the last comes the first again."""
        if not self._texts:
            return
        text = self._texts[self._next]
        self._next = (self._next + 1) % len(self._texts)
        self.said = f"{clean(text.audience)}: {self._became(text)}"

    def _became(self, text: Text) -> str:
        from incidentctl.text.render import has_hole

        if has_hole(text.text):
            return f"{_HOLE}{self._again()}"
        try:
            taken = self._copy(text.text)
        except UserError as error:
            return f"not copied, {error.message}. {error.hint}"
        return f"in your clipboard{'' if taken else ', if the terminal allows it'}{self._again()}"

    def _again(self) -> str:
        following = clean(self._texts[self._next].audience)
        return f"; {KEY} again: {following}" if len(self._texts) > 1 else ""
