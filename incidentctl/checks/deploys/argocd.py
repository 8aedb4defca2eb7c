"""Deploys from Argo CD: the sync history of an application.

Keys: `argocd.url`, `argocd.application`.  The token is `ARGOCD_TOKEN` of the environment.

`GET {url}/api/v1/applications/{name}` and its `status.history`, the last ten syncs unless the application says
otherwise: https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/ and the `swagger-ui` of every server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from incidentctl.checks.deploys.deploy import Deploy, Seen, moment, short
from incidentctl.checks.foreign import below
from incidentctl.checks.interface import Inquiry, Unknown
from incidentctl.http import Unanswered, send_for_json
from incidentctl.text.foreign import mapping, mappings, text

TOKEN: Final = "ARGOCD_TOKEN"  # noqa: S105 - the name of the variable
_MOST: Final = 8_000_000
Object = Mapping[str, object]


async def deploys(inquiry: Inquiry) -> Seen:
    """Each sync that the application still knows, and the one that runs.  Raises Unknown and Unanswered."""
    name = inquiry.required("argocd.application")
    status = mapping((await _application(inquiry, name)).get("status"))
    found = [one for one in map(_synced, mappings(status.get("history"))) if one]
    running = _running(mapping(status.get("operationState")))
    doubt = "" if found or running else f"the application `{name}` has no sync history"
    return Seen(tuple([*found, running] if running else found), doubt)


async def _application(inquiry: Inquiry, name: str) -> Object:
    url = below(inquiry.required("argocd.url"), f"/api/v1/applications/{quote(name, safe='')}")
    token = inquiry.environ.get(TOKEN, "")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        found = mapping(await send_for_json("GET", url, headers=headers, seconds=inquiry.seconds, most=_MOST))
    except Unanswered as error:
        if error.status in (401, 403) and not token:
            raise Unknown(f"{error.message}, and {TOKEN} is not set") from error
        raise
    if not mapping(found.get("metadata")):
        raise Unknown("it answers, but not as Argo CD does")
    return found


def _synced(entry: Object) -> Deploy | None:
    at = moment(entry.get("deployedAt"))
    if at is None:
        return None
    revision = short(text(entry.get("revision")) or ", ".join(map(str, _revisions(entry))))
    who = mapping(entry.get("initiatedBy"))
    by = text(who.get("username")) or ("automated sync" if who.get("automated") else "")
    return Deploy(at, f"{_source(entry)} {revision}".strip(), by, f"sync {entry.get('id')}")


def _revisions(entry: Object) -> list[str]:
    """An application of several sources has a revision of each."""
    revisions = entry.get("revisions")
    return [short(one) for one in revisions if isinstance(one, str)] if isinstance(revisions, list) else []


def _source(entry: Object) -> str:
    """`main`, or a chart's name."""
    source = mapping(entry.get("source")) or next(iter(mappings(entry.get("sources"))), {})
    return text(source.get("chart")) or text(source.get("targetRevision"))


def _running(operation: Object) -> Deploy | None:
    """The sync that has not ended, which is not in the history yet."""
    at = moment(operation.get("startedAt"))
    if at is None or operation.get("phase") != "Running":
        return None
    return Deploy(at, "a sync that is still running")
