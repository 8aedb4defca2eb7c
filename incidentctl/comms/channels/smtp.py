"""One mail to one mail server, in a thread, with a deadline that holds: once given up, nothing more goes out."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import IO, Final

from incidentctl.comms.channels.interface import Unsent
from incidentctl.record import record
from incidentctl.text.escape import clean, one_line
from incidentctl.text.redact import REDACTED, redact

Answer = tuple[int, bytes]
_LONGEST: Final = 120
_SHORTEST_SECRET: Final = 6
_MOST_LINES: Final = 1000  # of one answer
_LATER: Final = "It may take it later: it asks to be tried again."
# What EHLO says: RFC 5321, 4.1.3.  smtplib would ask the name servers for our own name, and wait for them.
_OURSELVES: Final = "[127.0.0.1]"


@record
class Server:
    """A mail server; `scheme` is `smtp` (STARTTLS is required), `smtps`, or `smtp+insecure` (nothing is encrypted)."""

    host: str
    port: int
    scheme: str
    user: str = ""
    password: str = ""

    @property
    def encrypted(self) -> bool:
        """Whether what is sent can be read on the way."""
        return self.scheme != "smtp+insecure"

    @property
    def place(self) -> str:
        """`mail.example.com:587`"""
        return f"{self.host}:{self.port}"


class _Endless(Exception):
    """An answer of more lines than any mail server has to say."""


class _Lines:
    """The lines of an answer, between any two of which it can be ended."""

    def __init__(self, lines: IO[bytes], go_on: Callable[[], None]) -> None:
        self._lines, self._go_on, self.count = lines, go_on, 0

    def readline(self, most: int) -> bytes:
        """The next one.  Raises what `go_on` raises, and _Endless."""
        self._go_on()
        self.count += 1
        if self.count > _MOST_LINES:
            raise _Endless
        return self._lines.readline(most)

    def close(self) -> None:
        """As a file."""
        self._lines.close()


class _Line(smtplib.SMTP):
    """A connection.  smtplib would read an answer for as long as it goes on; here `go_on` may raise at each line."""

    def __init__(self, server: Server, timeout: float, go_on: Callable[[], None]) -> None:
        super().__init__(local_hostname=_OURSELVES, timeout=timeout)
        self._host = server.host  # what STARTTLS checks the certificate against
        self._tls = ssl.create_default_context() if server.scheme == "smtps" else None
        self._go_on = go_on

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """As smtplib.SMTP_SSL has it."""
        made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return made if self._tls is None else self._tls.wrap_socket(made, server_hostname=host)

    def getreply(self) -> Answer:
        """One answer."""
        if self.sock is not None:
            self.file = self.file or _Lines(self.sock.makefile("rb"), self._go_on)
            self.file.count = 0
        return super().getreply()


class Delivery:
    """Hands one mail over; made for one `run`, which another thread may end with `give_up`."""

    def __init__(self, server: Server, sender: str, to: Sequence[str], mail: bytes, seconds: float) -> None:
        """`seconds` from now on are all there is."""
        self._server, self._sender, self._to, self._mail = server, sender, to, mail
        self._seconds, self._until = seconds, time.monotonic() + seconds
        self._lock = Lock()
        self._smtp: _Line | None = None
        self._over = False
        self._doing = "was not called"
        # From when the text was on its way until somebody said that it was not taken.
        self._perhaps = False

    def run(self) -> None:
        """Hand it over.  Raises Unsent; `perhaps` where nobody said whether the text was taken."""
        problem: Unsent | None = None
        try:
            self._dialogue()
        except (smtplib.SMTPException, OSError, UnicodeError, _Endless) as error:
            problem = self._told(error)
        finally:
            self._close()
        if problem is not None:
            # Outside of the handler: what smtplib raises may quote what the server said, and that our password.
            raise problem

    def give_up(self) -> Unsent:
        """End it from outside: what was not on its way by now never will be."""
        with self._lock:
            self._over = True
            problem = self._late()
        if self._smtp is not None:
            _hang_up(self._smtp)
        return problem

    # --- the dialogue --------------------------------------------------------------------------------------

    def _dialogue(self) -> None:
        smtp = self._connected()
        if self._server.user:
            self._step(smtp, "our password", lambda: smtp.login(self._server.user, self._server.password))
        self._asked(smtp, "the sender", partial(smtp.mail, self._sender))
        refused = self._addressed(smtp)
        self._asked(smtp, "the text", partial(smtp.docmd, "DATA"), 354)
        with self._lock:
            self._go_on()
            self._perhaps = True
        self._asked(smtp, "the mail", partial(_text, smtp, self._mail))
        if refused:
            raise self._in_part(refused)

    def _connected(self) -> _Line:
        """A connection on which a password may be said."""
        made = _Line(self._server, self._left(), self._go_on)
        self._smtp = made
        self._asked(made, "our call", partial(made.connect, self._server.host, self._server.port), 220)
        self._asked(made, "our greeting", made.ehlo)
        if self._server.scheme == "smtp":
            self._encrypted(made)
        return made

    def _encrypted(self, smtp: _Line) -> None:
        """STARTTLS, or nothing (RFC 3207)."""
        if not smtp.has_extn("starttls"):
            hint = "`smtps://` is TLS from the start; `smtp+insecure://` sends it as it is, for all to read."
            raise Unsent(f"{self._server.place} offers no STARTTLS, so nothing was sent", hint)
        self._step(smtp, "our wish for TLS", partial(smtp.starttls, context=ssl.create_default_context()))
        self._asked(smtp, "our greeting", smtp.ehlo)

    def _addressed(self, smtp: _Line) -> dict[str, str]:
        """The recipients that are refused, and why.  Raises Unsent where all are."""
        refused = {}
        for one in self._to:
            code, said = self._step(smtp, f"the recipient {one}", partial(smtp.rcpt, one))
            if code not in (250, 251):
                refused[one] = f"{code} {self._plain(said)}".rstrip()
        if len(refused) == len(self._to):
            later = any(reason.startswith("4") for reason in refused.values())
            raise Unsent(f"{self._server.place} refused {_listed(refused)}", _LATER if later else "")
        return refused

    def _in_part(self, refused: dict[str, str]) -> Unsent:
        taken = ", ".join(one for one in self._to if one not in refused)
        message = f"{self._server.place} took it for {taken}, and refused {_listed(refused)}"
        return Unsent(message, "Tell those who did not get it otherwise.", perhaps=True)

    def _asked(self, smtp: _Line, what: str, ask: Callable[[], Answer], good: int = 250) -> None:
        """A step that has to be answered with `good`."""
        code, said = self._step(smtp, what, ask)
        if code == good:
            return
        if code >= 400:
            self._perhaps = False
        raise self._refusal(what, code, said)

    def _step(self, smtp: _Line, what: str, ask: Callable[[], Answer]) -> Answer:
        """One command and its answer, within what is left; `what` is what it is about."""
        with self._lock:
            self._go_on()
            self._doing = f"did not answer to {what}"
        if smtp.sock is not None:
            smtp.sock.settimeout(self._left())
        return ask()

    def _go_on(self) -> None:
        """Raises TimeoutError once it was given up."""
        if self._over:
            raise TimeoutError

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def _close(self) -> None:
        if self._smtp is not None:
            with suppress(Exception):  # it is a courtesy, and nothing hangs on it
                self._smtp.putcmd("quit")
            self._smtp.close()

    # --- sentences -----------------------------------------------------------------------------------------

    def _late(self) -> Unsent:
        return Unsent(f"{self._server.place} {self._doing} within {self._seconds:g} s", perhaps=self._perhaps)

    def _told(self, error: Exception) -> Unsent:
        """What went wrong, from what was raised."""
        match error:
            case smtplib.SMTPServerDisconnected() if not isinstance(error.__context__, TimeoutError):
                return self._problem("broke off the connection")
            case TimeoutError() | smtplib.SMTPServerDisconnected():
                return self._late()
            case smtplib.SMTPAuthenticationError():
                hint = _LATER if error.smtp_code < 500 else ""
                return self._problem(f"does not accept the user and password of SMTP_URL ({error.smtp_code})", hint)
            case smtplib.SMTPResponseException():
                return self._refusal("us", error.smtp_code, error.smtp_error)
            case _Endless():
                return self._problem("does not end its answer")
            case smtplib.SMTPException():
                return self._problem("takes no password, or none in a way that we know")
            case _:
                return self._unreachable(error)

    def _unreachable(self, error: Exception) -> Unsent:
        """What the network, or TLS, or a name has to say."""
        match error:
            case ssl.SSLCertVerificationError():
                reason = one_line(error.verify_message, _LONGEST)
                return self._problem(f"has a certificate that cannot be trusted: {reason}")
            case ssl.SSLError():
                return self._problem("speaks no TLS that we know, or none at all")
            case socket.gaierror():
                return self._problem("is not known: there is no host of that name, or no name server answers")
            case UnicodeError():
                return self._problem("is no name that a host can have")
            case ConnectionRefusedError():
                return self._problem("refused the connection")
            case ConnectionError():
                return self._problem("broke off the connection")
            case _:
                return self._problem("could not be reached")

    def _problem(self, what: str, hint: str = "") -> Unsent:
        return Unsent(f"{self._server.place} {what}", hint, perhaps=self._perhaps)

    def _refusal(self, what: str, code: int, said: bytes | str) -> Unsent:
        if code < 200:
            return self._problem(f"answered to {what} what no mail server says")
        later, words = 400 <= code < 500, self._plain(said)
        tail = f": {words}" if words else ""
        return self._problem(f"refused {what}{' for now' if later else ''} ({code}){tail}", _LATER if later else "")

    def _plain(self, said: bytes | str) -> str:
        """The server's words, on a part of a line, without what it only knows from us."""
        words = clean(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
        own = self._server.password
        return one_line(redact(words.replace(own, REDACTED) if len(own) >= _SHORTEST_SECRET else words), _LONGEST)


def _listed(refused: dict[str, str]) -> str:
    return ", ".join(f"{one} ({reason})" for one, reason in refused.items())


def _text(smtp: _Line, mail: bytes) -> Answer:
    """The text behind DATA, and the answer to it (RFC 5321, 4.5.2: a line that begins with a dot gets another)."""
    doubled = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..").removeprefix(b"\r\n")
    smtp.send(doubled + (b"" if doubled.endswith(b"\r\n") else b"\r\n") + b".\r\n")
    return smtp.getreply()


def _hang_up(smtp: _Line) -> None:
    """Wake the thread that waits for an answer; it closes what is left."""
    connection = smtp.sock
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
