"""Sends mail to the server of an URL (RFC 5321), encrypted but on this very machine."""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from ..errors import SetUpError
from .messages import MailFailed, Message, address_of, as_email, deliverable

if TYPE_CHECKING:
    from email.message import EmailMessage

#: Submission with STARTTLS (RFC 6409), and TLS from the first byte (RFC 8314 section 3.3).
_PORTS: Final = {"smtp": 587, "smtps": 465}
#: Seconds for each step of the exchange.
TIMEOUT: Final = 10.0
#: Seconds for the word that a mail is taken. Servers look for spam before they give it, and whoever
#: leaves meanwhile sends it twice (RFC 5321 section 4.5.3.2.6 waits longer still, RFC 1047 why).
PATIENCE: Final = 120.0
#: What only DATA is answered with (RFC 5321 section 4.2.3).
_GO_ON: Final = 354
_LONGEST_ERROR: Final = 200
#: A server may quote the mail in its answer: no link, no code and no key goes into an error.
_QUOTED: Final = re.compile(r"\S*[/?=]\S*|\S{30,}|\d{6,}|\d{4} \d{4}")


@dataclass(frozen=True, slots=True)
class Server:
    """Where an URL says that mail goes."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    #: ``tls``, ``starttls`` or ``never``.
    encryption: str


class SmtpMailer:
    """Hands each mail to one server, over a connection of its own.

    Args:
        url: ``smtp://user:password@host:587`` (STARTTLS required, but to this very machine) or
            ``smtps://user:password@host:465``; user and password percent-encoded.
        sender: ``Name <address>``.
        timeout: in seconds, for each step.
        patience: in seconds, for the last one: that the mail is taken.
        development: whether ``?starttls=never`` may name another machine.

    Raises:
        SetUpError: the URL or the sender is wrong.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        timeout: float = TIMEOUT,
        *,
        patience: float = PATIENCE,
        development: bool = False,
    ) -> None:
        self._server = server_of(url, development=development)
        try:
            self._from = address_of(sender)
        except ValueError as error:
            raise SetUpError(f"PORTER_MAIL_FROM: {error}") from None
        self._timeout = timeout
        self._patience = patience

    def send(self, message: Message) -> None:
        """Hand ``message`` to the server.

        Raises:
            MailFailed: it has not been taken. What the server refuses for good is not tried
                again (RFC 5321 section 4.2.1); what the operator can mend is.
        """
        email = as_email(message, self._from)
        to = deliverable(message.to)
        try:
            self._send(email, to)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[to]
            raise _failure("the recipient is refused", code, said) from None
        except smtplib.SMTPDataError as error:
            raise _failure("the mail is refused", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            # A server without SMTPUTF8 never takes an address with other letters than ASCII.
            raise MailFailed(_plain(str(error)), temporary=to.isascii()) from None
        except smtplib.SMTPResponseException as error:
            what = f"{type(error).__name__} {error.smtp_code} {_text(error.smtp_error)}"
            raise MailFailed(_plain(what), temporary=True) from None
        except (smtplib.SMTPException, OSError, EOFError) as error:
            raise MailFailed(_plain(f"{type(error).__name__}: {error}"), temporary=True) from None

    def _send(self, email: EmailMessage, to: str) -> None:
        server = self._server
        context = ssl.create_default_context()
        connection = self._connection(context)
        try:
            if server.encryption == "starttls":
                _start_tls(connection, context)
            if server.user is not None:
                connection.login(server.user, server.password or "")
            connection.send_message(email, self._from.addr_spec, [to])
            # The server has the mail, and keeps it if it says no goodbye: no second one.
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _connection(self, context: ssl.SSLContext) -> _Connection:
        server = self._server
        # Without a name of its own, smtplib asks the DNS for this machine's, which may hang.
        name = self._from.domain if self._from.domain.isascii() else "localhost"
        made: _Connection
        if server.encryption == "tls":
            made = _TlsConnection(
                server.host, server.port, name, timeout=self._timeout, context=context
            )
        else:
            made = _Connection(server.host, server.port, name, timeout=self._timeout)
        made.patience = self._patience
        return made


class _Connection(smtplib.SMTP):
    """Waits longer for the answer to a whole mail than for any other."""

    patience = PATIENCE

    def getreply(self) -> tuple[int, bytes]:
        """Return the answer of the server."""
        code, said = super().getreply()
        if self.sock is not None:
            self.sock.settimeout(self.patience if code == _GO_ON else self.timeout)
        return code, said


class _TlsConnection(_Connection, smtplib.SMTP_SSL):
    """The same with TLS from the first byte."""


def server_of(url: str, *, development: bool) -> Server:
    """Return what ``url`` names.

    Raises:
        SetUpError: it cannot be used; the message says what to write. It repeats no password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SetUpError(_HOW_TO_WRITE.format(what="is no URL")) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SetUpError(_HOW_TO_WRITE.format(what="names no mail server"))
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    starttls = options.pop("starttls", None)
    if options or starttls not in {None, "never", "required"} or parts.path not in {"", "/"}:
        raise SetUpError(_HOW_TO_WRITE.format(what="has an unknown option"))
    if not unquote(parts.netloc).isascii():
        # Python's smtplib logs in with ASCII alone.
        raise SetUpError(_HOW_TO_WRITE.format(what="has other letters than ASCII"))
    return Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        encryption=_encryption(parts.scheme, parts.hostname, starttls, development=development),
    )


def _encryption(scheme: str, host: str, starttls: str | None, *, development: bool) -> str:
    if scheme == "smtps":
        return "tls"
    is_here = _is_this_machine(host)
    if starttls == "never" and not (is_here or development):
        raise SetUpError(
            "PORTER_MAIL_URL: '?starttls=never' is for development. The mails carry links that"
            " open accounts: use a server with STARTTLS, or 'smtps://', or a relay on this machine."
        )
    if starttls is None:
        return "never" if is_here else "starttls"
    return "never" if starttls == "never" else "starttls"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _start_tls(connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
    """Encrypt or give up: whoever sits between could strike STARTTLS out (RFC 3207 section 6)."""
    connection.ehlo_or_helo_if_needed()
    if not connection.has_extn("starttls"):
        raise smtplib.SMTPException(
            "the server offers no STARTTLS; PORTER_MAIL_URL may need 'smtps://'"
        )
    connection.starttls(context=context)


def _failure(what: str, code: int, said: bytes | str) -> MailFailed:
    return MailFailed(_plain(f"{what}: {code} {_text(said)}"), temporary=not 500 <= code < 600)


def _text(said: bytes | str) -> str:
    return said.decode("ascii", "replace") if isinstance(said, bytes) else said


def _plain(said: str) -> str:
    line = " ".join("".join(x if x.isprintable() else " " for x in said).split())
    return _QUOTED.sub("…", line)[:_LONGEST_ERROR]


_HOW_TO_WRITE: Final = (
    "PORTER_MAIL_URL {what}. Write 'smtp://user:password@mail.example.com:587' (STARTTLS) or"
    " 'smtps://user:password@mail.example.com:465', user and password percent-encoded."
)
