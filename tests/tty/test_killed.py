"""Killed in a real terminal, at any question, in the middle of a word: the journal is that of the unbroken walk."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.crash.walks import answered, story
from tests.tty.walk import RESUME, START, WALK, Place, Step, answer, is_asked, wait_until_asked

BEFORE_THE_KILL = {
    "first.channel": ("t\rinc-che", "inc-che"),
    "triage.impact": ("2 ", "[x] 2  critically degraded"),
    "first.page": ("s\rnobody is on ca", "nobody is on ca"),
    "comms.update": ("e", "❯ e  write it in my own words"),
    "comms.sent": ("1 ", "[x] 1  customers"),
    "tree.recent-deploy": ("y", "❯ y  yes"),
    "mitigation.choice": ("f", "❯ f  fix forward"),
    "mitigation.estimate": ("20 m", "20 m"),
    "tree.roll-back.recovered": ("\x0ethe graph falls, I th", "the graph falls, I th"),
    "clear.post-mortem": ("?", "Why: "),
}
"""At each of these prompts (where it comes twice: both times), what is begun, and what the screen shows then."""


def is_gone(step: Step, shown: str) -> bool:
    return not is_asked(shown, step)


def walked_by_hand(place: Place) -> None:
    with place.terminal(*START) as terminal:
        answer(terminal, *WALK)
        assert terminal.wait_for_end() == 0


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The walk that was never killed."""
    place = Place(tmp_path_factory.mktemp("unbroken"))
    walked_by_hand(place)
    assert answered(place.store) == [step.prompt for step in WALK]
    return place


def test_keys_and_an_answers_file_make_the_same_journal(unbroken: Place, tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.script(*WALK)
    assert story(place.store) == story(unbroken.store)


def test_a_walk_that_is_killed_at_many_questions_gives_the_same_journal(unbroken: Place, tmp_path: Path) -> None:
    place = Place(tmp_path)
    kills = 0
    terminal = place.terminal(*START)
    for done, step in enumerate(WALK):
        wait_until_asked(terminal, step)
        if step.prompt in BEFORE_THE_KILL:
            keys, shown = BEFORE_THE_KILL[step.prompt]
            terminal.press(keys)
            terminal.wait_for(shown)
            terminal.kill()
            kills += 1
            # The screen had asked this question, so all before it was acknowledged, and is there.
            assert answered(place.store) == [one.prompt for one in WALK[:done]]
            terminal = place.terminal(*RESUME)
            wait_until_asked(terminal, step)
        terminal.press(step.keys)
    assert terminal.wait_for_end() == 0
    assert kills == len(BEFORE_THE_KILL) + 2
    assert story(place.store) == story(unbroken.store)


def test_killed_with_the_finger_still_on_enter_the_answer_is_there_whole_or_asked_again(
    unbroken: Place, tmp_path: Path
) -> None:
    """The kill comes when the question is gone from the screen, which is while its answer is written."""
    place = Place(tmp_path)
    words: tuple[str, ...] = START
    done = 0
    while done < len(WALK):
        shown = min(done + 5, len(WALK)) - 1
        with place.terminal(*words) as terminal:
            answer(terminal, *WALK[done : shown + 1])
            terminal.wait_until(partial(is_gone, WALK[shown]), "Enter was read")
            terminal.kill()
        words, done = RESUME, len(answered(place.store))
        assert done in (shown, shown + 1)
    assert story(place.store) == story(unbroken.store)
