"""Prove again who one is, before something that matters (ASVS 5.0 7.5.1, RFC 9470)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InvalidInput, Refused
from . import events
from .admit import renew
from .finding import account_of
from .inputs import Input, Nothing, Secret
from .login import hold_against, keep_up_to_date
from .resume import is_fresh
from .run import flow
from .throttles import open_budget

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .outcomes import LoggedIn


class PasswordProof(Input):
    """The password of whoever is logged in."""

    password: Secret


@flow("reauthenticate", PasswordProof)
def reauthenticate(accounts: Accounts, caller: Caller, form: PasswordProof) -> LoggedIn:
    """Take the password of the very user who is logged in, and renew the session record.

    Raises:
        Refused: ``login_required``, ``wrong_password``, or ``session_over``.
        TooManyAttempts: the account's share of attempts, log-ins included, is used up.
    """
    user = logged_in(accounts, caller)
    prove_password_of(accounts, caller, user, form.password.get_secret_value())
    return renew(accounts, caller, user, amr=("pwd",))


@flow("reauthenticate_app", Nothing)
def by_app(accounts: Accounts, caller: Caller, form: Nothing) -> LoggedIn:
    """Renew the record on the app's word: its own code has asked for a proof.

    Raises:
        Refused: ``login_required`` or ``session_over``.
    """
    user = logged_in(accounts, caller)
    outcome = renew(accounts, caller, user, amr=caller.record.amr if caller.record else ())
    events.record(accounts, caller, "authn_reauthenticate_success", pathway="app")
    return outcome


def logged_in(accounts: Accounts, caller: Caller) -> Any:
    """Return the caller's user as a row of this flow's transaction.

    Raises:
        Refused: ``login_required``.
    """
    user = None if caller.user_id is None else accounts.users.get(caller.user_id)
    # Since the request began, every log-in may have been ended.
    record = caller.record
    is_over = (
        record is not None and user is not None and record.generation != user.session_generation
    )
    if user is None or is_over:
        raise Refused("login_required", status=401, next_steps=("login",))
    return user


def require_fresh(accounts: Accounts, caller: Caller) -> Any:
    """Return the caller's user if who they are has been proven lately.

    Raises:
        Refused: ``login_required`` or ``reauthentication_required`` (RFC 9470 section 3).
    """
    user = logged_in(accounts, caller)
    if caller.record is None or not is_fresh(accounts, caller.record):
        raise Refused("reauthentication_required", status=401, next_steps=("reauthenticate",))
    return user


def prove_password_of(
    accounts: Accounts,
    caller: Caller,
    user: Any,
    password: str,
    *,
    purpose: str = "",
    asked_by: str = "reauthenticate",
) -> None:
    """Return if ``password`` is the user's; a wrong one counts as a guess like any other.

    ``purpose`` is the flow that asks for it, if it is one that says itself what it has done;
    ``asked_by`` is the one to which a client comes back with another password.

    Raises:
        Refused: ``wrong_password``.
    """
    budget = open_budget(accounts, caller, account=account_of(user), user=user)
    verdict = hold_against(accounts, user, password, budget)
    if not verdict.is_right:
        _refuse(accounts, caller, user, purpose, asked_by)
    keep_up_to_date(accounts, user, password, verdict)
    budget.succeeded()
    events.record(
        accounts, caller, "authn_reauthenticate_success", user_id=user.id, **_for(purpose)
    )


def prove_given_password(
    accounts: Accounts,
    caller: Caller,
    user: Any,
    given: Secret | None,
    *,
    purpose: str,
    asked_by: str,
) -> None:
    """Do the same with the password of a form that may have been sent without it.

    Raises:
        InvalidInput: it is needed.
        Refused: ``wrong_password``.
    """
    if given is None:
        raise InvalidInput(password="required")
    password = given.get_secret_value()
    prove_password_of(accounts, caller, user, password, purpose=purpose, asked_by=asked_by)


def _for(purpose: str) -> dict[str, str]:
    return {"pathway": "password", **({"purpose": purpose} if purpose else {})}


def _refuse(accounts: Accounts, caller: Caller, user: Any, purpose: str, asked_by: str) -> NoReturn:
    events.record(
        accounts,
        caller,
        "authn_reauthenticate_fail",
        user_id=user.id,
        reason="wrong_password",
        **_for(purpose),
    )
    raise Refused("wrong_password", status=401, next_steps=(asked_by, "reset_password"))
