"""Mails, as a real mail server takes and refuses them."""

from __future__ import annotations

import asyncio
import subprocess
import traceback
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from urllib.parse import quote

import pytest
from aiosmtpd.smtp import Envelope

from incidentctl.comms.channels.email import EmailChannel
from incidentctl.comms.channels.interface import Post, Receipt, Unsent
from incidentctl.http import once
from incidentctl.incident.words import CommsPhase
from tests.needs import needs
from tests.servers.smtp import PASSWORD, USER, MailServer, mail_server
from tests.servers.started import free_port

POST = Post(
    incident="20261123-0312-abc",
    service="Checkout",
    title="Orders fail",
    severity="P1",
    phase=CommsPhase.INVESTIGATING,
    audience="stakeholders",
    text="Placing orders fails for some customers.\n\n.A line that begins with a dot.\nNext update by 03:42 UTC.",
    key="update-1/stakeholders",
)
LEADS = "leads@example.com"


@pytest.fixture(name="server")
def _server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module", name="certificate")
def _certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signed itself, with its key in one file."""
    needs("openssl")
    folder = tmp_path_factory.mktemp("certificates")
    key, made, both = folder / "key.pem", folder / "made.crt", folder / "both.pem"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
    subject = ["-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", "-x509", "-key", key, *subject, "-out", made], check=True, capture_output=True)
    both.write_text(key.read_text() + made.read_text())
    return both


def channel(server: MailServer, to: str = LEADS) -> EmailChannel:
    return EmailChannel({"to": to}, {"SMTP_URL": server.url})


def send(server: MailServer, post: Post = POST, to: str = LEADS, seconds: float = 5) -> Receipt:
    return once(channel(server, to).send(post, seconds=seconds))


def unsent(server: MailServer, to: str = LEADS, seconds: float = 5) -> Unsent:
    """Why it did not go out, without where to; the password is nowhere in it."""
    with pytest.raises(Unsent) as caught:
        send(server, to=to, seconds=seconds)
    told = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert PASSWORD not in told
    assert quote(PASSWORD, safe="") not in told
    place = server.url.partition("://")[2].partition("?")[0].rpartition("@")[2]
    caught.value.message = caught.value.message.removeprefix(f"{place} ")
    return caught.value


def read(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage) -> str:
    """On the way, lines end in CR LF."""
    return str(mail.get_content()).replace("\r\n", "\n")


# --- what arrives ------------------------------------------------------------------------------------------


def test_a_mail_says_what_it_is_about_and_nothing_but_the_text(server: MailServer) -> None:
    receipt = send(server, to=f"{LEADS}\nceo@example.com")
    envelope = server.only()
    mail = read(envelope)
    assert (envelope.mail_from, envelope.rcpt_tos) == (USER, [LEADS, "ceo@example.com"])
    assert mail["Subject"] == "[P1] Checkout: Orders fail — investigating"
    assert (mail["From"], mail["To"]) == (USER, f"{LEADS}, ceo@example.com")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert text_of(mail) == f"{POST.text}\n"
    assert parsedate_to_datetime(mail["Date"]).tzinfo is not None
    assert receipt == Receipt(mail["Message-ID"], thread=mail["Message-ID"])


def test_the_mails_of_an_incident_hang_together(server: MailServer) -> None:
    first = send(server)
    later = replace(POST, phase=CommsPhase.RESOLVED, key="update-2/stakeholders", thread=first.thread)
    assert send(server, later).thread == first.thread
    mail = read(server.mails[1])
    assert mail["In-Reply-To"] == mail["References"] == first.id
    assert mail["Message-ID"] != first.id


def test_the_same_post_is_the_same_mail(server: MailServer) -> None:
    assert send(server).id == send(server).id
    assert send(server, replace(POST, key="update-2/stakeholders")).id != send(server).id


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        (
            "Orders\r\nBcc: victim@example.com\r\n\r\nfail",
            "[P1] Checkout: Orders Bcc: victim@example.com fail — invest",
        ),
        ("\x1b]0;x\x07\u202eBestellungen scheitern: Zahlung abgelehnt ü 支付", None),
        ("<script>[bold]", "[P1] Checkout: <script>[bold] — investigating"),
        ("x" * 40_000, None),
    ],
)
def test_no_title_can_be_a_header(server: MailServer, title: str, subject: str | None) -> None:
    send(server, replace(POST, title=title))
    envelope = server.only()
    mail = read(envelope)
    assert envelope.rcpt_tos == [LEADS]
    assert mail["Bcc"] is None
    assert text_of(mail) == f"{POST.text}\n"
    assert mail["Subject"].startswith(subject or f"[P1] Checkout: {title[-1] if title[0] == 'x' else 'Bestellungen'}")
    assert mail["Subject"].endswith("— investigating")
    assert len(mail["Subject"]) < 200
    assert isinstance(envelope.content, bytes)
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 998  # RFC 5322, 2.1.1
    assert envelope.content.isascii()
    assert b"=0D" not in envelope.content


@pytest.mark.parametrize("thread", ["<a@b>\r\nBcc: victim@example.com", "no message id", "<>"])
def test_no_thread_can_be_a_header(server: MailServer, thread: str) -> None:
    send(server, replace(POST, thread=thread))
    assert read(server.only())["References"] is None


def test_a_light_incident_has_no_severity(server: MailServer) -> None:
    send(server, replace(POST, severity=""))
    assert read(server.only())["Subject"] == "Checkout: Orders fail — investigating"


def test_a_long_text_arrives_whole_and_a_hostile_one_harmless(server: MailServer) -> None:
    text = "Ä" * 40_000 + "\r\n.\r\nQUIT\r\n\x1b[31mred\x1b[0m\u202e end"
    send(server, replace(POST, text=text))
    assert text_of(read(server.only())) == "Ä" * 40_000 + "\n.\nQUIT\nred end\n"


# --- TLS and passwords -------------------------------------------------------------------------------------


def with_password(server: MailServer, password: str = PASSWORD) -> MailServer:
    server.url = server.url.replace("://", f"://{quote(USER, safe='')}:{quote(password, safe='')}@")
    return server


@pytest.mark.parametrize("starttls", [True, False])
def test_mail_and_password_go_out_encrypted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, *, starttls: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate, starttls=starttls) as server:
        assert channel(server).name == f"e-mail to {LEADS}"
        send(server)
        assert server.commands == ["MAIL"]


def test_a_password_that_is_right_and_one_that_is_wrong(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate) as server:
        plain = server.url
        send(with_password(server))
        server.url = plain
        problem = unsent(with_password(server, "wrong-planted-word"))
        assert problem.message == "does not accept the user and password of SMTP_URL (535)"
        assert "wrong-planted-word" not in "".join(traceback.format_exception(problem))
        assert not problem.perhaps
        assert len(server.mails) == 1


def test_a_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    with mail_server(certificate) as server:
        problem = unsent(with_password(server))
        assert problem.message.startswith("has a certificate that cannot be trusted: self")
        assert (problem.perhaps, server.commands) == (False, [])


def test_without_starttls_nothing_is_said(server: MailServer) -> None:
    server.url = server.url.replace("smtp+insecure://", "smtp://")
    problem = unsent(with_password(server))
    assert problem.message == "offers no STARTTLS, so nothing was sent"
    assert (problem.perhaps, server.commands) == (False, [])


def test_tls_where_none_is_spoken(server: MailServer) -> None:
    server.url = server.url.replace("smtp+insecure://", "smtps://")
    assert unsent(server).message == "speaks no TLS that we know, or none at all"


def test_what_is_not_encrypted_says_so(server: MailServer) -> None:
    assert channel(server, f"{LEADS}\nceo@example.com").name == f"e-mail to {LEADS} and 1 more, UNENCRYPTED"
    send(server)
    assert server.commands == ["MAIL, for all to read"]


def test_a_server_that_takes_no_password(server: MailServer) -> None:
    assert unsent(with_password(server)).message == "takes no password, or none in a way that we know"


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sentence", "hint"),
    [
        ("550 5.1.1 No such user here", "refused leads@example.com (550 5.1.1 No such user here)", ""),
        (
            "451 4.7.1 Greylisted, come back",
            "refused leads@example.com (451 4.7.1 Greylisted, come back)",
            "It may take it later: it asks to be tried again.",
        ),
        (
            "421 4.3.2 Closing\x1b[2J",
            "refused leads@example.com (421 4.3.2 Closing)",
            "It may take it later: it asks to be tried again.",
        ),
    ],
)
def test_a_recipient_that_is_refused(server: MailServer, said: str, sentence: str, hint: str) -> None:
    server.refused[LEADS] = said
    problem = unsent(server)
    assert (problem.message, problem.hint, problem.perhaps) == (sentence, hint, False)
    assert server.mails == []


def test_where_some_are_refused_it_is_said_who_got_it(server: MailServer) -> None:
    server.refused["ceo@example.com"] = "550 5.1.1 No such user"
    problem = unsent(server, to=f"{LEADS}\nceo@example.com\nbo@example.com")
    assert problem.message == (
        "took it for leads@example.com, bo@example.com, and refused ceo@example.com (550 5.1.1 No such user)"
    )
    assert problem.perhaps
    assert server.only().rcpt_tos == [LEADS, "bo@example.com"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("552 5.2.3 Too big", "refused the mail (552): 5.2.3 Too big"),
        ("421 4.3.2 Shutting down", "refused the mail for now (421): 4.3.2 Shutting down"),
        ("452 4.3.1 Disk full", "refused the mail for now (452): 4.3.1 Disk full"),
    ],
)
def test_a_text_that_is_refused_did_not_go_out(server: MailServer, answer: str, sentence: str) -> None:
    server.answers = answer
    problem = unsent(server)
    assert (problem.message, problem.perhaps) == (sentence, False)


# --- connections -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("command", "perhaps"), [("MAIL", False), ("DATA", True)])
def test_a_connection_that_breaks(server: MailServer, command: str, *, perhaps: bool) -> None:
    server.hangs_up = command
    problem = unsent(server)
    assert (problem.message, problem.perhaps) == ("broke off the connection", perhaps)
    assert len(server.mails) == perhaps


@pytest.mark.parametrize(("command", "what", "perhaps"), [("MAIL", "the sender", False), ("DATA", "the mail", True)])
def test_a_server_that_says_nothing_any_more(server: MailServer, command: str, what: str, *, perhaps: bool) -> None:
    server.silent = command
    problem = unsent(server, seconds=1.5)
    assert (problem.message, problem.perhaps) == (f"did not answer to {what} within 1.5 s", perhaps)
    assert len(server.mails) == perhaps


def test_what_was_given_up_is_not_sent_later_on(server: MailServer) -> None:
    server.silent = "MAIL"
    assert not unsent(server, seconds=1.5).perhaps
    server.silent = ""
    server.released.set()
    later = send(server, replace(POST, key="update-2/stakeholders"))
    assert read(server.only())["Message-ID"] == later.id


def test_nor_is_what_was_cancelled(server: MailServer) -> None:
    async def story() -> None:
        sending = asyncio.create_task(channel(server).send(POST, seconds=20))
        assert await asyncio.to_thread(server.heard.wait, 10)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

    server.silent = "MAIL"
    once(story())
    server.silent = ""
    server.released.set()
    later = send(server, replace(POST, key="update-2/stakeholders"))
    assert read(server.only())["Message-ID"] == later.id


@pytest.mark.parametrize(
    ("pause", "sentence"), [(0.0, "does not end its answer"), (0.02, "did not answer to our call within 0.4 s")]
)
def test_a_greeting_without_an_end_is_hung_up_on(pause: float, sentence: str) -> None:
    hung_up = Event()

    class Talks(BaseRequestHandler):
        def handle(self) -> None:
            try:
                while not hung_up.wait(pause):
                    self.request.sendall(b"220-and another thing\r\n")
            except OSError:
                hung_up.set()

    with ThreadingTCPServer(("127.0.0.1", 0), Talks) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        problem = unsent(MailServer(f"smtp://127.0.0.1:{server.server_address[1]}?from={USER}"), seconds=0.4)
        assert (problem.message, problem.perhaps) == (sentence, False)
        assert hung_up.wait(10)
        server.shutdown()


def test_nobody_there() -> None:
    problem = unsent(MailServer(f"smtp://127.0.0.1:{free_port()}?from={USER}"))
    assert (problem.message, problem.perhaps) == ("refused the connection", False)


def test_no_such_host() -> None:
    problem = unsent(MailServer(f"smtp://mail.invalid:25?from={USER}"))
    assert problem.message == "is not known: there is no host of that name, or no name server answers"


def test_nobody_can_say_whether_a_mail_was_sent(server: MailServer) -> None:
    with pytest.raises(Unsent, match="a mail server cannot be asked which mails it took"):
        once(channel(server).find(POST, seconds=5))


# --- what it is made from ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "url", "sentence"),
    [
        ("", f"smtp://h?from={USER}", "there is no recipient"),
        ("leads", f"smtp://h?from={USER}", "`leads` is no e-mail address that can be written to"),
        (f"{LEADS}, b@example.com", f"smtp://h?from={USER}", f"`{LEADS}, b@example.com` is no e-mail address that can"),
        (f"{LEADS}\r\n\r\nRCPT TO:<x@y.z>", f"smtp://h?from={USER}", "`RCPT TO:<x@y.z>` is no e-mail address that can"),
        (LEADS, "", "SMTP_URL is not set"),
        (LEADS, "mail.example.com", "SMTP_URL is no address of a mail server"),
        (LEADS, f"https://u:{quote(PASSWORD, safe='')}@h", "SMTP_URL is no address of a mail server"),
        (LEADS, f"smtp://u:{quote(PASSWORD, safe='')}@h:port", "SMTP_URL is no address of a mail server"),
        (LEADS, f"smtp://u:{quote(PASSWORD, safe='')}@h", "SMTP_URL does not say `from`, or it is no e-mail address"),
        (LEADS, f"smtp://h?from={USER}%0d%0aDATA", "SMTP_URL does not say `from`, or it is no e-mail address"),
        (LEADS, f"smtp://u:%C3%BC@h?from={USER}", "SMTP_URL has a user or password that mail servers cannot be told"),
        (LEADS, f"smtp://u:a%0d%0ab@h?from={USER}", "SMTP_URL has a user or password that mail servers cannot be told"),
    ],
)
def test_what_is_missing_or_odd_is_named_before_anything_is_sent(to: str, url: str, sentence: str) -> None:
    with pytest.raises(Unsent) as caught:
        EmailChannel({"to": to}, {"SMTP_URL": url})
    assert caught.value.message.startswith(sentence)
    told = "".join(traceback.format_exception(caught.value)) + caught.value.hint
    assert quote(PASSWORD, safe="") not in told


def test_a_user_that_is_an_address_is_the_sender() -> None:
    made = EmailChannel(
        {"to": LEADS}, {"SMTP_URL": f"smtp://{quote(USER)}:{quote(PASSWORD, safe='')}@mail.example.com"}
    )
    assert made.name == f"e-mail to {LEADS}"


def test_addresses_with_a_plus_are_taken_as_they_are_written(server: MailServer) -> None:
    server.url = server.url.replace(USER, "on+call@example.com")
    send(server, to="leads+p1@example.com")
    assert (server.only().mail_from, server.only().rcpt_tos) == ("on+call@example.com", ["leads+p1@example.com"])


def test_a_server_that_says_our_password_back(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate) as server:
        server.answers = f"554 5.7.1 {USER} {PASSWORD[:5]}\x1b[1m{PASSWORD[5:]} is known to spam"
        problem = unsent(with_password(server))
        assert problem.message == f"refused the mail (554): 5.7.1 {USER} <redacted> is known to spam"
