"""The secrets of our environment are told by the names of their variables, or by what stands around them."""

from __future__ import annotations

import pytest

from incidentctl.text.ours import withheld


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("GITHUB_TOKEN", "gold9-finch", "gold9-finch"),
        ("PGPASSWORD", "gold9-finch", "gold9-finch"),
        ("DEPLOY_KEY", "gold9-finch", "gold9-finch"),
        ("API_TOKEN_PROD", "correct Horse", "correct Horse"),
        ("DATABASE_URL", "postgres://app:gold9-finch@db/shop", "gold9-finch"),
        ("QUEUE", "host=mq password=gold9-finch user=app", "gold9-finch"),
    ],
)
def test_what_is_a_secret_here_is_told_by_nobody(name: str, value: str, secret: str) -> None:
    said = withheld(f"it answered {secret}, and {value}", {name: value, "HOME": "/srv"})
    assert secret not in said
    assert said.startswith("it answered <redacted>, and ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PGPASSWORD", "postgres"),  # no other word could be told from it
        ("API_KEY", "x1"),
        ("GITHUB_TOKEN", ""),
        ("SSH_KEY_FILE", "/etc/deploy/id"),
        ("CHECKOUT_URL", "https://checkout.example.com/a=b"),
        ("MONKEY", "gold9-finch"),
    ],
)
def test_everything_else_stays(name: str, value: str) -> None:
    text = f"postgres@shop says {value} of x1"
    assert withheld(text, {name: value}) == text


def test_the_longer_secret_goes_first() -> None:
    assert withheld("a key1234567", {"A_KEY": "key1234", "B_KEY": "key1234567"}) == "a <redacted>"
