"""An app chooses how its mail goes out, and what shows mails is for development alone."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flask_porter.errors import SetUpError
from flask_porter.outbound.mail import (
    CallableMailer,
    ConsoleMailer,
    Mailbox,
    Message,
    SmtpMailer,
    make_mailer,
)
from flask_porter.settings import Settings, read_settings

MESSAGE = Message(
    to="ada@example.com",
    subject="Hello",
    text="the text",
    html="<p>the html</p>",
    kind="reset_password",
    headers={"Auto-Submitted": "auto-generated", "Date": "now", "Message-ID": "<1@example.com>"},
    link="https://app.example.com/secret-token",
    code="12345678",
)


class OwnMailer:
    """As an app writes one."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)


class FlaskMailLike:
    """Takes what Flask-Mail's object takes."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, *args: Any, **values: Any) -> None:
        assert not args
        self.sent.append(values)

    def send(self, message: Any) -> None:
        raise AssertionError("it takes a message of its own class")


class FlaskMailmanLike:
    """Takes what Flask-Mailman's object takes, and knows every other name as None."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, ...]] = []

    def send_mail(
        self, subject: str, body: str, sender: str, to: list[str], html_message: str | None = None
    ) -> None:
        self.sent.append((subject, body, sender, to, html_message))

    def __getattr__(self, name: str) -> None:
        return None


def development(**keys: Any) -> Settings:
    return read_settings({"SECRET_KEY": "k" * 5, **keys}, name="shop", debug=True, testing=False)


def production(**keys: Any) -> Settings:
    config = {
        "SECRET_KEY": "bc1f6a0d7e29485f93a1c7d2e0b4586f",
        "PORTER_BASE_URL": "https://app.example.com",
        **keys,
    }
    return read_settings(config, name="shop", debug=False, testing=False)


def test_development_needs_no_set_up(tmp_path: Path) -> None:
    mailer = make_mailer(development(), tmp_path)
    assert isinstance(mailer, Mailbox)
    mailer.send(MESSAGE)
    assert [letter.message for letter in mailer.letters()] == [MESSAGE]


def test_the_url_chooses_the_mailer(tmp_path: Path) -> None:
    assert isinstance(make_mailer(development(PORTER_MAIL_URL="console:"), tmp_path), ConsoleMailer)
    url = "smtps://mail.example.com"
    assert isinstance(make_mailer(production(PORTER_MAIL_URL=url), tmp_path), SmtpMailer)


@pytest.mark.parametrize("url", ["console:", "mailbox:"])
def test_what_shows_mails_is_refused_in_production(url: str, tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match="PORTER_MAIL_URL"):
        make_mailer(production(PORTER_MAIL_URL=url), tmp_path)


def test_production_without_mail_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match="PORTER_MAIL_URL"):
        make_mailer(production(), tmp_path)


def test_production_without_an_address_of_its_own_does_not_start(tmp_path: Path) -> None:
    """Its links would begin with whatever a Host header says (TK10)."""
    with pytest.raises(SetUpError, match="PORTER_BASE_URL"):
        make_mailer(production(PORTER_BASE_URL=None), tmp_path, given=OwnMailer())


def test_an_own_mailer_and_an_own_function_are_taken(tmp_path: Path) -> None:
    own = OwnMailer()
    assert make_mailer(production(), tmp_path, given=own) is own
    queued: list[Message] = []
    mailer = make_mailer(production(), tmp_path, given=queued.append)
    assert isinstance(mailer, CallableMailer)
    mailer.send(MESSAGE)
    assert queued == [MESSAGE]


def test_flask_mail_sends_text_and_html(tmp_path: Path) -> None:
    mail = FlaskMailLike()
    make_mailer(production(), tmp_path, given=mail).send(MESSAGE)
    (sent,) = mail.sent
    assert sent["recipients"] == ["ada@example.com"]
    assert sent["sender"] == "no-reply@app.example.com"
    assert (sent["body"], sent["html"]) == ("the text", "<p>the html</p>")
    # Flask-Mail writes the others itself, and a header that stands twice is refused.
    assert sent["extra_headers"] == {"Auto-Submitted": "auto-generated"}


def test_flask_mailman_sends_text_and_html(tmp_path: Path) -> None:
    mail = FlaskMailmanLike()
    make_mailer(production(), tmp_path, given=mail).send(MESSAGE)
    sender = "no-reply@app.example.com"
    assert mail.sent == [("Hello", "the text", sender, ["ada@example.com"], "<p>the html</p>")]


def test_what_cannot_send_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match="int cannot send mail"):
        make_mailer(production(), tmp_path, given=7)


def test_the_console_shows_the_text() -> None:
    stream = io.StringIO()
    ConsoleMailer(stream).send(MESSAGE)
    assert "To: ada@example.com\nSubject: Hello\n\nthe text" in stream.getvalue()


def test_a_message_in_a_log_shows_no_key() -> None:
    shown = repr(MESSAGE)
    assert "ada@example.com" in shown
    for hidden in ("secret-token", "12345678", "the text", "the html"):
        assert hidden not in shown


@pytest.fixture(params=["memory", "file"])
def make_mailbox(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Mailbox]:
    file = tmp_path / "instance" / "mail.jsonl" if request.param == "file" else None
    return lambda **options: Mailbox(file, **options)


def numbered(number: int) -> Message:
    return Message(to="a@b.example", subject=f"{number} – ü", text="", html="", kind="test")


def test_a_mailbox_shows_the_newest_first(make_mailbox: Callable[..., Mailbox]) -> None:
    mailbox = make_mailbox()
    assert mailbox.letters() == []
    for number in range(3):
        mailbox.send(numbered(number))
    shown = mailbox.letters()
    assert [letter.message.subject[0] for letter in shown] == ["2", "1", "0"]
    assert mailbox.find(shown[1].id) == shown[1]
    assert mailbox.find("another") is None
    mailbox.clear()
    assert mailbox.letters() == []


def test_a_mailbox_drops_the_oldest(make_mailbox: Callable[..., Mailbox]) -> None:
    mailbox = make_mailbox(kept=3)
    for number in range(20):
        mailbox.send(numbered(number))
    assert [letter.message.subject.split()[0] for letter in mailbox.letters()] == ["19", "18", "17"]


def test_a_mailbox_survives_the_reloader_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "mail.jsonl"
    Mailbox(file).send(MESSAGE)
    assert [letter.message for letter in Mailbox(file).letters()] == [MESSAGE]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_mailbox_of_an_older_version_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "mail.jsonl"
    Mailbox(file).send(MESSAGE)
    with file.open("a") as lines:
        lines.write('not json\n{}\n[]\n{"id": 1, "at": "2026-01-01", "message": {"other": 1}}\n')
    assert [letter.message for letter in Mailbox(file).letters()] == [MESSAGE]


def test_a_mailbox_file_stays_small(tmp_path: Path) -> None:
    file = tmp_path / "mail.jsonl"
    mailbox = Mailbox(file, kept=3)
    for number in range(50):
        mailbox.send(numbered(number))
    assert len(file.read_text().splitlines()) <= 6
