"""Secrets come from the environment, then from the keyring; what is missing is named, and nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from incidentctl.comms.channels.interface import Unsent
from incidentctl.comms.channels.secrets import secret

NAME = "SLACK_BOT_TOKEN"


class Kept(KeyringBackend):
    """A keyring as another program would plug it in: `locked` while nobody opens it."""

    priority = 1
    locked = False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("the canary is locked away")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def kept() -> Iterator[Kept]:
    before, ours = keyring.get_keyring(), Kept()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


def test_the_environment_goes_first(kept: Kept) -> None:
    keyring.set_password("incidentctl", NAME, "kept")
    assert secret(NAME, {NAME: " given\n"}) == "given"
    assert secret(NAME, {NAME: " "}) == "kept"
    assert secret(NAME, {}) == "kept"


def test_what_is_nowhere_is_named_and_how_to_set_it(kept: Kept) -> None:
    keyring.set_password("another program", NAME, "kept")
    with pytest.raises(Unsent) as caught:
        secret(NAME, {"HOME": "/root"})
    assert caught.value.message == "SLACK_BOT_TOKEN is not set"
    assert "keyring set incidentctl SLACK_BOT_TOKEN" in caught.value.hint
    assert not caught.value.perhaps


def test_a_keyring_that_is_locked_is_as_good_as_empty(kept: Kept) -> None:
    kept.locked = True
    with pytest.raises(Unsent, match=r"^SLACK_BOT_TOKEN is not set$"):
        secret(NAME, {})


def test_without_the_package_there_is_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert secret(NAME, {NAME: "given"}) == "given"
    with pytest.raises(Unsent, match="is not set"):
        secret(NAME, {})
