"""What a repository says of a service already: its git remote, its owners, its Backstage catalog.

Files are read as text and nodes; no program is started and nothing in them is constructed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from incidentctl.record import record
from incidentctl.runbook.model import Link
from incidentctl.runbook.nodes import File, ListNode, MappingNode, Node, Origin, ScalarNode
from incidentctl.runbook.source import MAX_BYTES, Problems, read_source

_CATALOGS: Final = ("catalog-info.yaml", "catalog-info.yml")
_FOLDERS_OF_SERVICES: Final = ("services", "apps", "packages")
_MOST_SERVICES: Final = 20
_CODEOWNERS: Final = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_KINDS_OF_LINK: Final = (
    ("dashboard", "dashboard|grafana|datadog|kibana/app/dashboard"),
    ("logs", r"\blogs?\b|kibana|loki|splunk"),
    ("traces", "trac(?:e|ing)|jaeger|zipkin|tempo"),
    ("runbook", "runbook|playbook"),
    ("status-page", r"status[ -]?page|\bstatus\b"),
    ("chat", "slack|teams|chat"),
    ("repo", r"\brepo|source|github|gitlab|bitbucket"),
    ("doc", r"\bdocs?\b|documentation|wiki|confluence"),
)


@record
class Surroundings:
    """What was found, empty where nothing was.

    `owner_from` and `catalog` are the files that say it; `pagerduty` is the id of a service there; `depends_on` are the
    names of other services.
    """

    title: str = ""
    description: str = ""
    owner: str = ""
    owner_from: str = ""
    links: tuple[Link, ...] = ()
    pagerduty: str = ""
    catalog: str = ""
    depends_on: tuple[str, ...] = ()


def look_around(root: Path, service: str) -> Surroundings:
    """What the files of the repository at `root` say of `service`.  A file that cannot be read says nothing."""
    catalog, component = _component(root, service)
    owner = _owner_of(component)
    owner_from, owner = (catalog, owner) if owner else _owner(root, service)
    remote = remote_page(_git_config(root))
    links = _links(component)
    if remote and all(link.type != "repo" for link in links):
        links = (*links, Link("repo", "Code", remote))
    return Surroundings(
        title=_text(component, "metadata", "title"),
        description=" ".join(_text(component, "metadata", "description").split()),
        owner=owner,
        owner_from=owner_from,
        links=links,
        pagerduty=_text(component, "metadata", "annotations", "pagerduty.com/service-id"),
        catalog=catalog,
        depends_on=_depends_on(component, service),
    )


def repository(start: Path) -> Path | None:
    """The folder of the git repository that `start` lies in."""
    here = start.absolute()
    return next((place for place in (here, *here.parents) if (place / ".git").exists()), None)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


# --- git ---------------------------------------------------------------------------------------------------


def _git_config(root: Path) -> str:
    """The text of the repository's configuration, also where `.git` is a file that names another folder."""
    folder = root / ".git"
    named = re.match(r"gitdir: (.+)", _read(folder)) if folder.is_file() else None
    if named:
        folder = root / named[1].strip()
        common = _read(folder / "commondir").strip()
        folder = folder / common if common else folder
    return _read(folder / "config")


def remote_page(config: str) -> str:
    """The web page of the remote `origin`, else of the first remote; without user and password."""
    remotes = dict(re.findall(r'(?m)^\[remote "([^"\n]+)"\][^\[]*?^[ \t]*url[ \t]*=[ \t]*(\S+)', config))
    url = remotes.get("origin") or next(iter(remotes.values()), "")
    short = re.fullmatch(r"(?:[^@/:]*@)?([\w-]+\.[\w.-]+):(?!//)/*(\S+)", url)  # git@github.com:example/search.git
    place, path = (f"https://{short[1]}", short[2]) if short else _of_url(url)
    path = path.strip("/").removesuffix(".git")
    return f"{place}/{path}" if place and path else ""


def _of_url(url: str) -> tuple[str, str]:
    """The scheme with the host, and the path; of ssh the port is not the web's."""
    from urllib.parse import urlsplit  # only here: nobody waits for it who walks

    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port and parts.scheme in ("http", "https") else ""
    except ValueError:
        return "", ""
    if parts.scheme not in ("http", "https", "ssh") or not parts.hostname:
        return "", ""
    return f"{'https' if parts.scheme == 'ssh' else parts.scheme}://{parts.hostname}{port}", parts.path


# --- owners ------------------------------------------------------------------------------------------------


def _owner(root: Path, service: str) -> tuple[str, str]:
    """The file that names an owner, and the owner."""
    for name in _CODEOWNERS:
        owner = codeowner(_read(root / name), service)
        if owner:
            return name, owner
    for name in (f"{service}/OWNERS", "OWNERS"):
        approvers = _value(_document("OWNERS", _read(root / name)), "approvers")
        if isinstance(approvers, ListNode):
            names = [item.text for item in approvers.items if isinstance(item, ScalarNode)]
            return (name, ", ".join(names[:3])) if names else ("", "")
    return "", ""


def codeowner(text: str, service: str) -> str:
    """Who owns the folder of `service`, else everything; the last line that fits counts, as it does on the forge."""
    of_service, of_all = "", ""
    for line in text.splitlines():
        pattern, *owners = line.split("#")[0].split()[:2] or [""]
        parts = [part for part in pattern.split("/") if part.strip("*")]
        if not owners or "@" not in owners[0]:
            continue
        if parts and parts[-1].casefold() == service.casefold():
            of_service = owners[0]
        elif not parts:
            of_all = owners[0]
    owner = of_service or of_all
    return owner.rpartition("/")[2].lstrip("@")


# --- Backstage ---------------------------------------------------------------------------------------------


def _component(root: Path, service: str) -> tuple[str, MappingNode | None]:
    """The catalog's file and its Component for `service`."""
    folders = ("", service, *(f"{folder}/{service}" for folder in _FOLDERS_OF_SERVICES))
    for name in (f"{folder}/{file}".lstrip("/") for folder in folders for file in _CATALOGS):
        documents = [_document(name, text) for text in re.split(r"(?m)^---.*$", _read(root / name))]
        components = [one for one in documents if one is not None and _text(one, "kind") == "Component"]
        chosen = _named(components, service)
        if chosen is not None:
            return name, chosen
    return "", None


def _named(components: list[MappingNode], service: str) -> MappingNode | None:
    """The one of that name; else the only one whose name is part of it, or it of that (`search-api`)."""
    wanted = service.casefold()
    names = [(_text(one, "metadata", "name").casefold(), one) for one in components]
    same = [one for name, one in names if name == wanted]
    near = [one for name, one in names if name and (name in wanted or wanted in name)]
    return same[0] if same else near[0] if len(near) == 1 else None


def _document(name: str, text: str) -> MappingNode | None:
    source = read_source(File(name, Origin.SERVICE), text.encode("utf-8", "replace"), Problems())
    return source.root if source.readable else None


def _owner_of(component: MappingNode | None) -> str:
    """`group:default/team-search` -> `team-search`"""
    return _text(component, "spec", "owner").rpartition(":")[2].rpartition("/")[2]


def _depends_on(component: MappingNode | None, service: str) -> tuple[str, ...]:
    """The components that it depends on; resources (databases, queues) are no services.

    An entity is written `KIND:NAMESPACE/NAME` (backstage.io/docs/features/software-catalog/references); of
    `component:default/ledger` the name counts.
    """
    listed = _value(component, "spec", "dependsOn")
    texts = [item.text for item in listed.items if isinstance(item, ScalarNode)] if isinstance(listed, ListNode) else []
    named = (
        re.fullmatch(r"component:(?:[\w.-]+/)?([A-Za-z0-9][\w.-]*)", text.strip(), re.IGNORECASE) for text in texts
    )
    names = dict.fromkeys(found[1] for found in named if found and found[1] != service)
    return tuple(names)[:_MOST_SERVICES]


def _links(component: MappingNode | None) -> tuple[Link, ...]:
    return tuple(dict.fromkeys((*_written_links(component), *_annotated_links(component))))


def _written_links(component: MappingNode | None) -> Iterator[Link]:
    links = _value(component, "metadata", "links")
    for node in links.items if isinstance(links, ListNode) else ():
        url, title = _text(node, "url"), _text(node, "title")
        if re.match(r"https?://\S+$", url):
            kind = kind_of_link((_text(node, "type"), _text(node, "icon"), title, url))
            yield Link(kind, title or url, url)


def _annotated_links(component: MappingNode | None) -> Iterator[Link]:
    source = _text(component, "metadata", "annotations", "backstage.io/source-location").removeprefix("url:")
    project = _text(component, "metadata", "annotations", "github.com/project-slug")
    if re.match(r"https?://\S+$", source):
        yield Link("repo", "Code", source)
    elif re.fullmatch(r"[\w.-]+/[\w.-]+", project):
        yield Link("repo", "Code", f"https://github.com/{project}")


def kind_of_link(words: Iterable[str]) -> str:
    """The type that the first telling one of `words` names; `other` where none does."""
    for word in words:
        for kind, pattern in _KINDS_OF_LINK:
            if re.search(pattern, word, re.IGNORECASE):
                return kind
    return "other"


def _value(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.value(key) if isinstance(node, MappingNode) else None
    return node


def _text(node: Node | None, *keys: str) -> str:
    value = _value(node, *keys)
    return value.text.strip() if isinstance(value, ScalarNode) else ""
