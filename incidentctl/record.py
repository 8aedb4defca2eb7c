"""`@record`: a frozen, slotted stdlib dataclass that costs next to nothing to import.

`@dataclass(frozen=True, slots=True)` compiles six methods for each class, about 0.5 ms; a hundred of them cost more
than everything else before the first prompt (`docs/decisions/0007-records.md`).  A record is the same dataclass with
the six methods shared.  `dataclasses.fields`, `dataclasses.replace` and `match` work as ever.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, Final, TypeVar, dataclass_transform

T = TypeVar("T")
_put: Final = object.__setattr__


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
    return made


def __init__(self: Any, *args: Any, **named: Any) -> None:
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
