"""`@record`: the same for the first of a kind and for the thousandth, which is made by an `__init__` of its own."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, field, fields, replace

import pytest

from incidentctl.record import record

MANY = 1000


@record
class Fact:
    """Every sort of field."""

    name: str
    size: int = 3
    parts: list[str] = field(default_factory=list)


@record
class More(Fact):
    """Fields of its own behind those that it has from another."""

    note: str = ""


@record
class Nothing:
    """No field at all."""


WAYS = [
    (Fact("a"), [Fact("a") for _ in range(MANY)]),
    (Fact("a", 4, ["b"]), [Fact("a", 4, ["b"]) for _ in range(MANY)]),
    (Fact(size=4, name="a"), [Fact(size=4, name="a") for _ in range(MANY)]),
    (More("a", note="n"), [More("a", note="n") for _ in range(MANY)]),
    (Nothing(), [Nothing() for _ in range(MANY)]),
]


@pytest.mark.parametrize(("first", "others"), WAYS)
def test_the_thousandth_is_as_the_first(first: object, others: list[object]) -> None:
    assert all(other == first and repr(other) == repr(first) for other in others)


def test_each_has_a_list_of_its_own() -> None:
    made = [Fact("a") for _ in range(MANY)]
    made[-1].parts.append("b")
    assert [one.parts for one in made[-2:]] == [[], ["b"]]


@pytest.mark.parametrize("count", [1, MANY])
def test_what_does_not_fit_is_refused(count: int) -> None:
    last = [Fact("a") for _ in range(count)][-1]
    with pytest.raises(TypeError, match="name"):
        Fact()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        Fact("a", colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"so many|positional"):
        Fact("a", 1, [], "b")  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        last.size = 4  # type: ignore[misc]


def test_the_stdlib_knows_it_as_a_dataclass() -> None:
    assert [part.name for part in fields(More)] == ["name", "size", "parts", "note"]
    assert replace(More("a"), note="b") == More("a", note="b")
