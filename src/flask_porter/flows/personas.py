"""Test people of the development console: one press makes them and logs them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import Refused
from ..models.users import Taken
from . import events
from .admit import admit
from .inputs import Input, Line
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .outcomes import LoggedIn

#: Their names, each with the role they have, if any.
PERSONAS: Final[dict[str, str | None]] = {"ada": None, "grace": None, "admin": "admin"}


class Persona(Input):
    """Which of the test people."""

    person: Line


@flow("persona", Persona)
def become(accounts: Accounts, caller: Caller, form: Persona) -> LoggedIn:
    """Log in as one of the test people, who has no password; made if they are not there.

    Raises:
        Refused: ``not_there``: outside of development, or nobody is called that.
    """
    if accounts.settings.mode != "development" or form.person not in PERSONAS:
        raise Refused("not_there", status=404)
    key = f"{form.person}@example.test"
    user = accounts.users.find_by_email(key)
    if user is None:
        now = accounts.clock()
        values = {"email": key, "email_key": key, "created_at": now, "email_verified_at": now}
        try:
            user = accounts.users.add(**values)
        except Taken:
            user = accounts.users.find_by_email(key)
        else:
            events.record(accounts, caller, "user_created", user_id=user.id)
    role = PERSONAS[form.person]
    if role is not None:
        accounts.roles.ensure(role)
        if accounts.roles.grant(user.id, role):
            events.record(accounts, caller, "authz_change", user_id=user.id, granted=role)
    logged_in = admit(accounts, caller, user, amr=("pwd",), pathway="persona")
    events.record(accounts, caller, "authn_login_success", user_id=user.id, pathway="persona")
    return logged_in
