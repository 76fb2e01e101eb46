"""The mailers that an app can choose from, and the choice."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

from ..errors import SetUpError
from ..settings import check_mail
from .mailbox import Mailbox as Mailbox
from .messages import Mailer as Mailer  # noqa: TC001
from .messages import MailFailed as MailFailed
from .messages import Message as Message  # noqa: TC001
from .smtp import SmtpMailer as SmtpMailer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..settings import Settings

#: Where the mailbox of the development server lies, in the instance folder.
MAILBOX_FILE: Final = "porter_mailbox.jsonl"


class ConsoleMailer:
    """Prints the text of each mail, for development."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, message: Message) -> None:
        """Print ``message``."""
        line = "-" * 72
        stream = self._stream or sys.stderr
        stream.write(
            f"{line}\nTo: {message.to}\nSubject: {message.subject}\n\n{message.text}\n{line}\n"
        )
        stream.flush()


class CallableMailer:
    """Hands each mail to a function of the app, as one that puts it into a job queue.

    The function is called once a mail, by the delivery and never within a request. When it raises,
    the mail is tried again; :class:`MailFailed` says whether that helps.
    """

    def __init__(self, function: Callable[[Message], object]) -> None:
        self._function = function

    def send(self, message: Message) -> None:
        """Call the function."""
        self._function(message)


class FlaskMailMailer:
    """Sends by the object of Flask-Mail, whose settings then count."""

    def __init__(self, mail: Any, sender: str | None) -> None:
        self._mail = mail
        self._sender = sender

    def send(self, message: Message) -> None:
        """Send ``message`` by Flask-Mail."""
        self._mail.send_message(
            subject=message.subject,
            recipients=[message.to],
            body=message.text,
            html=message.html,
            sender=self._sender,
            extra_headers=_without_those_it_sets(message),
        )


class FlaskMailmanMailer:
    """Sends by the object of Flask-Mailman, whose settings then count."""

    def __init__(self, mail: Any, sender: str | None) -> None:
        self._mail = mail
        self._sender = sender

    def send(self, message: Message) -> None:
        """Send ``message`` by Flask-Mailman."""
        self._mail.send_mail(
            message.subject, message.text, self._sender, [message.to], html_message=message.html
        )


def make_mailer(settings: Settings, instance_folder: Path, given: Any = None) -> Mailer:
    """Return the mailer that was given, or the one that ``PORTER_MAIL_URL`` names.

    Args:
        settings: of the app.
        instance_folder: where the mailbox of the development server lies.
        given: a :class:`Mailer`, a function of a :class:`Message`, or the object of Flask-Mail
            or Flask-Mailman.

    Raises:
        SetUpError: there is none, or it cannot be used.
    """
    check_mail(settings, has_mailer=given is not None)
    if given is not None:
        return _adapted(given, settings.mail_from)
    if settings.mail_url == "console:":
        return ConsoleMailer()
    if settings.mail_url is None or settings.mail_url == "mailbox:":
        return Mailbox(instance_folder / MAILBOX_FILE)
    sender = settings.mail_from or ""
    return SmtpMailer(settings.mail_url, sender, development=settings.development)


def _adapted(given: Any, sender: str | None) -> Mailer:
    # Flask-Mailman's object answers None for every name that it does not have.
    if callable(getattr(given, "send_mail", None)):
        return FlaskMailmanMailer(given, sender)
    if callable(getattr(given, "send_message", None)):
        return FlaskMailMailer(given, sender)
    if callable(getattr(given, "send", None)):
        mailer: Mailer = given
        return mailer
    if callable(given):
        return CallableMailer(given)
    raise SetUpError(
        f"{type(given).__name__} cannot send mail. Give a function that takes a Message, an object"
        " with send(message), or the object of Flask-Mail or Flask-Mailman."
    )


def _without_those_it_sets(message: Message) -> dict[str, str]:
    return {
        name: value for name, value in message.headers.items() if name not in {"Date", "Message-ID"}
    }
