"""What operators do with accounts: make, see, disable, enable and delete them; end sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from ..authenticators.identifiers import IdentifierError, email_address, username
from ..errors import InvalidInput
from ..models.users import Taken
from . import events, mails
from .close_account import close
from .devices import devices_of, end_one
from .inputs import Input, Line
from .operating import MOST, About, require_operator, user_of
from .outcomes import Done
from .own_fields import own_values
from .reset_password import PURPOSE as RESET_PASSWORD
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class NewUser(Input):
    """Who gets an account; the password they choose themselves, by the mail they get."""

    email: Line
    username: Line | None = None
    #: Whether the operator vouches for the address.
    verified: bool = False
    invite: bool = True
    #: What the app's own registration asks for, by the names it has there.
    own: dict[str, Any] = Field(default_factory=dict)


class WhichSessions(About):
    """Whose sessions end: all of them, or that of one device."""

    #: The handle that ``show_user`` gives with each device.
    device: Line | None = None


class Page(Input):
    """Which users to list."""

    like: Line = ""
    after: Line | None = None
    limit: int = Field(default=100, ge=1, le=MOST)


@flow("create_user", NewUser)
def create(accounts: Accounts, caller: Caller, form: NewUser) -> Done:
    """Make an account without a password, and mail its owner an invitation to choose one.

    Nobody but its owner ever knows the password (ASVS 5.0 6.4.1).

    Raises:
        Refused: ``operators_only``.
        InvalidInput: ``taken``, or what is wrong with the address or name.
    """
    require_operator(caller)
    values = _identifiers(form)
    values |= own_values(accounts, form.own, email=form.email, username=form.username)
    try:
        user = accounts.users.add(created_at=accounts.clock(), **values)
    except Taken as taken:
        raise InvalidInput(**{taken.field: "taken"}) from None
    if form.verified:
        user.email_verified_at = accounts.clock()
        accounts.users.save(user)
    events.record(accounts, caller, "user_created", user_id=user.id)
    if form.invite:
        mails.post(accounts, caller, "invitation", user=user)
    return Done("user_created", {"user": described(accounts, user)})


@flow("list_users", Page)
def page(accounts: Accounts, caller: Caller, form: Page) -> Done:
    """Return users in the order of their keys, as ``users``.

    Raises:
        Refused: ``operators_only``.
        InvalidInput: ``after`` is no key.
    """
    require_operator(caller)
    after = None if form.after is None else accounts.users.parse_id(form.after)
    if after is None and form.after is not None:
        raise InvalidInput(after="invalid")
    found = accounts.users.page(after, form.limit, form.like)
    return Done("users", {"users": [described(accounts, user) for user in found]})


@flow("show_user", About)
def show(accounts: Accounts, caller: Caller, form: About) -> Done:
    """Return one user with roles and devices, as ``user``.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``.
    """
    user = user_of(accounts, caller, form.user)
    return Done(
        "user", {"user": described(accounts, user), "devices": devices_of(accounts, user, None)}
    )


@flow("disable_user", About)
def disable(accounts: Accounts, caller: Caller, form: About) -> Done:
    """Let nobody in by this account; whoever is in by it is out at the next request.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``.
    """
    user = user_of(accounts, caller, form.user)
    if user.disabled_at is None:
        user.disabled_at = accounts.clock()
        accounts.users.save(user)
        accounts.users.advance_generation(user)
        accounts.sessions.end(user.id)
        accounts.tokens.kill(user.id)
        events.record(accounts, caller, "user_archived", user_id=user.id)
        mails.post(accounts, caller, "account_disabled", user=user)
    return Done("user_disabled")


@flow("enable_user", About)
def enable(accounts: Accounts, caller: Caller, form: About) -> Done:
    """Let the owner of this account in again.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``.
    """
    user = user_of(accounts, caller, form.user)
    if user.disabled_at is not None:
        user.disabled_at = None
        accounts.users.save(user)
        events.record(accounts, caller, "user_enabled", user_id=user.id)
    return Done("user_enabled")


@flow("delete_user", About)
def delete(accounts: Accounts, caller: Caller, form: About) -> Done:
    """Delete an account with all that we keep of it but the audit log.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``.
    """
    user = user_of(accounts, caller, form.user)
    return Done("user_deleted", {"is_gone": close(accounts, caller, user)})


@flow("send_reset", About)
def send_reset(accounts: Accounts, caller: Caller, form: About) -> Done:
    """Mail the owner of an account a link to choose a new password (ASVS 5.0 6.4.6).

    Raises:
        Refused: ``operators_only`` or ``unknown_user``.
    """
    user = user_of(accounts, caller, form.user)
    events.record(accounts, caller, "authn_token_created", user_id=user.id, purpose=RESET_PASSWORD)
    mails.post(accounts, caller, RESET_PASSWORD, user=user)
    return Done("reset_sent")


@flow("end_sessions", WhichSessions)
def end_sessions(accounts: Accounts, caller: Caller, form: WhichSessions) -> Done:
    """Log a user out everywhere or on one device, at the very next request.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``; ``not_there`` for a device.
    """
    user = user_of(accounts, caller, form.user)
    if form.device is not None:
        end_one(accounts, caller, user, form.device)
        return Done("sessions_ended", {"count": 1})
    accounts.users.advance_generation(user)
    count = accounts.sessions.end(user.id)
    events.record(accounts, caller, "session_ended", user_id=user.id, count=count)
    return Done("sessions_ended", {"count": count})


def described(accounts: Accounts, user: Any) -> dict[str, Any]:
    """Return what an operator may see of a user: nothing that is a secret."""
    return {
        "id": str(user.id),
        "email": user.email,
        "username": user.username,
        "email_verified_at": user.email_verified_at,
        "created_at": user.created_at,
        "last_login_at": user.last_login_at,
        "disabled_at": user.disabled_at,
        "has_password": user.password_hash is not None,
        "roles": accounts.roles.names_of(user.id),
    }


def _identifiers(form: NewUser) -> dict[str, Any]:
    reasons: dict[str, str] = {}
    values: dict[str, Any] = {}
    try:
        address = email_address(form.email)
        values |= {"email": address.address, "email_key": address.key}
    except IdentifierError as error:
        reasons["email"] = error.reason
    if form.username:
        try:
            name = username(form.username, allow_reserved=True)
            values |= {"username": name.name, "username_key": name.key}
        except IdentifierError as error:
            reasons["username"] = error.reason
    if reasons:
        raise InvalidInput(**reasons)
    return values
