"""HTTPS that cannot be trusted: each certificate that is wrong has its own sentence."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentctl.http import Unanswered, once, send
from incidentctl.web import clients
from tests.needs import needs
from tests.servers.odd_http import OddServer, odd_server


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates that signed themselves, each with its key in one file."""
    needs("openssl")
    folder = tmp_path_factory.mktemp("certificates")
    key = folder / "key.pem"
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    for name, names in {"here": "IP:127.0.0.1,DNS:localhost", "elsewhere": "DNS:status.example"}.items():
        made = folder / f"{name}.crt"
        openssl("req", "-x509", "-key", key, "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}", "-out", made)
    openssl("x509", "-in", folder / "here.crt", "-signkey", key, "-days", "-1", "-out", folder / "expired.crt")
    for made in folder.glob("*.crt"):
        made.with_suffix(".pem").write_text(key.read_text() + made.read_text())
    return folder


def openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _certificates_are_read_anew() -> Iterator[None]:
    clients._certificates.cache_clear()
    yield
    clients._certificates.cache_clear()


def said(server: OddServer, path: str = "/ok") -> str:
    with pytest.raises(Unanswered) as caught:
        once(send("GET", server.url(path)))
    return caught.value.message


def trusted(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    """As a company's own authority is, with SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def test_nobody_vouches_for_it(folder: Path) -> None:
    with odd_server(folder / "here.pem") as server:
        assert said(server) == f"{server.host} has a certificate that it signed itself"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("expired", "has a certificate that has expired"), ("elsewhere", "has a certificate that is for another address")],
)
def test_it_is_not_what_was_vouched_for(
    folder: Path, name: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted(monkeypatch, folder / f"{name}.crt")
    with odd_server(folder / f"{name}.pem") as server:
        assert said(server) == f"{server.host} {sentence}"


def test_what_the_environment_trusts_is_trusted_and_never_left_for_plain_http(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted(monkeypatch, folder / "here.crt")
    with odd_server(folder / "here.pem") as server, odd_server() as plain:
        assert once(send("GET", server.url("/ok"))).json() == {"ok": True}
        down = f"/to?url={plain.url('/ok')}"
        assert said(server, down) == f"{server.host} redirects from https to http, which is not followed"
        assert plain.asked == []


def test_https_where_only_http_is_spoken() -> None:
    with odd_server() as server:
        server.scheme = "https"
        assert said(server) == f"{server.host} speaks no TLS that we know, or none at all"


def test_a_file_of_certificates_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "junk.pem").write_text("junk")
    trusted(monkeypatch, tmp_path / "junk.pem")
    with odd_server() as server:
        assert said(server) == "the proxy or the certificates that the environment names cannot be used"
