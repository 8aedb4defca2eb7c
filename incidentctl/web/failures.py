"""Why there is no answer, in one sentence that holds no secret."""

from __future__ import annotations

import re
import socket
import ssl
import zlib
from datetime import timedelta
from typing import Final

from incidentctl.errors import UserError, causes

# OpenSSL's X509_V_ERR_*: `openssl verify --help` names them.
_CERTIFICATES: Final = {
    9: "a certificate that is not valid yet",
    10: "a certificate that has expired",
    18: "a certificate that it signed itself",
    19: "a certificate of an authority that is not trusted here",
    20: "a certificate of an authority that is not trusted here",
    21: "a certificate of an authority that is not trusted here",
    62: "a certificate that is for another host",
    64: "a certificate that is for another address",
}


class Unanswered(UserError):
    """There is no answer to go by; `message` is one line for a person, and holds no secret.

    `retry_after` is how long the server asks to be left alone, `status` what it answered; each None where it said none.
    `unasked`: nothing of the request went out, so it did nothing there; not set where nobody can tell.
    """

    def __init__(
        self, message: str, hint: str = "", *, retry_after: timedelta | None = None, status: int | None = None
    ) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after
        self.status = status
        self.unasked = False


class Nowhere(Unanswered):
    """There is no host of that name, or it refuses the connection: nobody is there to ask."""


def failure(error: Exception, host: str, proxy: str = "") -> Unanswered:
    """Why `host` gave no answer, from what lies deepest; `proxy` is who was spoken to in its place."""
    name = f"the proxy {proxy} for {host}" if proxy else host
    for cause in causes(error):
        found = _reason(cause, host, name, by_proxy=bool(proxy))
        if found is not None:
            return found
    return Unanswered(f"{name} {_broken(error)}")


def _reason(cause: BaseException, host: str, name: str, *, by_proxy: bool) -> Unanswered | None:
    """What one error means by itself; None where it says too little."""
    match cause:
        case ssl.SSLCertVerificationError():
            return Unanswered(f"{host} has {_CERTIFICATES.get(cause.verify_code, 'a certificate that is wrong')}")
        case ssl.SSLError():
            return Unanswered(f"{name} speaks no TLS that we know, or none at all")
        case socket.gaierror():
            return _unknown(cause, name, by_proxy=by_proxy)
        case ConnectionRefusedError():
            return (Unanswered if by_proxy else Nowhere)(f"{name} refused the connection")
        case UnicodeError():
            return Nowhere(f"`{name}` is no name that a host can have")
        case zlib.error():
            return Unanswered(f"{name} sent a body whose gzip is broken")
        case _:
            return None


def _unknown(error: socket.gaierror, name: str, *, by_proxy: bool) -> Unanswered:
    """No such host; or no name server, and then nobody can tell."""
    if error.errno == socket.EAI_AGAIN:
        return Unanswered(f"{name} could not be looked up: no name server answers")
    return (Unanswered if by_proxy else Nowhere)(f"{name} is not known: there is no host of that name")


def _broken(error: Exception) -> str:
    """What the server did wrong, by the names that httpx has for it."""
    import httpx

    match error:
        case httpx.RemoteProtocolError() if re.match("Server disconnected|peer closed", str(error)):
            return "closed the connection before its answer ended"
        case httpx.RemoteProtocolError():
            return "does not speak HTTP"
        case httpx.ProxyError():
            return "would not pass the call on"
        case httpx.ReadError() | httpx.WriteError() | httpx.CloseError():
            return "broke off the connection"
        case httpx.ConnectError() | httpx.TimeoutException():
            return "could not be reached"
        case _:
            return "could not be asked"
