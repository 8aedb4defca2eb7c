"""Blame and internal details are found, and innocent words are not."""

from __future__ import annotations

import pytest

from incidentctl.text.words import blame_words, internal_details


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It was human error.", ["human error"]),
        ("Our vendor is to blame; their fault.", ["to blame", "their fault"]),
        ("An engineer forgot to renew it.", ["An engineer forgot to"]),
        ("We should have known better.", ["should have known better"]),
        ("They messed things up.", ["messed things up"]),
        # words that are used innocently
        ("A blameless review follows.", []),
        ("Fault tolerance failed; by default, a page fault follows.", []),
        ("Users see a login error.", []),
        ("If you forgot to pay, pay now.", []),
        ("The job failed to start.", []),
    ],
)
@pytest.mark.rule("P-CLEAR-3")
def test_only_what_blames_somebody_is_blame(text: str, found: list[str]) -> None:
    assert blame_words(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("db-01.prod.internal is down", ["db-01.prod.internal"]),
        ("orders.shop.svc is slow", ["orders.shop.svc"]),
        ("ip-10-0-0-12 and web02 fail", ["ip-10-0-0-12", "web02"]),
        ("at 10.0.0.12 and 2001:db8::1", ["10.0.0.12", "2001:db8::1"]),
        ("SELECT * FROM orders hangs", ["SELECT * FROM"]),
        ("a NullPointerException", ["NullPointerException"]),
        ("see #incident-20261123", ["#incident-20261123"]),
        # what customers may read
        ("Select another card from the list", []),
        ("Version 1.2.3.4 fails since 03:42:10", []),
        ("Follow @ExampleStatus or https://status.example.com/web-02", []),
        ("Orders in the EU, on iOS 17 and with TLS 1.3", []),
        ("Error 502 for order #1234", []),
        ("app-2026 and the api v2", []),
    ],
)
@pytest.mark.rule("P-COMMS-4")
def test_only_the_inside_of_the_house_is_internal(text: str, found: list[str]) -> None:
    assert [detail for _, detail in internal_details(text)] == found
