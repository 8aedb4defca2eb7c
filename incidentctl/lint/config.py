"""Which rules run, and how strictly: the command line over `[tool.incidentctl.lint]` in `pyproject.toml`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from incidentctl.errors import NotAllowed
from incidentctl.record import record
from incidentctl.runbook.find import did_you_mean

_FILE: Final = "pyproject.toml"
_KEYS: Final = ("select", "ignore", "strict")


@record
class Config:
    """`select`: only these rules, all where it is empty; `ignore`: never these; `strict`: warnings count."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False

    def chosen(self, known: Collection[str]) -> frozenset[str]:
        """The rules that run.  Raises NotAllowed, naming what was probably meant, for one that is not known."""
        for slug in (*self.select, *self.ignore):
            if slug not in known:
                raise NotAllowed(f"there is no rule `{slug}`", did_you_mean(slug, known) or "See docs/rules/.")
        return frozenset(self.select or known) - frozenset(self.ignore)


def configured(start: Path, *, select: Sequence[str] = (), ignore: Sequence[str] = (), strict: bool = False) -> Config:
    """What the nearest `pyproject.toml` at or above `start` says, and the command line's words over it.

    `select` replaces the file's, `ignore` adds to it.  Raises NotAllowed for a file that cannot be understood.
    """
    written = _written(start)
    return Config(
        select=_words(select) or written.select,
        ignore=(*written.ignore, *_words(ignore)),
        strict=strict or written.strict,
    )


def _words(texts: Sequence[str]) -> tuple[str, ...]:
    """`["a,b", "c"]` -> `("a", "b", "c")`."""
    return tuple(word for text in texts for part in text.split(",") if (word := part.strip()))


def _written(start: Path) -> Config:
    here = start.absolute()
    path = next((file for folder in (here, *here.parents) if (file := folder / _FILE).is_file()), None)
    if path is None:
        return Config()
    import tomllib  # only where there is something to read

    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotAllowed(f"{path} cannot be read: {error}", "Mend it, or call lint from another folder.") from error
    table = tables.get("tool", {})
    for name in ("incidentctl", "lint"):
        table = table.get(name, {}) if isinstance(table, dict) else {}
    return _config(path, table)


def _config(path: Path, table: object) -> Config:
    where = f"{path}, [tool.incidentctl.lint]"
    if not isinstance(table, dict):
        raise NotAllowed(f"{where}: this is a table", f"Its keys are {', '.join(_KEYS)}.")
    for key in table:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"The keys are {', '.join(_KEYS)}."
            raise NotAllowed(f"{where}: there is no key `{key}`", hint)
    strict = table.get("strict", False)
    if not isinstance(strict, bool):
        raise NotAllowed(f"{where}: `strict` is true or false")
    return Config(_slugs(where, table, "select"), _slugs(where, table, "ignore"), strict)


def _slugs(where: str, table: dict[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not (isinstance(value, list) and all(isinstance(slug, str) for slug in value)):
        raise NotAllowed(f"{where}: `{key}` is a list of rules", f'Write for example `{key} = ["no-rollback"]`.')
    return tuple(map(str, value))
