"""Delivers what waits in the outbox: the keys of a mail are minted now, and sent at once.

No request waits for it, and no transaction is open while a mailer works.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from ..authenticators import tokens
from ..errors import Unavailable
from ..models.away import unavailable_if_away
from ..models.columns import one_line
from ..models.own_session import commit
from ..outbound.messages import MailFailed
from . import events
from .caller import Caller
from .mail_texts import Keys, message_of
from .mails import KINDS, NOT_ME

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ..outbound.messages import Message
    from .accounts import Accounts
    from .mails import Kind

log = logging.getLogger("flask_porter.mail")

#: How long a worker may take for one mail before another takes it over: a dozen steps of SMTP,
#: ten seconds each and two minutes for the last, with room.
LEASE: Final = timedelta(minutes=5)
#: The wait after the first failure; it doubles.
FIRST_WAIT: Final = timedelta(minutes=1)
#: How many mails one call delivers, so that the caller has a say in between.
AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many mails have gone out, and how many have not this time."""

    sent: int = 0
    failed: int = 0


def deliver(accounts: Accounts, *, at_once: int = AT_ONCE) -> Delivered:
    """Deliver the mails that are due. Several workers may: each mail is one worker's.

    A mail that fails is tried again after 1, 2, 4 ... minutes, ``settings.mail_attempts`` times in
    all, each time with new keys; the ones before are dead. One that went out while the database was
    away is marked as sent by the next call in this process.

    Raises:
        Unavailable: the database is away; the mails that wait are kept.
    """
    sent = failed = 0
    for _ in range(at_once):
        went_out = _deliver_one(accounts)
        if went_out is None:
            break
        sent += went_out
        failed += not went_out
    return Delivered(sent=sent, failed=failed)


def send_test(accounts: Accounts, to: str, language: str = "en") -> None:
    """Send a mail without any key to ``to``, now and past the outbox, to try the set-up.

    Raises:
        MailFailed: why it has not gone out.
    """
    nothing: dict[str, Any] = {"values": {}, "name": "", "address": "", "user_agent": ""}
    context = nothing | {"at": accounts.clock().isoformat(), "by_operator": True}
    accounts.mailer.send(
        message_of(accounts, kind="test", to=to, language=language, context=context)
    )


def _deliver_one(accounts: Accounts) -> bool | None:
    """Deliver the next mail; None when none is due."""
    with accounts.database.session() as session:
        bound = accounts.within(session)
        _mark_gone_out(bound, session)
        claimed = bound.outbox.claim(accounts.clock(), 1, LEASE)
        commit(session)
        if not claimed:
            return None
        id = claimed[0].id
        why = _attempt(bound, session, claimed[0])
        if why is None:
            bound.outbox.mark_sent(claimed[0], accounts.clock())
        else:
            _note_failure(bound, claimed[0], why)
        commit(session)
    accounts.gone_out.discard(id)
    for event in bound.kept.events:
        accounts.publish(event)
    return why is None


def _attempt(accounts: Accounts, session: Session, row: Any) -> MailFailed | None:
    """Send the mail of ``row``, or nothing if there is nobody to write to any more."""
    kind = KINDS.get(row.kind)
    if kind is None:
        return MailFailed("there is no such kind of mail", temporary=False)
    if row.attempts > accounts.settings.mail_attempts:
        return MailFailed("each worker that tried it was ended", temporary=False)
    id = row.id
    try:
        with unavailable_if_away():
            keys = _mint(accounts, row, kind)
            commit(session)
        if keys is not None:
            accounts.mailer.send(_message(accounts, row, kind, keys))
            accounts.gone_out.add(id)
    except MailFailed as error:
        return error
    except Unavailable:
        # No fault of the mail: its lease ends, and it is tried again.
        raise
    except Exception as error:
        # An app's own mailer, job queue or template: none of them may stop the other mails.
        log.exception("Mail %s (%s) has not gone out.", row.id, row.kind)
        session.rollback()
        return MailFailed(type(error).__name__, temporary=True)
    return None


def _mark_gone_out(accounts: Accounts, session: Session) -> None:
    """Mark what went out while the database was away, so that it does not go out again."""
    gone_out = set(accounts.gone_out)
    if gone_out:
        accounts.outbox.mark_gone_out(gone_out, accounts.clock())
        commit(session)
        accounts.gone_out.difference_update(gone_out)


def _message(accounts: Accounts, row: Any, kind: Kind, keys: Keys) -> Message:
    return message_of(
        accounts,
        kind=row.kind,
        to=row.to_address,
        language=row.language,
        context=row.context,
        flow=kind.purpose,
        keys=keys,
    )


def _mint(accounts: Accounts, row: Any, kind: Kind) -> Keys | None:
    """Mint the keys of this attempt and end those of the last one; None if nothing shall go."""
    user = None if row.user_id is None else accounts.users.fresh(row.user_id)
    _end_earlier(accounts, row)
    if not _may_go(row, kind, user):
        return None
    is_active = user is not None and user.disabled_at is None
    lasts = kind.lasts(accounts.settings) if kind.lasts else None
    keys = Keys(
        token=tokens.mint() if kind.purpose else None,
        code=tokens.mint_code() if kind.has_code and row.browser_digest is not None else None,
        not_me=tokens.mint() if kind.has_not_me and is_active else None,
        lasts=lasts,
    )
    if kind.purpose and keys.token and lasts:
        _keep_link(accounts, row, kind.purpose, user, keys.token, keys, lasts)
    if keys.not_me:
        _keep_not_me(accounts, row, keys.not_me)
    minted = [tokens.digest(token).hex() for token in (keys.token, keys.not_me) if token]
    # Replaced, not changed: SQLAlchemy sees no change within a JSON value.
    row.context = row.context | {"minted": minted}
    return keys


def _may_go(row: Any, kind: Kind, user: Any) -> bool:
    """Tell whether the mail may still reach its address.

    A link is sent only while what it stands for holds: its user is there and not disabled, has
    ended nothing since, and has the address that it was asked for.
    """
    if row.to_address is None:
        return False
    if kind.reaches == "whoever_it_was_for":
        return True
    if user is None or user.disabled_at is not None:
        return False
    if user.session_generation != row.context["generation"]:
        return False
    return kind.reaches == "another_address" or bool(row.to_address == user.email)


def _keep_link(
    accounts: Accounts, row: Any, purpose: str, user: Any, token: str, keys: Keys, lasts: timedelta
) -> None:
    now = accounts.clock()
    of_code: dict[str, Any] = {}
    if keys.code is not None:
        bound_to: bytes = row.browser_digest
        of_code = {
            "browser_digest": bound_to,
            "code_digest": tokens.code_digest(keys.code, bound_to=bound_to),
            "code_expires_at": now + accounts.settings.code_ttl,
        }
    accounts.tokens.add(
        purpose=purpose,
        user_id=user.id,
        digest=tokens.digest(token),
        email=row.to_address,
        generation=user.session_generation,
        data=row.context["values"],
        created_at=now,
        expires_at=now + lasts,
        **of_code,
    )


def _keep_not_me(accounts: Accounts, row: Any, token: str) -> None:
    context = row.context
    happened_at = datetime.fromisoformat(context["at"])
    accounts.tokens.add(
        purpose=NOT_ME,
        user_id=row.user_id,
        digest=tokens.digest(token),
        email=row.to_address,
        # It undoes what came after it, so it outlives every change.
        generation=None,
        data={name: context[name] for name in ("before", "change", "at", "generation")},
        created_at=accounts.clock(),
        # From the event on, however late the mail is: a later one must not outlive an earlier one.
        expires_at=happened_at + accounts.settings.not_me_ttl,
    )


def _end_earlier(accounts: Accounts, row: Any) -> None:
    """End the keys of the last attempt: its mail may have arrived all the same."""
    kind = KINDS[row.kind]
    for digest in row.context.get("minted", ()):
        for purpose in filter(None, (kind.purpose, NOT_ME)):
            earlier = accounts.tokens.find(purpose, bytes.fromhex(digest), accounts.clock())
            if earlier is not None:
                accounts.tokens.consume(earlier, accounts.clock())


def _note_failure(accounts: Accounts, row: Any, why: MailFailed) -> None:
    gives_up = not why.temporary or row.attempts >= accounts.settings.mail_attempts
    wait = FIRST_WAIT * 2 ** (max(row.attempts, 1) - 1)
    now = accounts.clock()
    accounts.outbox.mark_failed(row, str(why), None if gives_up else now + wait, now)
    log.warning(
        "Mail %s (%s) has not gone out at attempt %d, %s: %s",
        row.id,
        row.kind,
        row.attempts,
        "given up" if gives_up else f"next in {wait}",
        one_line(str(why)),
    )
    if gives_up:
        events.record(
            accounts,
            Caller("python"),
            "mail_failed",
            user_id=row.user_id,
            kind=row.kind,
            mail=row.id,
        )
