"""Text templates into words: Jinja2 in its sandbox, and the one place that imports it.

A template never fails and never runs away.  What cannot be filled in leaves a visible hole, `[[unknown variable: x]]`,
and whoever sends texts asks `has_hole` first.  Templates may use variables, `if`, comparisons and the filters in
`FILTERS`; there is nothing to loop over, so loops, calls and arithmetic are not allowed, and a text stays as short as
its template and its values make it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from incidentctl.record import record

if TYPE_CHECKING:
    from jinja2 import Undefined, nodes
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from incidentctl.runbook.model import Template

LONGEST_TEMPLATE: Final = 10_000
LONGEST_TEXT: Final = 20_000
_END: Final = "resolved"
_PARTS: Final = ("stamp", "epoch_ms")
FILTERS: Final = ("capitalize", "d", "default", "lower", "title", "trim", "truncate", "upper")


@record
class Variable:
    """A name that a template may use, and what stands there."""

    name: str
    meaning: str


VARIABLES: Final = (
    Variable("service", "the service, as its runbook names it"),
    Variable("title", "the incident's title"),
    Variable("feature", "what customers call that which is broken"),
    Variable("severity", "the level's name, such as P1"),
    Variable("phase", "investigating, identified, monitoring or resolved"),
    Variable("symptom", "what people see"),
    Variable("ic", "the incident commander's name; false while the seat is vacant"),
    Variable("channel", "the incident channel's name; false until it is open"),
    Variable("next_update_at", "the clock time of the next update with its zone, 03:42 CET; false where none follows"),
    Variable("opened_at", "when it began: opened_at.stamp is 20261123-0312 in UTC, opened_at.epoch_ms milliseconds"),
    Variable("audience", "who reads the text, such as customers"),
)


@record
class OpenedAt:
    """`opened_at` in a template: `stamp` in UTC to the minute, `epoch_ms` for links to dashboards."""

    stamp: str
    epoch_ms: int

    @classmethod
    def of(cls, moment: datetime) -> OpenedAt:
        """From an aware moment."""
        return cls(f"{moment.astimezone(UTC):%Y%m%d-%H%M}", int(moment.timestamp() * 1000))

    def __str__(self) -> str:
        return self.stamp


@record
class Absent:
    """A variable with nothing to say: false in an `if`, and `words` where a text wants it nevertheless."""

    words: str

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return self.words


Values = Mapping[str, str | OpenedAt | Absent]
"""What the variables stand for."""


def render(template: str, values: Values) -> str:
    """`template` filled in with `values`; never raises, holes where it cannot be filled in.

    The simplest templates do without Jinja2: its import takes longer than all that happens between two questions.
    """
    if not _is_template(template):
        return template
    if len(template) > LONGEST_TEMPLATE:
        return hole(f"template longer than {LONGEST_TEMPLATE} characters")
    text = _render_plain(template, values)
    if text is None:
        text = _render_jinja(template, values)
    return text if len(text) <= LONGEST_TEXT else hole(f"text longer than {LONGEST_TEXT} characters")


def hole(what: str) -> str:
    """The visible mark of something that a template could not say."""
    return f"[[{what}]]"


def has_hole(text: str) -> bool:
    """Whether `text` has a hole, and so must not be sent."""
    return _hole().search(text) is not None


@cache
def _hole() -> re.Pattern[str]:
    # In any case of letters, because a filter may have changed it.
    return re.compile(
        r"\[\[(?:(?:unknown variable|no value|no text for|not allowed in a template|template error): "
        r"|(?:template|text) longer than )",
        re.IGNORECASE,
    )


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text


# --- before anybody fills it in ----------------------------------------------------------------------------


@record
class Reading:
    """What can be said of a template before it is filled in.

    `names` are the variables it asks for, with their parts (`opened_at.stamp`), in the order written.  `problem` says
    why it would leave a hole whatever the values; empty where it would not.  `shortest` is how many characters it has
    where every value is empty and every condition takes its shortest way.
    """

    names: tuple[str, ...] = ()
    problem: str = ""
    shortest: int = 0


def known_names() -> tuple[str, ...]:
    """Everything that `{{ }}` may hold: the variables, and the parts of `opened_at`."""
    return (*(variable.name for variable in VARIABLES), *(f"opened_at.{part}" for part in _PARTS))


@lru_cache(maxsize=500)
def read(template: str) -> Reading:
    """What `template` asks for and whether it can be filled in; never raises.  Needs Jinja2 as rarely as `render`."""
    if not _is_template(template):
        return Reading(shortest=len(template))
    if len(template) > LONGEST_TEMPLATE:
        return Reading(problem=f"it is longer than {LONGEST_TEMPLATE} characters")
    rest = _if().sub(r"\2", _simple().sub("", template))
    if "\r" in template or _is_template(rest):
        return _read_by_jinja(template)
    names = [f"{name}.{part}" if part else name for name, part, _ in _simple().findall(template)]
    names += [name for name, _ in _if().findall(template)]
    shortest = _simple().sub("", _if().sub("", template))
    return Reading(tuple(dict.fromkeys(names)), "", len(shortest.strip()))


def is_meant(template: Template, phase: str) -> bool:
    """Whether somebody of the service or the organisation wrote `template` for an update in `phase`.

    One without a phase is for as long as it lasts; for the end, only if it asks which phase it is: what was said of a
    failure is not true any more.
    """
    if template.built_in:
        return False
    return bool(template.phase) or phase != _END or "phase" in read(template.text).names


def _read_by_jinja(template: str) -> Reading:
    from jinja2 import TemplateError

    environment = _environment()
    try:
        tree = environment.parse(template)
        forbidden = _forbidden(tree)
        names, shortest = tuple(dict.fromkeys(_names(tree))), _shortest(tree.body)
        if not forbidden:
            environment.compile(tree)  # a test that does not exist is found only here
    except TemplateError as error:
        return Reading(problem=_in_one_line(error).rstrip("."))
    except Exception:  # noqa: BLE001 - Python's own parser gives up on deep nesting in several ways
        return Reading(problem="it is nested too deep")
    return Reading(names, f"{forbidden} is not allowed in a template" if forbidden else "", shortest)


def _names(node: nodes.Node) -> Iterator[str]:
    """The variables below `node`; of `opened_at.stamp` the whole."""
    from jinja2 import nodes

    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        yield f"{node.node.name}.{node.attr}"
    elif isinstance(node, nodes.Name):
        if node.ctx == "load":
            yield node.name
    else:
        for inner in node.iter_child_nodes():
            yield from _names(inner)


def _shortest(parts: Sequence[nodes.Node]) -> int:
    """The characters of `parts` that stand there in any case."""
    from jinja2 import nodes

    length = 0
    for part in parts:
        if isinstance(part, nodes.If):
            otherwise = (_shortest(one.body) for one in part.elif_)
            length += min(_shortest(part.body), _shortest(part.else_), *otherwise)
        elif isinstance(part, nodes.Output):
            length += sum(len(text.data) for text in part.nodes if isinstance(text, nodes.TemplateData))
    return length


# --- without Jinja2 ----------------------------------------------------------------------------------------


@cache
def _simple() -> re.Pattern[str]:
    """`{{ name }}`, `{{ name.part }}` and `{{ name or 'words' }}`"""
    return re.compile(r"(?<!\{)\{\{[ \t]*([a-z_]\w*)(?:\.([a-z]\w*)|[ \t]+or[ \t]+'([^'{}\\]*)')?[ \t]*\}\}")


@cache
def _if() -> re.Pattern[str]:
    """`{% if name %}...{% endif %}` with no other inside."""
    return re.compile(r"(?<!\{)\{%[ \t]+if[ \t]+([a-z_]\w*)[ \t]+%\}((?:[^{]|\{(?!%))*+)\{%[ \t]+endif[ \t]+%\}")


def _render_plain(template: str, values: Values) -> str | None:
    """The text of a template with known variables and simple conditions; None where it needs Jinja2."""
    if "\r" in template or _is_template(_if().sub(r"\2", _simple().sub("", template))):
        return None
    if not all(_known(values, name, part) for name, part, _ in _simple().findall(template)):
        return None
    if not all(name in values for name, _ in _if().findall(template)):
        return None
    # Jinja2 takes one newline from a template's end.
    text = _if().sub(lambda found: found[2] if values[found[1]] else "", template.removesuffix("\n"))
    return _simple().sub(lambda found: _said(values, found), text)


def _known(values: Values, name: str, part: str) -> bool:
    return part in _PARTS and isinstance(values.get(name), OpenedAt) if part else name in values


def _said(values: Values, found: re.Match[str]) -> str:
    name, part, otherwise = found.groups()
    value = getattr(values[name], part) if part else values[name]
    return str(value) if value or otherwise is None else otherwise


# --- with it -----------------------------------------------------------------------------------------------


def _render_jinja(template: str, values: Values) -> str:
    from jinja2 import TemplateError

    environment = _environment()
    try:
        tree = environment.parse(template)
        forbidden = _forbidden(tree)
        if forbidden:
            return hole(f"not allowed in a template: {forbidden}")
        text = environment.from_string(template).render(values)
    except TemplateError as error:
        return hole(f"template error: {_in_one_line(error)}")
    except Exception as error:  # noqa: BLE001 - filters raise what they like, and an update may not fail because of it
        return hole(f"template error: {type(error).__name__}")
    return text + _unseen(tree, values, text)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).replace("[[", "").replace("]]", "").split())


def _unseen(tree: nodes.Template, values: Values, text: str) -> str:
    """Holes for unknown variables that left none in the text, because an `if` asked for them."""
    from jinja2 import meta

    unknown = sorted(meta.find_undeclared_variables(tree) - set(values))
    return "".join(f" {_unknown(name)}" for name in unknown if name.casefold() not in text.casefold())


def _unknown(name: str) -> str:
    return hole(f"unknown variable: {name}")


def _forbidden(tree: nodes.Template) -> str:
    """The first thing that is no variable, condition or harmless filter; empty where all is well."""
    from jinja2 import nodes

    allowed = (
        nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If, nodes.CondExpr,
        nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Test, nodes.Keyword,
    )  # fmt: skip
    for node in tree.find_all(nodes.Node):
        if isinstance(node, nodes.Filter):
            if node.name not in FILTERS:
                return f"filter {node.name}"
        elif not isinstance(node, allowed):
            return type(node).__name__.lower()
    return ""


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    hole_class = _hole_class()

    class Environment(ImmutableSandboxedEnvironment):
        def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
            del value
            # Nothing but `opened_at` has parts; the methods of a text are none of a template's business.
            return isinstance(obj, hole_class) or (isinstance(obj, OpenedAt) and attr in _PARTS)

    return Environment(undefined=hole_class, cache_size=0)


def _hole_class() -> type[Undefined]:
    """Jinja2's undefined value that shows itself in the text."""
    from jinja2 import Undefined

    class Hole(Undefined):
        __slots__ = ()

        def __str__(self) -> str:
            return _unknown(self._undefined_name or "?")

        def __getattr__(self, name: str) -> Hole:
            if name.startswith("__"):
                raise AttributeError(name)
            return Hole(name=f"{self._undefined_name}.{name}")

    return Hole
