"""Which rules run, and how strictly: the command line over `[tool.incidentctl.lint]` in `pyproject.toml`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

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
        """The rules that run."""
        return frozenset(self.select or known) - frozenset(self.ignore)


def configured(
    start: Path,
    known: Collection[str],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    strict: bool = False,
) -> Config:
    """What the nearest `pyproject.toml` at or above `start` says, and the command line's words over it.

    `select` replaces the file's, `ignore` adds to it.  Raises NotAllowed for a file that cannot be understood, and,
    naming what was probably meant, for a rule that is none of `known`.
    """
    written = _written(start, known)
    return Config(
        select=_known_rules(_words(select), known) or written.select,
        ignore=(*written.ignore, *_known_rules(_words(ignore), known)),
        strict=strict or written.strict,
    )


def unknown_rule(slug: str, known: Collection[str], where: str = "") -> NotAllowed:
    """The error for a rule that is not there; where no name is near, it says which there are."""
    hint = did_you_mean(slug, known) or f"The rules are {', '.join(sorted(known))}."
    return NotAllowed(f"{where}there is no rule `{slug}`", hint)


def _known_rules(slugs: tuple[str, ...], known: Collection[str], where: str = "") -> tuple[str, ...]:
    for slug in slugs:
        if slug not in known:
            raise unknown_rule(slug, known, where)
    return slugs


def _words(texts: Sequence[str]) -> tuple[str, ...]:
    """`["a,b", "c"]` -> `("a", "b", "c")`."""
    return tuple(word for text in texts for part in text.split(",") if (word := part.strip()))


def _written(start: Path, known: Collection[str]) -> Config:
    here = start.absolute()
    path = next((file for folder in (here, *here.parents) if (file := folder / _FILE).is_file()), None)
    if path is None:
        return Config()
    try:
        tables = _tables(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # no UTF-8 or no TOML are both a ValueError
        raise NotAllowed(f"{path} cannot be read: {error}", "Mend it, or call lint from another folder.") from error
    tools = tables.get("tool", {})
    ours = tools.get("incidentctl", {}) if isinstance(tools, dict) else {}
    table = _table(f"{path}, [tool.incidentctl]", ours, ("lint",)).get("lint", {})
    where = f"{path}, [tool.incidentctl.lint]"
    return _config(where, _table(where, table, _KEYS), known)


def _tables(text: str) -> dict[str, Any]:
    """A `pyproject.toml`; nothing where it cannot be about us, as reading it takes longer than linting a runbook."""
    ours, all_tools = r"""\btool["'\s]*\.["'\s]*incidentctl""", r"""(?m:^\s*\[?\s*["']?tool["']?\s*(?:[]=]|$))"""
    if re.search(f"{ours}|{all_tools}", text) is None:
        return {}
    import tomllib  # only where there is something to read

    return tomllib.loads(text)


def _table(where: str, table: object, keys: Sequence[str]) -> dict[str, object]:
    """`table`, which may hold `keys`.  Raises NotAllowed where it is none, or has a key that nobody reads."""
    told = f"It may hold {', '.join(keys)}."
    if not isinstance(table, dict):
        raise NotAllowed(f"{where}: this has to be a table", told)
    for key in table:
        if key not in keys:
            raise NotAllowed(f"{where}: there is no key `{key}`", did_you_mean(key, keys) or told)
    return table


def _config(where: str, table: dict[str, object], known: Collection[str]) -> Config:
    strict = table.get("strict", False)
    if not isinstance(strict, bool):
        raise NotAllowed(f"{where}: `strict` is true or false")
    select, ignore = (_known_rules(_slugs(where, table, key), known, f"{where}: ") for key in ("select", "ignore"))
    return Config(select, ignore, strict)


def _slugs(where: str, table: dict[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not (isinstance(value, list) and all(isinstance(slug, str) for slug in value)):
        raise NotAllowed(f"{where}: `{key}` is a list of rules", f'Write for example `{key} = ["no-rollback"]`.')
    return tuple(map(str, value))
