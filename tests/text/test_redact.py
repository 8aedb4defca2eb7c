"""Secrets leave a text before it is written down; everything else stays as it is."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.text.redact import REDACTED, redact, redact_value

# Never written out whole, so that nobody takes this file for a leak.
SLACK = "xoxb" + "-12345-67890-" + "abcdefghijkl"
GITHUB = "ghp" + "_" + "Ab1" * 12
FINE_GRAINED = "github" + "_pat_" + "11ABC" * 6
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
PAGERDUTY = "pdus" + "+_0XBPWQQ_dfd712ae-1f6e"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0In0" + ".s1gn4ture-x_y"
BEGIN, END = "-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE" + " KEY-----"

# The text, and what must not be left of it.
SECRETS = [
    ("dsn: postgres://app:hunter2@db.internal/app", "hunter2"),
    ("dsn: postgres://app:hun@ter2@db.internal/app", "ter2"),
    ("dsn: postgres://app:hun/ter2@db.internal/app", "ter2"),
    ("dsn: postgres//app:hunter2@db.internal/app", "hunter2"),
    ("We use mysql//app:hun/ter2@db now.", "ter2"),
    ("run: redis-cli -u redis://:hunter2@cache:6379", "hunter2"),
    ("password: hunter2", "hunter2"),
    ("password: 'hunter2'   # of the old host", "hunter2"),
    ("db_password: correct horse battery staple", "horse"),
    ("- token: abcdef", "abcdef"),
    ("{user: app, api_key: abcdef, region: eu}", "abcdef"),
    ('"client_secret": "abcdef",', "abcdef"),
    ("secret:\n  abcdef\nnext: 1", "abcdef"),
    ("secret: |\n  abcdef\n\n  ghijkl\nnext: 1", "ghijkl"),
    ('password: "abcdef\n  ghijkl" # both\nnext: 1', "ghijkl"),
    ("token: [abcdef, ghijkl]", "ghijkl"),
    ("token: &shared abcdef", "abcdef"),
    ("run: PGPASSWORD=hunter2 psql -h db", "hunter2"),
    ("run: AWS_SECRET_ACCESS_KEY=hunter2 aws s3 ls", "hunter2"),
    ("run: psql 'host=db password=hunter2 user=app'", "hunter2"),
    ('run: "psql \\"password=hunter2\\" -c x"', "hunter2"),
    ("run: deployctl --token hunter2 freeze", "hunter2"),
    ("run: deployctl --password=hunter2 freeze", "hunter2"),
    ("run: curl -u app:hunter2 https://api.example.com", "hunter2"),
    ("run: mysql -uroot -phunter2 shop", "hunter2"),
    ("url: https://api.example.com/v1?api_key=hunter2&page=2", "hunter2"),
    ("headers: {Authorization: Bearer hunter2}", "hunter2"),
    ('run: curl -H "Authorization: Basic aHVudGVyMg==" x', "aHVudGVyMg"),
    ("run: curl -H 'X-Api-Key: hunter2' x", "hunter2"),
    ("the db password: hunter2", "hunter2"),
    ("he used the token: 8f3c9a1b7d and it worked", "8f3c9a1b7d"),
    (f"posted with {SLACK} to the channel", SLACK),
    (f"note {GITHUB}", GITHUB),
    (f"note {FINE_GRAINED}", FINE_GRAINED),
    (f"key {AWS}.", AWS),
    (f"key {PAGERDUTY}", PAGERDUTY),
    (f"cookie {JWT};", JWT),
    (f"key: |\n  {BEGIN}\n  MIIEpAIB\n  AAKCAQEA\n  {END}\nnext: 1", "MIIEpAIB"),
    (f'key: "{BEGIN}\\nMIIEpAIB\\n{END}"', "MIIEpAIB"),
]

HARMLESS = [
    "The token expired; ask the token service for a new token.",
    "Is the password: rotated every week, as it should be?",
    "ask: Is the token service down?",
    "Rotate the secret: ask the owner first.",
    "dsn: ${CHECKOUT_DB_URL}",
    "dsn: postgres://app:${DB_PASSWORD}@db/app",
    "headers: {Authorization: Bearer ${TOKEN}, X-Api-Key: '${KEY}'}",
    "run: PGPASSWORD=$PGPASSWORD psql",
    "run: TOKEN=$(vault read -field=token secret/app) deployctl",
    "run: deployctl --token {{ token }}",
    "run: deployctl --token-file /etc/token --password-stdin",
    "needs: {token: {ask: Which token?}}",
    "secret:\n  name: db-credentials",
    "run: kubectl create secret generic db",
    "url: https://example.com:8443/users/@me",
    "url: https://example.com//a/b: see me@example.com",
    "run: docker run registry.example.com//app:1.2 // note: ask ana@example.com",
    "url: https://grafana.example.com/d/checkout?from={{ opened_at.epoch_ms }}",
    "if token == expected",
    "password: ''",
    "password: true",
    "cd $(pwd) && OLDPWD=/tmp",
    "Bearer authentication is on; Basic authentication is off",
    "when: [error_rate > 5%, tokens: none]",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_gone_and_the_lines_are_as_many(text: str, secret: str) -> None:
    clean = redact(text)
    assert secret not in clean
    assert REDACTED in clean
    assert clean.count("\n") == text.count("\n")
    assert redact(clean) == clean


@pytest.mark.parametrize("text", HARMLESS)
def test_references_and_prose_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("text", [text for text, _ in SECRETS] + HARMLESS)
def test_what_was_yaml_is_yaml_afterwards(text: str) -> None:
    try:
        yaml.compose(text)
    except yaml.YAMLError:
        return
    yaml.compose(redact(text))


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [("password", "correct horse", REDACTED), ("token", "abcdef", REDACTED), ("pod", "web-1", "web-1")],
)
def test_what_fills_a_password_is_one(name: str, value: str, kept: str) -> None:
    assert redact_value(name, value) == kept


def test_what_stands_around_a_secret_stays() -> None:
    assert redact("run: psql postgres://app:hunter2@db/shop -c 'select 1'") == (
        f"run: psql postgres://app:{REDACTED}@db/shop -c 'select 1'"
    )
    assert redact('  - {user: app, password: "a, b}", region: eu}  # c') == (
        f'  - {{user: app, password: "{REDACTED}", region: eu}}  # c'
    )
    assert redact("q: 'up{token=\"abcdef\"}[5m]'\r\nx: 1\r\n") == f"q: 'up{{token=\"{REDACTED}\"}}[5m]'\r\nx: 1\r\n"


KEYS = st.sampled_from(["password", "db_password", "token", "api_key", "name", "run", "secret", "Authorization"])
WORDS = st.text(st.sampled_from("abc019 _-$@/:,#'\"{}[]\\|>&*!%="), min_size=1, max_size=14) | st.text(
    st.sampled_from("ab1 \"'\\,]}: "), min_size=20, max_size=90
)
TREES = st.recursive(
    WORDS | st.booleans() | st.integers(0, 99999),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(TREES, st.sampled_from([None, True, False]), st.sampled_from([None, '"', "'", "|", ">"]))
def test_any_yaml_stays_yaml_with_the_same_keys(tree: object, flow: bool | None, style: str | None) -> None:
    text = yaml.dump(tree, default_flow_style=flow, default_style=style, width=10_000)
    clean = redact(text)
    assert clean.count("\n") == text.count("\n")
    yaml.compose(clean)


PLAIN = st.recursive(
    st.text(st.sampled_from("ab1 _-"), min_size=1, max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(PLAIN, st.sampled_from([None, True, False]), st.sampled_from([None, '"', "'", "|", ">"]))
def test_yaml_over_several_lines_stays_yaml(tree: object, flow: bool | None, style: str | None) -> None:
    text = yaml.dump(tree, default_flow_style=flow, default_style=style, width=20)
    clean = redact(text)
    assert clean.count("\n") == text.count("\n")
    yaml.compose(clean)


LETTERS = st.characters(whitelist_categories=["Lu", "Ll", "Nd"], max_codepoint=127)


@given(KEYS.filter(lambda key: key not in {"name", "run"}), st.text(LETTERS, min_size=6, max_size=20))
def test_no_canary_outlives_its_key(key: str, letters: str) -> None:
    canary = f"canary{letters}"
    trees = [{key: canary}, [{key: canary}, "x"], {"a": {"b": {key: canary, "z": 1}}}]
    for tree in trees:
        for flow in (True, False):
            for style in (None, '"', "'", "|", ">"):
                text = yaml.dump(tree, default_flow_style=flow, default_style=style)
                assert canary not in redact(text), text


PIECES = st.sampled_from([text for text, _ in SECRETS] + HARMLESS + ["\n", " ", ": ", "'", '"', "token", "=", "@", "}"])


@given(st.lists(PIECES | st.text(max_size=6), max_size=6).map("".join))
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    clean = redact(text)
    assert redact(clean) == clean
    assert clean.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "piece",
    ["a", "token:", "token: ", "token='", "password: x ", "://", "://a:", "://a:b@", "eyJa.", "xoxb-", "-", "'", "\\",
     "curl -u a:", "[token=]", "token=a]", "Bearer ", "{{", "token:\n", BEGIN, BEGIN + "\n"],
)  # fmt: skip
def test_the_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    def cost(size: int) -> float:
        text = (piece * size)[:size]
        began = time.process_time()
        redact(text)
        return time.process_time() - began

    # Four times the text takes four times as long; were it quadratic, sixteen times.
    redact("password: warm")
    assert cost(400_000) < 10 * max(cost(100_000), 0.02)


def test_a_line_of_a_megabyte_with_a_secret_at_its_end() -> None:
    assert redact("x " * 500_000 + "password=hunter2").endswith(f"password={REDACTED}")


@pytest.mark.parametrize("text", ["pa\u017fsword: hunter2hunter", "TO\u212aEN=abcdef123456", "API\u212aEY: abcdef1234"])
def test_letters_that_only_look_the_same_hide_no_key(text: str) -> None:
    assert REDACTED in redact(text)
