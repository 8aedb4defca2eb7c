"""The `email` channel: one plain text mail, handed to the mail server that `SMTP_URL` names.

Keys: `to` (addresses).  `SMTP_URL` is one of

    smtp://user:password@host:587?from=oncall@example.com      STARTTLS, and nothing without it
    smtps://user:password@host:465?from=...                    TLS from the first byte on
    smtp+insecure://127.0.0.1:25?from=...                      no encryption at all; the channel's name says so

RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 5322 (Message-ID, References), RFC 3834 (Auto-Submitted).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from incidentctl.clock import SystemClock
from incidentctl.comms.channels.given import value
from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.comms.channels.secrets import secret
from incidentctl.comms.channels.smtp import Delivery, Server
from incidentctl.text.escape import clean, one_line
from incidentctl.threads import DaemonThreads

URL: Final = "SMTP_URL"
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+insecure": 25}
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?")
_MESSAGE_ID: Final = re.compile(r"<[\x21-\x3b=\x3f\x41-\x7e]{1,200}@[A-Za-z0-9.-]{1,253}>")
_LONGEST_TITLE: Final = 150
_MOST: Final = 50


class EmailChannel:
    """One mail to all of its recipients.  What was sent is with the mail server: it may still be lost behind it."""

    def __init__(self, values: Mapping[str, str], environ: Mapping[str, str]) -> None:
        """Raises Unsent where a recipient or SMTP_URL is missing or can be none; it never quotes SMTP_URL."""
        self._to = _recipients(value(values, "to", environ))
        self._server, self._from = _server(secret(URL, environ))
        more = f" and {len(self._to) - 1} more" if len(self._to) > 1 else ""
        self.name = f"e-mail to {self._to[0]}{more}{'' if self._server.encrypted else ', UNENCRYPTED'}"

    async def send(self, post: Post, *, seconds: float) -> Receipt:
        """Hand the mail to the server.  Raises Unsent, also where it took it for some recipients only (`perhaps`)."""
        mail = self._mail(post)
        delivery = Delivery(self._server, self._from, self._to, mail.as_bytes(), seconds)
        try:
            async with asyncio.timeout(seconds):
                await asyncio.wrap_future(DaemonThreads().submit(delivery.run))
        except TimeoutError:
            raise delivery.give_up() from None
        finally:
            delivery.give_up()  # also where we are cancelled; after its end it does nothing
        return Receipt(mail["Message-ID"], thread=post.thread or mail["Message-ID"])

    async def find(self, post: Post, *, seconds: float) -> Receipt | None:
        """Raises Unsent: nobody can be asked."""
        del post, seconds
        raise Unsent("a mail server cannot be asked which mails it took", "Ask one of those it is for.")

    def _mail(self, post: Post) -> EmailMessage:
        """The same post has the same Message-ID, so that a second copy is seen as one; replies hang below the first."""
        mail = EmailMessage(SMTP)
        mail["From"] = self._from
        mail["To"] = ", ".join(self._to)
        mail["Subject"] = _subject(post)
        mail["Date"] = format_datetime(SystemClock().now())
        mail["Message-ID"] = f"<{sha256(post.key.encode()).hexdigest()[:32]}@{self._from.rpartition('@')[2]}>"
        if _MESSAGE_ID.fullmatch(post.thread):
            mail["In-Reply-To"] = mail["References"] = post.thread
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(clean(post.text, lines=True).rstrip() + "\n", cte="quoted-printable")
        return mail


def _subject(post: Post) -> str:
    """`[P1] Checkout: orders fail - investigating`, on one line, whatever the title holds."""
    severity = f"[{one_line(post.severity, 20)}] " if post.severity.strip() else ""
    return f"{severity}{one_line(post.service, 60)}: {one_line(post.title, _LONGEST_TITLE)} — {post.phase.value}"


def _recipients(text: str) -> tuple[str, ...]:
    """The addresses.  Raises Unsent where there is none, or one that is none."""
    found = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    odd = next((one for one in found if not _ADDRESS.fullmatch(one)), "")
    if odd:
        raise Unsent(f"`{one_line(odd, 60)}` is no e-mail address that can be written to")
    if not 0 < len(found) <= _MOST:
        raise Unsent(
            f"{len(found)} recipients are too many for one mail: {_MOST}" if found else "there is no recipient"
        )
    return found


def _server(url: str) -> tuple[Server, str]:
    """Whom to hand mails to, and from whom they are.  Raises Unsent, without quoting `url`."""
    hint = f"Write {URL} as `smtp://user:password@host:587?from=oncall@example.com`."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        host, port = "", 0
    if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", host):
        raise Unsent(f"{URL} is no address of a mail server", hint)
    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    sender = parse_qs(parts.query.replace("+", "%2B")).get("from", [user])[-1]
    if not _ADDRESS.fullmatch(sender):
        raise Unsent(f"{URL} does not say `from`, or it is no e-mail address", hint)
    if not (user + password).isascii() or not (user + password).isprintable():
        raise Unsent(f"{URL} has a user or password that mail servers cannot be told (only ASCII)")
    return Server(host, port, parts.scheme, user, password), sender
