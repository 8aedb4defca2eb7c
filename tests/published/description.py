"""A vendor's published description of its API (OpenAPI 3.0), and where an exchange does not agree with it.

https://spec.openapis.org/oas/v3.0.3; its schemas are draft 4 of JSON Schema but for `nullable`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import best_match

from tests.servers.answering import Answered

Object = Mapping[str, Any]
_DEFINITIONS: Final = "#/definitions/"
_OPEN: Final = "!"  # after the name of a definition that stays open
# They say nothing about what is valid.
_REMARKS: Final = ("nullable", "default", "example", "examples", "discriminator", "externalDocs", "xml")


@dataclass(frozen=True)
class Exchange:
    """A request, with every value of each name of the query, and header names in lower case; and its answer.

    None is answered where a test put other words into the server's mouth.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: Any = None
    answered: Answered | None = None


class Description:
    """What a vendor says of its API, at `base` of the address."""

    def __init__(self, document: Object, base: str = "") -> None:
        assert document["openapi"].startswith("3.0."), "3.1 has other schemas"
        self._document = document
        self._base = base
        self._paths = {template: template.split("/") for template in document["paths"]}
        self._validators: dict[int, Draft4Validator] = {}

    def operation(self, method: str, path: str) -> str:
        """`GET /repos/{owner}/{repo}`; empty where no such thing is published."""
        parts = path.removeprefix(self._base).split("/")
        fitting = [template for template, names in self._paths.items() if _fits(names, parts)]
        template = min(fitting, key=lambda one: one.count("{"), default="")
        published = template and method.lower() in self._document["paths"][template]
        return f"{method} {template}" if published else ""

    def problems(self, exchange: Exchange) -> list[str]:
        """One sentence for each thing that is not as published; none where all is."""
        where = f"{exchange.method} {exchange.path}"
        operation = self.operation(exchange.method, exchange.path)
        if not operation:
            return [f"{where} is not published"]
        method, template = operation.split(" ")
        says = self._document["paths"][template][method.lower()]
        given = dict(zip(self._paths[template], exchange.path.removeprefix(self._base).split("/"), strict=True))
        found = [
            *self._parameters(says, exchange, {name.strip("{}"): part for name, part in given.items()}),
            *self._credentials(says, exchange),
            *self._body(says, exchange),
            *self._answer(says, exchange.answered),
        ]
        return [f"{where}: {sentence}" for sentence in found]

    def examples(self, method: str, template: str) -> Iterator[Answered]:
        """The answers that the vendor gives as examples."""
        for status, said in self._document["paths"][template][method.lower()]["responses"].items():
            content = self._resolved(said).get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                yield Answered(int(status) if status.isdecimal() else 200, self._resolved(example)["value"])

    # --- requests ------------------------------------------------------------------------------------------

    def _parameters(self, says: Object, exchange: Exchange, path: Mapping[str, str]) -> Iterator[str]:
        known = [self._resolved(one) for one in says.get("parameters", ())]
        places = {
            "path": {name: [part] for name, part in path.items()}, "query": exchange.query,
            "header": {name: [value] for name, value in exchange.headers.items()},
        }  # fmt: skip
        for name in exchange.query.keys() - {one["name"] for one in known if one["in"] == "query"}:
            yield f"no parameter `{name}` is published"
        for one in known:
            values = places[one["in"]].get(one["name"].lower() if one["in"] == "header" else one["name"], ())
            if values:
                yield from self._against(one["schema"], _typed(one["schema"], values), one["name"])
            elif one.get("required"):
                yield f"the parameter `{one['name']}` is missing"

    def _credentials(self, says: Object, exchange: Exchange) -> Iterator[str]:
        schemes = self._document["components"].get("securitySchemes", {})
        names = {name for one in says.get("security", self._document.get("security", ())) for name in one}
        for scheme in (schemes[name] for name in names):
            if scheme["type"] == "oauth2" and not exchange.headers.get("authorization", "").startswith("Bearer "):
                yield "there is no bearer token"
            elif scheme["type"] == "apiKey" and scheme["name"].lower() not in exchange.headers:
                yield f"there is no `{scheme['name']}`"

    def _body(self, says: Object, exchange: Exchange) -> Iterator[str]:
        wanted = self._resolved(says.get("requestBody", {}))
        contents = wanted.get("content", {})
        if exchange.body is None:
            if wanted.get("required"):
                yield "the body is missing"
            return
        kind = exchange.headers.get("content-type", "").partition(";")[0]
        if kind not in contents:
            yield f"a body of `{kind}` is not published"
        else:
            yield from self._against(contents[kind]["schema"], exchange.body, "body")

    # --- answers -------------------------------------------------------------------------------------------

    def _answer(self, says: Object, answered: Answered | None) -> Iterator[str]:
        if answered is None:
            return
        said = self._resolved(says["responses"].get(_which(answered), says["responses"].get("default", {})))
        if not said:
            yield f"an answer with {answered.status} is not published"
        elif "content" in said:
            yield from self._against(said["content"]["application/json"]["schema"], answered.body, "answer")

    # --- schemas -------------------------------------------------------------------------------------------

    def _resolved(self, node: Object) -> Object:
        return self._at(node["$ref"]) if "$ref" in node else node

    def _at(self, reference: str) -> Object:
        """What a JSON pointer points at."""
        node: Any = self._document
        for part in unquote(reference).removeprefix("#/").split("/"):
            name = _unescaped(part)
            node = node[int(name)] if isinstance(node, list) else node[name]
        found: Object = node
        return found

    def _against(self, schema: Object, value: object, where: str) -> Iterator[str]:
        # By identity: all schemas are parts of the document, which lives as long as this does.
        if id(schema) not in self._validators:
            self._validators[id(schema)] = self._validator(schema)
        error = best_match(self._validators[id(schema)].iter_errors(value))
        if error is not None:
            yield f"{where}{error.json_path.removeprefix('$')}: {error.message[:300]}"

    def _validator(self, schema: Object) -> Draft4Validator:
        """The schema, cut out of the document with all that it refers to."""
        definitions: dict[str, Object] = {}
        waiting = [root := draft4(schema)]
        while waiting:
            for name in _named(waiting.pop()):
                if name not in definitions:
                    definitions[name] = draft4(self._at(name.removesuffix(_OPEN)), closed=not name.endswith(_OPEN))
                    waiting.append(definitions[name])
        whole = {"allOf": [root], "definitions": definitions}
        return Draft4Validator(whole, format_checker=FORMATS)


def draft4(schema: Object, *, closed: bool = True) -> Object:
    """A schema of OpenAPI 3.0 as JSON Schema, in which a field that is not published is none.

    A part of an `allOf` stays open: the fields of its neighbours are none of its own.
    """
    if "$ref" in schema:
        name = unquote(schema["$ref"]) + ("" if closed else _OPEN)
        return {"$ref": _DEFINITIONS + name.replace("~", "~0").replace("/", "~1")}
    plain = {key: _part(key, value, closed=closed) for key, value in schema.items() if key not in _REMARKS}
    if closed and "properties" in plain:
        plain.setdefault("additionalProperties", False)
    return {"anyOf": [{"type": "null"}, plain]} if schema.get("nullable") else plain


def _part(key: str, value: Any, *, closed: bool) -> object:  # noqa: ANN401 - what stands at a key of a schema
    match key:
        case "properties":
            return {name: draft4(one) for name, one in value.items()}
        case "items" | "not" | "additionalProperties" if isinstance(value, dict):
            return draft4(value)
        case "anyOf" | "oneOf" | "allOf":
            return [draft4(one, closed=closed and key != "allOf") for one in value]
        case _:
            return value


FORMATS: Final = FormatChecker(())


@FORMATS.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    """RFC 3339: with the zone, and in full."""
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


@FORMATS.checks("uri", raises=ValueError)
def _uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


def _named(node: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a schema
    """The definitions that it refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield _unescaped(node["$ref"].removeprefix(_DEFINITIONS))
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _named(one)


def _unescaped(part: str) -> str:
    """A name in a JSON pointer (RFC 6901)."""
    return part.replace("~1", "/").replace("~0", "~")


def _fits(names: list[str], parts: list[str]) -> bool:
    return len(names) == len(parts) and all(
        name == part or (name.startswith("{") and part) for name, part in zip(names, parts, strict=True)
    )


def _which(answered: Answered) -> str:
    """Slack answers 200 to everything, and describes `ok: false` as the default."""
    refused = isinstance(answered.body, dict) and answered.body.get("ok") is False
    return "default" if refused else str(answered.status)


def _typed(schema: Object, values: Sequence[str]) -> object:
    """The texts that stand at a name of a path, a query or the headers, as what they stand for."""
    if schema.get("type") == "array":
        return [_one(schema["items"], value) for value in values]
    return _one(schema, values[0]) if len(values) == 1 else list(values)


def _one(schema: Object, value: str) -> object:
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    return value
