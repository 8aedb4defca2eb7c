"""What stands above the question whether the numbers are back."""

from __future__ import annotations

import pytest

from incidentctl.actions.interface import NoHands
from incidentctl.checks.interface import NoChecks
from incidentctl.watching import Watching
from tests.walker.story import at_tree
from tests.walker.test_evidence import MEASURED


@pytest.mark.rule("P-CLEAR-1")
def test_a_condition_that_still_holds_is_named_where_the_all_clear_is_asked_for() -> None:
    story = at_tree(MEASURED).sees("signal/error_rate", "yes", number=0.062)
    story.says("yes").says().says("done").says("yes")
    assert story.asked == "clear.verify"
    assert story.request is not None
    watching = Watching(lambda _book, _incident: NoChecks(), NoHands())
    lines = watching.lines(story.book, story.incident, story.request, story.now)
    assert lines[-1].startswith("Not quiet, this still holds: error_rate > 5%")
