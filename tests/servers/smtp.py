"""A real mail server (aiosmtpd) that keeps what it is given, and refuses, delays and breaks off on demand."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.started import free_port

USER: Final = "oncall@example.com"
PASSWORD: Final = "planted p@ss/word-77"  # noqa: S105 - it opens nothing


@dataclass
class MailServer:
    """What it has, and what goes wrong.

    `refused` are recipients and what they are refused with; `answers` is said to the text, in place of `250`.  `silent`
    and `hangs_up` name the command (`MAIL`, `DATA`) behind which nothing is said until it is `released`, or it breaks
    off; mails whose text was there by then are kept all the same.  `heard`: the first `MAIL` has come.
    """

    url: str = ""
    mails: list[Envelope] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answers: str = ""
    silent: str = ""
    hangs_up: str = ""
    heard: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)

    def only(self) -> Envelope:
        """The one mail."""
        (mail,) = self.mails
        return mail

    # --- aiosmtpd's names ----------------------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        encrypted = server.transport is not None and server.transport.get_extra_info("sslcontext")
        self.commands.append("MAIL" if encrypted else "MAIL, for all to read")
        self.heard.set()
        await self._behind("MAIL", server)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if not self.answers:
            self.mails.append(envelope)
        await self._behind("DATA", server)
        return self.answers or "250 2.0.0 OK: queued as 4ABC"

    async def _behind(self, command: str, server: SMTP) -> None:
        if self.hangs_up == command:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if self.silent == command:
            await asyncio.to_thread(self.released.wait, 30)

    def knows(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:  # noqa: ANN401
        """Whether user and password are right; where not, it quotes them, as no server should."""
        assert isinstance(data, LoginPassword)
        right = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        words = None if right else f"535 5.7.8 {data.login.decode()} {data.password.decode()} is wrong"
        return AuthResult(success=right, handled=words is None, message=words)


@contextmanager
def mail_server(
    certificate: Path | None = None, *, starttls: bool = True, passwords: bool = False
) -> Iterator[MailServer]:
    """The server, in a thread of its own; with a certificate (and its key) it speaks TLS, after STARTTLS or at once.

    `passwords` are taken without TLS, too.
    """
    mails = MailServer()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    port = free_port()
    options: dict[str, Any] = {}
    if context and starttls:
        options |= {"tls_context": context, "require_starttls": True}
    elif context:
        options |= {"ssl_context": context}
    if context or passwords:
        options |= {"authenticator": mails.knows, "auth_require_tls": not passwords}
    controller = Controller(mails, hostname="127.0.0.1", port=port, **options)
    controller.start()
    scheme = "smtp+insecure" if context is None else "smtp" if starttls else "smtps"
    mails.url = f"{scheme}://127.0.0.1:{port}?from={USER}"
    try:
        yield mails
    finally:
        mails.released.set()
        controller.stop()
