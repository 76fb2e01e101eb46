"""Register: an account begins, and is of use once its e-mail address is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from ..authenticators.identifiers import EmailAddress, IdentifierError, email_address, username
from ..errors import InvalidInput, Refused
from ..models.users import Taken
from . import events, mails
from .inputs import Input, Line, Secret
from .run import flow
from .throttles import limit_rate

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .outcomes import MailSent


class Register(Input):
    """What every registration asks for; an app adds fields by subclassing."""

    email: Line
    password: Secret


class RegisterWithUsername(Register):
    """The same where people have a username."""

    username: Line = Field(min_length=1)


#: What a registration sets by itself; an app's own fields are kept under the names they have.
OURS: Final = frozenset(RegisterWithUsername.model_fields)


@flow("register", Register)
def register(accounts: Accounts, caller: Caller, form: Register) -> MailSent:
    """Begin an account and mail its address; nobody is logged in by it.

    An address that has an account gets the same answer after the same work: one password hash,
    and the same SQL. Its owner gets a mail that says so (OWASP Authentication Cheat Sheet,
    "Account creation").

    Raises:
        InvalidInput: with the reasons of single fields.
        Refused: ``registration_closed``.
        TooManyAttempts: too many registrations from there, or of this address: each is a mail.
    """
    if accounts.settings.registration != "open" and not caller.is_operator:
        raise Refused("registration_closed", status=403, next_steps=("login",))
    limit_rate(accounts, caller, "registrations", key=_named(form))
    values = checked(accounts, form)
    accounts.kept.release()
    values["password_hash"] = accounts.hasher.hash(form.password.get_secret_value())
    try:
        user, is_new = accounts.users.add_or_find(created_at=accounts.clock(), **values)
    except Taken as taken:
        # By a registration of this very moment.
        raise InvalidInput(**{taken.field: "taken"}) from None
    if not is_new:
        return _already_registered(accounts, caller, user, values["email"])
    events.record(accounts, caller, "user_created", user_id=user.id)
    return mails.post(
        accounts,
        caller,
        "verify_email",
        user=user,
        browser_bound=True,
        asked_for=values["email"],
    )


def checked(accounts: Accounts, form: Register) -> dict[str, Any]:
    """Return what to keep of a registration, without its password.

    Raises:
        InvalidInput: the reasons of all fields at once.
    """
    values: dict[str, Any] = {
        name: getattr(form, name) for name in type(form).model_fields if name not in OURS
    }
    reasons = accounts.users.unfit(values)
    address: EmailAddress | None = None
    try:
        address = email_address(form.email)
        values |= {"email": address.address, "email_key": address.key}
    except IdentifierError as error:
        reasons["email"] = error.reason
    personal = [form.email]
    typed = getattr(form, "username", None)
    if typed:
        try:
            name = username(typed)
            values |= {"username": name.name, "username_key": name.key}
            personal.append(name.name)
        except IdentifierError as error:
            reasons["username"] = error.reason
    # Told whoever has the address, or it would tell that somebody has.
    reasons |= dict.fromkeys(accounts.users.taken_fields(values), "taken")
    why = accounts.password_rules.check(form.password.get_secret_value(), personal)
    if why is not None:
        reasons["password"] = why
    if reasons:
        raise InvalidInput(**reasons)
    return values


def _named(form: Register) -> str | None:
    """Return what registrations of one address are counted under, whether or not it has a user."""
    try:
        return f"identifier:{email_address(form.email).key}"
    except IdentifierError:
        return None


def _already_registered(accounts: Accounts, caller: Caller, owner: Any, typed: str) -> MailSent:
    if accounts.settings.reveal_existing:
        raise InvalidInput(email="taken")
    events.record(
        accounts, caller, "input_validation_fail", user_id=owner.id, reason="already_registered"
    )
    mails.post(accounts, caller, "already_registered", user=owner)
    return mails.answer("verify_email", asked_for=typed)
