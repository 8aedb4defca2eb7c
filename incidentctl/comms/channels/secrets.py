"""Where a channel's secrets come from: the environment, else this machine's keyring; never a runbook.

The keyring is asked by the `keyring` package where that is installed (`pip install 'incidentctl[keyring]'`), for the
service `incidentctl` and the variable's own name: `keyring set incidentctl SLACK_BOT_TOKEN`.
https://keyring.readthedocs.io, docs/decisions/0050-keyring-is-optional.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incidentctl.comms.channels.interface import Unsent

SERVICE: Final = "incidentctl"


def secret(name: str, environ: Mapping[str, str]) -> str:
    """The value of `name`, without the white space around it that a file or a copy leaves.

    A keyring that is locked may ask the person to open it, and takes as long as they do.  Raises Unsent, which names
    the variable.
    """
    found = environ.get(name, "").strip() or _kept(name).strip()
    if not found:
        hint = f"Set it in the environment of this terminal, or keep it: `keyring set {SERVICE} {name}`."
        raise Unsent(f"{name} is not set", hint)
    return found


def _kept(name: str) -> str:
    """What the keyring has; nothing where there is none."""
    try:
        import keyring
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, name) or ""
    except Exception:  # noqa: BLE001 - its backends are anybody's code: none, locked, refused all mean "not here"
        return ""
