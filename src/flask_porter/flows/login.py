"""Log in with a password."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic import Field

from ..errors import Busy, Refused
from . import events, mails
from .admit import admit, why_not
from .finding import named_at_login
from .inputs import Input, Line, Secret
from .run import flow
from .throttles import limit_rate, open_budget

if TYPE_CHECKING:
    from ..authenticators.passwords import Verdict
    from ..stores.base import Transport
    from .accounts import Accounts
    from .caller import Caller
    from .outcomes import LoggedIn, MailSent
    from .throttles import Budget


class PasswordLogin(Input):
    """Who somebody says they are, and the password that is to prove it."""

    identifier: Line = Field(min_length=1)
    password: Secret
    remember: bool = False


class AppLogin(Input):
    """A log-in on the app's own word: its code has proven who it is."""

    user_id: Any
    remember: bool = False
    duration: timedelta | None = None
    fresh: bool = True


@flow("login", PasswordLogin)
def with_password(accounts: Accounts, caller: Caller, form: PasswordLogin) -> LoggedIn | MailSent:
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


@flow("login_app", AppLogin)
def by_app(accounts: Accounts, caller: Caller, form: AppLogin) -> LoggedIn:
    """Admit a user whom the app logs in with ``login_user()``.

    Raises:
        Refused: ``unknown_user``: there is no such row yet; commit it first. Or the gate's reason.
    """
    user = accounts.users.get(form.user_id)
    if user is None:
        raise Refused("unknown_user", status=404)
    remember_for = _remember_for(accounts, wanted=form.remember)
    if remember_for is not None and form.duration is not None:
        remember_for = min(form.duration, remember_for)
    logged_in = admit(
        accounts,
        caller,
        user,
        amr=(),
        pathway="app",
        remember_for=remember_for,
        is_proof=form.fresh,
    )
    events.record(accounts, caller, "authn_login_success", user_id=user.id, pathway="app")
    return logged_in


def prove_password(
    accounts: Accounts, caller: Caller, form: PasswordLogin, *, transport: Transport
) -> LoggedIn | MailSent:
    """Look at identifier and password, and admit whom they prove."""
    named = named_at_login(accounts, form.identifier)
    user = named.user
    budget = open_budget(accounts, caller, account=named.account, user=user)
    password = form.password.get_secret_value()
    verdict = hold_against(accounts, user, password, budget)
    if user is None or not verdict.is_right:
        _refuse(accounts, caller, user, "wrong_password" if user is not None else "unknown")
    reason = why_not(accounts, caller, user)
    if reason == "unverified":
        budget.withdraw()
        limit_rate(accounts, caller, "mails", key=named.account, user=user)
        events.record(accounts, caller, "authn_login_fail", user_id=user.id, reason=reason)
        return mails.post(
            accounts,
            caller,
            "verify_email",
            user=user,
            browser_bound=True,
            asked_for=form.identifier,
        )
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
        remember_for=_remember_for(accounts, wanted=form.remember),
        transport=transport,
    )
    events.record(accounts, caller, "authn_login_success", user_id=user.id, pathway="password")
    return logged_in


def hold_against(accounts: Accounts, user: Any, password: str, budget: Budget) -> Verdict:
    """Hold ``password`` against that of ``user``, who may be None.

    Raises:
        Busy: nobody has looked at it, so it was no attempt.
    """
    accounts.kept.release()
    try:
        return accounts.hasher.verify(password, _usable_hash(user, budget))
    except Busy:
        budget.withdraw()
        raise


def _usable_hash(user: Any, budget: Budget) -> str | None:
    """Return the hash to hold a password against, or None: then nothing is right.

    Nothing is where there is no user, where "this wasn't me" has disabled the password, and where
    too many guesses in a row have (NIST SP 800-63B-4 section 3.2.2); the last not in a browser
    that the owner has used before.
    """
    if user is None or user.password_disabled_at is not None or budget.is_spent:
        return None
    stored: str | None = user.password_hash
    return stored


def keep_up_to_date(accounts: Accounts, user: Any, password: str, verdict: Verdict) -> None:
    """Replace a hash of older parameters or another program, unless it has changed meanwhile."""
    if verdict.needs_rehash:
        new = accounts.hasher.hash(password)
        accounts.users.replace_password(user, user.password_hash, new)


def _remember_for(accounts: Accounts, *, wanted: bool) -> timedelta | None:
    settings = accounts.settings
    return settings.remember_for if wanted and settings.remember else None


def _refuse(accounts: Accounts, caller: Caller, user: Any, why: str) -> NoReturn:
    about = None if user is None else user.id
    events.record(accounts, caller, "authn_login_fail", user_id=about, reason=why)
    raise Refused("wrong_credentials", status=401, next_steps=("login", "reset_password"))
