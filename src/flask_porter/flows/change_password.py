"""Choose another password, by the one there is (ASVS 5.0 6.2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

from ..errors import InvalidInput, Refused
from . import events, mails
from .ending import end_all_but_this
from .inputs import Input, Secret
from .outcomes import Done
from .reauthenticate import logged_in, prove_password_of
from .reset_password import personal_words
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .outcomes import LoggedIn


class ChangePassword(Input):
    """The password there is, and the one to come."""

    password: Secret
    new_password: Secret


@flow("change_password", ChangePassword)
def change_password(accounts: Accounts, caller: Caller, form: ChangePassword) -> LoggedIn | Done:
    """Change the password, end every other log-in, and keep this one under a new token.

    The present password is the proof, so nothing else is asked for; a wrong one is a guess like
    any other. Who has none, as somebody invited, sets the first by mail.

    Raises:
        Refused: ``login_required``, ``no_password``, ``wrong_password``; ``changed_meanwhile``:
            somebody has changed it at the same moment.
        InvalidInput: what is wrong with the new password; ``same_password``.
        TooManyAttempts: the account's share of attempts, log-ins included, is used up.
    """
    user = logged_in(accounts, caller)
    if user.password_hash is None:
        raise Refused("no_password", status=403, next_steps=("reset_password",))
    password = form.password.get_secret_value()
    new = form.new_password.get_secret_value()
    why = accounts.password_rules.check(new, personal_words(user))
    if why is None and _is_same(new, password):
        why = "same_password"
    if why is not None:
        raise InvalidInput(new_password=why)
    try:
        prove_password_of(
            accounts, caller, user, password, purpose="change_password", asked_by="change_password"
        )
    except Refused:
        events.record(
            accounts,
            caller,
            "authn_password_change_fail",
            user_id=user.id,
            reason="wrong_password",
        )
        raise
    present = user.password_hash
    # The proof is a fact of its own: it is kept, and nothing is locked while hashing.
    accounts.kept.release()
    hashed = accounts.hasher.hash(new)
    if not accounts.users.replace_password(user, present, hashed):
        raise Refused("changed_meanwhile", status=409, next_steps=("change_password",))
    events.record(accounts, caller, "authn_password_change", user_id=user.id, pathway="password")
    mails.post(accounts, caller, "password_changed", user=user)
    renewed = end_all_but_this(accounts, caller, user, "change_password", amr=("pwd",))
    return renewed or Done("password_changed", logged_out=True)


def _is_same(one: str, other: str) -> bool:
    """Compare as the hashes would (NIST SP 800-63B-4 section 3.1.1.2)."""
    return normalize("NFC", one) == normalize("NFC", other)
