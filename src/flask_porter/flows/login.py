"""Log in with a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import Refused
from . import events, mails
from .admit import admit, why_not
from .finding import named_by
from .inputs import Input, Line, Secret
from .known_devices import is_known
from .outcomes import LoggedIn, MailSent
from .run import flow
from .throttles import open_budget

if TYPE_CHECKING:
    from ..authenticators.passwords import Verdict
    from ..stores.base import Transport
    from .accounts import Accounts
    from .caller import Caller


class PasswordLogin(Input):
    """Who somebody says they are, and the password that is to prove it."""

    identifier: Line
    password: Secret
    remember: bool = False


@flow("login", PasswordLogin)
def with_password(
    accounts: Accounts, caller: Caller, form: PasswordLogin
) -> LoggedIn | MailSent:
    """Log in; or, who has not verified the e-mail address yet, get the mail for that again.

    Whatever is wrong, a stranger is told the same after the same work: one query, one password
    hash (OWASP Authentication Cheat Sheet, "Authentication and Error Messages").

    Raises:
        Refused: ``wrong_credentials``.
        TooManyAttempts: the account, the address or all together have had their share.
        Busy: too many passwords are being checked.
    """
    return prove_password(accounts, caller, form, transport="cookie")


@flow("login_bearer", PasswordLogin)
def for_bearer(accounts: Accounts, caller: Caller, form: PasswordLogin) -> LoggedIn | MailSent:
    """The same for a client without cookies, which shows its token in ``Authorization``.

    Raises:
        Refused: ``wrong_credentials``.
    """
    return prove_password(accounts, caller, form, transport="bearer")


def prove_password(
    accounts: Accounts, caller: Caller, form: PasswordLogin, *, transport: Transport
) -> LoggedIn | MailSent:
    """Look at identifier and password, and admit whom they prove."""
    named = named_by(accounts, form.identifier)
    user = named.user
    budget = open_budget(
        accounts, caller, account=named.account, user_id=None if user is None else user.id
    )
    password = form.password.get_secret_value()
    verdict = accounts.hasher.verify(password, usable_hash(accounts, caller, user))
    if user is None or not verdict.is_right:
        _refuse(accounts, caller, user, "wrong_password" if user is not None else "unknown")
    reason = why_not(accounts, caller, user)
    if reason == "unverified":
        budget.succeeded()
        events.record(accounts, caller, "authn_login_fail", user_id=user.id, reason=reason)
        return mails.post(accounts, caller, "verify_email", user=user, browser_bound=True)
    if reason is not None:
        _refuse(accounts, caller, user, reason)
    keep_up_to_date(accounts, user, password, verdict)
    budget.succeeded()
    logged_in = admit(
        accounts,
        caller,
        user,
        amr=("pwd",),
        pathway="password",
        remember=form.remember and accounts.settings.remember,
        transport=transport,
    )
    events.record(accounts, caller, "authn_login_success", user_id=user.id, pathway="password")
    return logged_in


def usable_hash(accounts: Accounts, caller: Caller, user: Any) -> str | None:
    """Return the hash to hold a password against, or None: then nothing is right.

    A password that too many guesses have disabled still counts in a browser that its owner has
    used before (NIST SP 800-63B-4 section 3.2.2).
    """
    if user is None:
        return None
    stored: str | None = user.password_hash
    if user.password_disabled_at is not None and not is_known(
        accounts, user, caller.known_device
    ):
        return None
    return stored


def keep_up_to_date(accounts: Accounts, user: Any, password: str, verdict: Verdict) -> None:
    """Replace a hash of older parameters or another program, unless it has changed meanwhile."""
    if verdict.needs_rehash:
        new = accounts.hasher.hash(password)
        accounts.users.replace_password(user, user.password_hash, new)


def _refuse(accounts: Accounts, caller: Caller, user: Any, why: str) -> NoReturn:
    about = None if user is None else user.id
    events.record(accounts, caller, "authn_login_fail", user_id=about, reason=why)
    raise Refused("wrong_credentials", status=401, next_steps=("login", "reset_password"))
