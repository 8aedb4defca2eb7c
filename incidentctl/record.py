"""`@record`: a frozen, slotted stdlib dataclass that costs next to nothing to import.

`@dataclass(frozen=True, slots=True)` compiles six methods for each class, about 0.5 ms; a hundred of them cost more
than everything else before the first prompt (`docs/decisions/0007-records.md`).  A record is the same dataclass with
the six methods shared; one that is made again and again gets an `__init__` of its own.  `dataclasses.fields`,
`dataclasses.replace` and `match` work as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, Final, TypeVar, dataclass_transform

T = TypeVar("T")
_put: Final = object.__setattr__
_OFTEN: Final = 64
"""After so many of its kind an `__init__` of its own pays: writing it costs as much as it saves by then."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, slotted dataclass: equal where type and fields are, hashable where all fields are.

    Raises FrozenInstanceError when a field is set or deleted afterwards.
    """
    for method in (__init__, __eq__, __hash__, __repr__, __setattr__, __delattr__):
        setattr(cls, method.__name__, method)
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    parts = fields(made)  # type: ignore[arg-type]
    made._names = tuple(part.name for part in parts)  # type: ignore[attr-defined]
    made._defaults = {part.name: part.default for part in parts if part.default is not MISSING}  # type: ignore[attr-defined]
    made._factories = {  # type: ignore[attr-defined]
        part.name: part.default_factory for part in parts if part.default_factory is not MISSING
    }
    made._until_often = [_OFTEN, made]  # type: ignore[attr-defined]
    return made


def __init__(self: Any, *args: Any, **named: Any) -> None:
    until = self._until_often
    until[0] -= 1
    if until[0] == 0:
        until[1].__init__ = _own_init(until[1])
    names = self._names
    for name, value in zip(names, args):  # noqa: B905 - naming `strict` takes as long as putting a field
        _put(self, name, value)
    if len(args) == len(names) and not named:
        return
    for name in names[len(args) :]:
        if name in named:
            _put(self, name, named.pop(name))
        elif name in self._defaults:
            _put(self, name, self._defaults[name])
        elif name in self._factories:
            _put(self, name, self._factories[name]())
        else:
            message = f"{type(self).__name__} needs `{name}`"
            raise TypeError(message)
    if named or len(args) > len(names):
        message = f"{type(self).__name__} has no {', '.join(named) or 'so many fields'}"
        raise TypeError(message)


def _own_init(cls: Any) -> Callable[..., None]:
    """The same `__init__`, written out for the fields of `cls`: three times as fast."""
    known = {f"set_{name}": getattr(cls, name).__set__ for name in cls._names}
    known |= {f"default_{name}": value for name, value in cls._defaults.items()}
    known |= {f"make_{name}": make for name, make in cls._factories.items()} | {"missing": MISSING}
    takes, body = [], []
    for name in cls._names:
        default = f"default_{name}" if name in cls._defaults else "missing" if name in cls._factories else ""
        takes.append(f"{name}={default}" if default else name)
        value = f"make_{name}() if {name} is missing else {name}" if name in cls._factories else name
        body.append(f" set_{name}(self, {value})")
    exec("\n".join([f"def __init__(self, {', '.join(takes)}):", *(body or [" pass"])]), known)  # noqa: S102 - the fields of our own classes, as the stdlib's dataclasses do
    made: Callable[..., None] = known["__init__"]
    return made


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in self._names)


def __eq__(self: Any, other: object) -> bool:
    return type(self) is type(other) and _values(self) == _values(other)


def __hash__(self: Any) -> int:
    return hash((type(self), _values(self)))


def __repr__(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._names)
    return f"{type(self).__name__}({shown})"


def __setattr__(self: Any, name: str, value: object) -> None:
    message = f"{type(self).__name__}.{name} cannot be set: records are frozen"
    raise FrozenInstanceError(message)


def __delattr__(self: Any, name: str) -> None:
    message = f"{type(self).__name__}.{name} cannot be deleted: records are frozen"
    raise FrozenInstanceError(message)
