"""The command changes hands: offered, and complete when the other side accepts (P-ROLE-5)."""

from __future__ import annotations

import pytest

from incidentctl.errors import NotAllowed, Refused, UserError
from incidentctl.walker import acts, walk
from incidentctl.walker.replies import Typed
from tests.walker.story import START, Story, at_tree, minutes, opened


def accepts(story: Story, name: str) -> Story:
    """Somebody types their name in the terminal in which the command was offered."""
    asked = walk.handoff_now(story.book, story.incident, story.now)
    return story.replies(asked, Typed(name))


@pytest.mark.rule("P-ROLE-5")
def test_an_offer_changes_nothing_until_the_other_side_accepts() -> None:
    story = at_tree().passes(minutes(20)).does(acts.OfferHandoff("Ben"))
    assert story.incident.holder("ic") == "ada"
    assert story.asked == "tree.recent-deploy"
    accepts(story.passes(minutes(2)), "ben")
    assert story.incident.holder("ic") == "ben"
    assert story.incident.commanded_since == START + minutes(22)
    assert story.incident.handoff is None
    assert story.kinds()[-2:] == ["HandoffOffered", "HandoffAccepted"]


@pytest.mark.rule("P-ROLE-5")
def test_both_names_are_recorded_at_both_ends() -> None:
    story = accepts(at_tree().does(acts.OfferHandoff("  Ben   Okafor ")), "Ben Okafor")
    offered, accepted = (entry.event for entry in story.entries[-2:])
    assert repr(offered) == "HandoffOffered(outgoing='ada', incoming='Ben Okafor')"
    assert repr(accepted) == "HandoffAccepted(outgoing='ada', incoming='Ben Okafor')"
    assert story.entries[-1].prompt == "handoff.accepted"


@pytest.mark.rule("P-ROLE-5")
def test_nobody_accepts_in_the_name_of_another() -> None:
    story = at_tree().does(acts.OfferHandoff("Ben"))
    with pytest.raises(NotAllowed, match="the command was offered to Ben"):
        accepts(story, "carla")
    assert story.incident.holder("ic") == "ada"


@pytest.mark.rule("P-ROLE-5")
def test_offering_it_again_goes_on_and_offering_it_to_another_begins_anew() -> None:
    story = at_tree().does(acts.OfferHandoff("Ben"))
    entries = len(story.entries)
    assert len(story.does(acts.OfferHandoff(" BEN ")).entries) == entries
    story.does(acts.OfferHandoff("Carla"))
    with pytest.raises(NotAllowed):
        accepts(story, "Ben")
    assert accepts(story, "Carla").incident.holder("ic") == "Carla"


@pytest.mark.rule("P-ROLE-4", "P-ROLE-5")
@pytest.mark.parametrize(
    ("name", "why"),
    [("ADA ", "is incident commander already"), ("Grace", "is comms lead"), ("vacant", "a person"), (" ", "a person")],
)
def test_who_cannot_take_over_is_refused_before_anything_is_recorded(name: str, why: str) -> None:
    story = at_tree().does(acts.Assign("comms-lead", "grace"))
    before = story.incident
    with pytest.raises(UserError, match=why):
        story.does(acts.OfferHandoff(name))
    assert story.incident == before


@pytest.mark.rule("P-ROLE-4")
def test_who_became_comms_lead_meanwhile_cannot_accept() -> None:
    story = at_tree().does(acts.OfferHandoff("Ben")).does(acts.Assign("comms-lead", "Ben"))
    with pytest.raises(Refused, match="P-ROLE-4"):
        accepts(story, "Ben")


def test_without_a_commander_there_is_nothing_to_hand_over() -> None:
    with pytest.raises(Refused, match="nobody is incident commander") as refused:
        opened(severity="P1").does(acts.OfferHandoff("Ben"))
    assert "incidentctl assign ic NAME" in refused.value.hint


def test_assigning_the_role_ends_the_offer() -> None:
    story = at_tree().does(acts.OfferHandoff("Ben")).does(acts.Assign("ic", "Carla"))
    with pytest.raises(Refused, match="incident commander is Carla"):
        walk.handoff_now(story.book, story.incident, story.now)


def test_what_is_over_is_not_handed_over() -> None:
    story = at_tree().until("tree.exhausted").says({"hypothesis": "a full disk"}).says().says("yes").says("yes")
    assert not story.incident.is_open
    with pytest.raises(UserError, match="is resolved"):
        story.does(acts.OfferHandoff("Ben"))


def test_the_same_name_in_other_letters_does_not_begin_a_new_shift() -> None:
    story = at_tree()
    since = story.incident.commanded_since
    assert since is not None
    assert story.passes(minutes(9)).does(acts.Assign("ic", "ADA")).incident.commanded_since == since
    assert story.does(acts.Assign("ic", "vacant")).incident.commanded_since is None
