"""Mail goes out by SMTP as it should, or says why it has not; the server is a real one."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flask_porter.errors import SetUpError
from flask_porter.outbound.mail import MailFailed, Message, SmtpMailer
from tests.outbound.mail_server import certificate, mail_server
from tests.services.processes import free_port

SENDER = "Acme Shop <no-reply@example.com>"
LINK = "https://app.example.com/account/reset-password/" + "Ab3-_" * 9
MESSAGE = Message(
    to="ada@example.com",
    subject="Choose a new password – now",
    text=f"Hello Ada,\n\n{LINK}\n",
    html=f"<p>Hello Ada,</p><a href='{LINK}'>here</a>",
    kind="reset_password",
    headers={"Auto-Submitted": "auto-generated", "Message-ID": "<1@example.com>"},
    link=LINK,
    code="12345678",
)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the server's side of a certificate that this process trusts."""
    context, public = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    return context


def failure(mailer: SmtpMailer, message: Message = MESSAGE) -> MailFailed:
    with pytest.raises(MailFailed) as caught:
        mailer.send(message)
    return caught.value


def test_a_mail_arrives_as_text_and_as_html() -> None:
    with mail_server() as server:
        SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER).send(MESSAGE)
    mail = server.mail()
    assert server.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert server.envelopes[0].mail_from == "no-reply@example.com"
    assert mail["From"] == "Acme Shop <no-reply@example.com>"
    assert mail["Subject"] == "Choose a new password – now"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert LINK in text.get_content()
    assert LINK in html.get_content()


def test_a_mail_is_encrypted_before_a_password_is_shown(trusted: Any) -> None:
    with mail_server(starttls=trusted, asks_for_login=True) as server:
        user = "ada%40example.com:p%40ss%20word%2F%25"
        SmtpMailer(f"smtp://{user}@localhost:{server.port}?starttls=required", SENDER).send(MESSAGE)
    assert server.logins == [("ada@example.com", "p@ss word/%")]
    assert server.sessions[0].ssl is not None


def test_a_mail_goes_through_tls_from_the_first_byte(trusted: Any) -> None:
    with mail_server(tls=trusted) as server:
        SmtpMailer(f"smtps://127.0.0.1:{server.port}", SENDER).send(MESSAGE)
    assert server.mail()["To"] == "ada@example.com"


def test_no_mail_goes_to_a_server_with_a_strange_certificate(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    with mail_server(starttls=context) as server:
        error = failure(SmtpMailer(f"smtp://localhost:{server.port}?starttls=required", SENDER))
    assert error.temporary
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert server.envelopes == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_no_mail_goes_to_a_server_with_the_certificate_of_another(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, public = certificate(tmp_path, name="mail.example.com")
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    options: Any = {"tls": context} if scheme == "smtps" else {"starttls": context}
    query = "" if scheme == "smtps" else "?starttls=required"
    with mail_server(**options) as server:
        assert failure(SmtpMailer(f"{scheme}://localhost:{server.port}{query}", SENDER)).temporary
    assert server.envelopes == []


def test_no_mail_goes_to_a_server_whose_starttls_was_struck_out() -> None:
    with mail_server() as server:
        error = failure(SmtpMailer(f"smtp://127.0.0.1:{server.port}?starttls=required", SENDER))
    assert error.temporary
    assert "STARTTLS" in str(error)
    assert server.envelopes == []
    assert server.logins == []


def test_a_wrong_password_is_the_operators_to_mend(trusted: Any) -> None:
    with mail_server(starttls=trusted, asks_for_login=True) as server:
        url = f"smtp://ada:secret-word@localhost:{server.port}?starttls=required"
        error = failure(SmtpMailer(url, SENDER))
    assert error.temporary
    assert "535" in str(error)
    assert "secret-word" not in str(error)


@pytest.mark.parametrize(
    ("answer", "is_temporary"),
    [("450 later", True), ("550 5.1.1 no such person", False), ("421 going down", True)],
)
def test_a_refused_recipient_is_tried_again_only_if_that_may_help(
    answer: str, is_temporary: bool
) -> None:
    with mail_server() as server:
        server.answer_to_recipient = answer
        error = failure(SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER))
    assert error.temporary is is_temporary
    assert answer[:3] in str(error)


@pytest.mark.parametrize(
    ("answer", "is_temporary"), [("554 no", False), ("452 mailbox full, try later", True)]
)
def test_a_refused_mail_is_tried_again_only_if_that_may_help(
    answer: str, is_temporary: bool
) -> None:
    with mail_server() as server:
        server.answer_to_data = answer
        assert failure(SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)).temporary is (
            is_temporary
        )


def test_an_error_repeats_no_key_that_the_server_quotes() -> None:
    with mail_server() as server:
        server.answer_to_data = f"554 blocked: {LINK} and 1234 5678 and 12345678 in the text"
        said = str(failure(SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)))
    assert "554 blocked:" in said
    assert "in the text" in said
    for key in ("Ab3", "5678", "app.example.com"):
        assert key not in said


def test_a_server_that_is_down_is_tried_again() -> None:
    assert failure(SmtpMailer(f"smtp://127.0.0.1:{free_port()}", SENDER)).temporary


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        mailer = SmtpMailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}", SENDER, timeout=0.3)
        assert failure(mailer).temporary
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_may_look_at_a_mail_for_long(scheme: str, trusted: Any) -> None:
    """Whoever leaves before it says that it has the mail sends a second one (RFC 1047)."""
    with mail_server(tls=trusted if scheme == "smtps" else None) as server:
        server.looks_for = 1.2
        url = f"{scheme}://localhost:{server.port}"
        SmtpMailer(url, SENDER, timeout=0.8, patience=10).send(MESSAGE)
        assert len(server.envelopes) == 1
        assert failure(SmtpMailer(url, SENDER, timeout=5, patience=0.3)).temporary


def test_a_mail_that_was_taken_is_not_failed_by_a_missing_goodbye() -> None:
    """A failure would send it a second time."""
    answers = {b"EHLO": b"250 here\r\n", b"DATA": b"354 go on\r\n"}
    taken = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 here\r\n")
            for line in lines:
                connection.sendall(answers.get(line[:4].upper(), b"250 OK\r\n"))
                if line[:4].upper() == b"DATA":
                    while lines.readline() != b".\r\n":
                        pass
                    connection.sendall(b"250 taken\r\n")
                    taken.set()
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        SmtpMailer(f"smtp://127.0.0.1:{listener.getsockname()[1]}", SENDER).send(MESSAGE)
        thread.join()
    assert taken.is_set()


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nRCPT TO:<eve@evil.example>",
        "ada@example.com, eve@evil.example",
        "ada@example.com>eve@evil.example",
        "Ada <ada@example.com>",
        "ada@",
        "@example.com",
        "ada",
        "a b@example.com",
        '"ada,eve"@example.com',
        "ada@eve@example.com",
        "=?utf-8?q?eve=40evil.example=2c?=@example.com",
        "=?utf-8?q?a=0aBcc=3a_eve=40evil.example?=@example.com",
    ],
)
def test_an_address_is_one_address(address: str) -> None:
    with mail_server() as server:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)
        assert not failure(mailer, replace(MESSAGE, to=address)).temporary
    assert server.envelopes == []


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Hello\r\nBcc: eve@evil.example"},
        {"subject": "Hello\nBcc: eve@evil.example"},
        {"headers": {"Content-Language": "en\r\nBcc: eve@evil.example"}},
        {"subject": "Hello =?utf-8?q?a=0aBcc=3a_eve=40evil.example?="},
        {"headers": {"Content-Language": "=?utf-8?q?en=0d=0aBcc=3a_eve=40evil.example?="}},
    ],
)
def test_no_header_can_be_smuggled_in(change: dict[str, Any]) -> None:
    with mail_server() as server:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)
        assert not failure(mailer, replace(MESSAGE, **change)).temporary
    assert server.envelopes == []


def test_a_line_with_a_single_dot_ends_no_mail() -> None:
    with mail_server() as server:
        text = "Hello\n.\nMAIL FROM:<eve@evil.example>\n"
        SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER).send(replace(MESSAGE, text=text))
    body = server.mail().get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text


def test_a_domain_goes_over_the_wire_in_ascii() -> None:
    """IDNA 2008: by that of 2003 the mail would go to strasse.example, which is another's."""
    with mail_server() as server:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)
        mailer.send(replace(MESSAGE, to="ada@straße.example"))
    assert server.envelopes[0].rcpt_tos == ["ada@xn--strae-oqa.example"]


def test_a_name_in_other_letters_needs_a_server_that_takes_it() -> None:
    with mail_server() as server:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", SENDER)
        mailer.send(replace(MESSAGE, to="адá@example.com"))
    assert server.envelopes[0].rcpt_tos == ["адá@example.com"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://mail.example.com", "names no mail server"),
        ("smtp://", "names no mail server"),
        ("smtp://mail.example.com:x", "is no URL"),
        ("smtp://mail.example.com?tls=off", "unknown option"),
        ("smtp://mail.example.com?starttls=no", "unknown option"),
        ("smtp://u:hidden@mail.example.com/path", "unknown option"),
        ("smtp://u:hiddenß@mail.example.com", "other letters than ASCII"),
        ("smtp://u:hidden@mail.example.com?starttls=never", "is for development"),
    ],
)
def test_a_wrong_url_is_refused_at_the_start(url: str, says: str) -> None:
    with pytest.raises(SetUpError, match=says) as caught:
        SmtpMailer(url, SENDER)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "sender", ["", "Acme", "Acme <no-reply@example.com", "a@b@c", "A\n <a@b.c>"]
)
def test_a_wrong_sender_is_refused_at_the_start(sender: str) -> None:
    with pytest.raises(SetUpError, match="PORTER_MAIL_FROM"):
        SmtpMailer("smtps://mail.example.com", sender)


def test_development_may_go_without_encryption() -> None:
    SmtpMailer("smtp://mailhog:1025?starttls=never", SENDER, development=True)
    with pytest.raises(SetUpError):
        SmtpMailer("smtp://mailhog:1025?starttls=never", SENDER)
