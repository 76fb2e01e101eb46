"""One mail, ready to go, and what a mailer promises; no connection is opened here.

Exception
└── MailFailed    a mail has not gone out; ``temporary`` tells whether to try again
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from email_validator import EmailNotValidError, validate_email

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How an encoded word begins (RFC 2047 section 2). Python decodes those in what it writes into a
#: header, so one of them brings in any character, a line break too.
_ENCODED: Final = "=?"
#: What an address may not hold: whoever smuggles one in adds a recipient or a command.
_UNSAFE: Final = re.compile(r"""[\s\x00-\x1f\x7f-\x9f<>()\[\]\\,;:"]|=\?""")
_HEADERS_OF_OURS: Final = frozenset({"to", "from", "subject", "cc", "bcc", "sender", "reply-to"})


class MailFailed(Exception):  # noqa: N818
    """A mail has not gone out.

    Args:
        why: for the operator, one line; no secret and nothing of the text of the mail.
        temporary: whether the same mail may go out later.
    """

    def __init__(self, why: str, *, temporary: bool) -> None:
        super().__init__(why)
        self.temporary = temporary


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one person. Its repr is fit for a log: it shows nothing that works as a key."""

    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    kind: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    #: What the text carries, for a mailbox and for tests.
    link: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    not_me_link: str | None = field(default=None, repr=False)


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: Message) -> None:
        """Hand ``message`` on, once.

        Raises:
            MailFailed: it has not been taken.
        """


def as_email(message: Message, sender: Address) -> EmailMessage:
    """Return ``message`` as MIME (RFC 5322, RFC 2046 section 5.1.4: the plainest part first).

    Raises:
        MailFailed: an address or a header cannot be written down safely.
    """
    local, _, domain = deliverable(message.to).rpartition("@")
    if any(_ENCODED in value for value in (message.subject, *message.headers.values())):
        raise MailFailed("a header holds an encoded word", temporary=False)
    email = EmailMessage(policy=SMTP if local.isascii() else SMTPUTF8)
    try:
        email["From"] = sender
        email["To"] = Address(username=local, domain=domain)
        email["Subject"] = message.subject
        for name, value in message.headers.items():
            if name.lower() not in _HEADERS_OF_OURS:
                email[name] = value
    except (ValueError, HeaderParseError, UnicodeError):
        # EmailMessage refuses a line break in a header; the cause would show what was in it.
        raise MailFailed("a header cannot be written down", temporary=False) from None
    email.set_content(message.text)
    email.add_alternative(message.html, subtype="html")
    return email


def deliverable(address: str) -> str:
    """Return one address as it goes over the wire, the domain in ASCII (RFC 5891).

    The local part stays as it is; with other letters than ASCII it needs SMTPUTF8 (RFC 6531).

    Raises:
        MailFailed: it is not one plain address.
    """
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or "@" in local or _UNSAFE.search(address):
        raise MailFailed("not one plain e-mail address", temporary=False)
    if domain.isascii():
        return address
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise MailFailed("the domain is none that mail can reach", temporary=False) from None
    return f"{local}@{checked.ascii_domain}"


def address_of(sender: str) -> Address:
    """Return the sender's ``Name <address>`` or bare address as one.

    Raises:
        ValueError: it is neither.
    """
    name, opened, rest = sender.strip().rpartition("<")
    if opened and not rest.endswith(">"):
        raise ValueError("A sender is written as 'Name <address>' or as an address.")
    bare = rest.removesuffix(">") if opened else rest
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in name):
        raise ValueError("The name of the sender holds a control character.")
    try:
        return Address(name.strip().strip('"'), addr_spec=deliverable(bare))
    except (MailFailed, HeaderParseError):
        raise ValueError("The sender is no e-mail address.") from None
