"""Take over the users of another program: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import Field

from ..authenticators.identifiers import IdentifierError, email_address, username
from ..errors import Refused
from ..models.users import Taken
from . import events, mails
from .inputs import Input, Line
from .operating import require_operator
from .outcomes import Done
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class ImportedUser(Input):
    """One line of the file."""

    email: Line
    username: Line | None = None
    #: As the other program wrote it: Werkzeug, Django, passlib or bcrypt. Replaced at log-in.
    password_hash: str | None = Field(default=None, repr=False)
    verified: bool = False
    roles: tuple[Line, ...] = ()


class Import(Input):
    """All lines, by their number in the file."""

    users: dict[int, ImportedUser]
    #: Whether those without a password get an invitation to choose one.
    invite: bool = False
    #: Called once a line.
    step: Callable[[], Any] = lambda: None


@flow("import_users", Import)
def import_users(accounts: Accounts, caller: Caller, form: Import) -> Done:
    """Add every user of the file, or none.

    Raises:
        Refused: ``operators_only``; ``not_imported`` with ``problems``: the reason by the number
            of the line.
    """
    require_operator(caller)
    problems: dict[int, str] = {}
    ready: list[tuple[int, dict[str, Any], ImportedUser]] = []
    seen: dict[str, int] = {}
    for number, given in form.users.items():
        try:
            values = _values(accounts, given)
        except IdentifierError as error:
            problems[number] = error.reason
        else:
            reason = _why_not(accounts, values, seen, number)
            if reason is None:
                ready.append((number, values, given))
            else:
                problems[number] = reason
        form.step()
    if problems:
        raise Refused("not_imported", status=422, problems=problems)
    for number, values, given in ready:
        _add(accounts, caller, number, values, given, invite=form.invite)
        form.step()
    return Done("users_imported", {"count": len(ready)})


def _values(accounts: Accounts, given: ImportedUser) -> dict[str, Any]:
    address = email_address(given.email)
    values: dict[str, Any] = {"email": address.address, "email_key": address.key}
    if given.username:
        name = username(given.username, allow_reserved=True)
        values |= {"username": name.name, "username_key": name.key}
    now = accounts.clock()
    return values | {
        "password_hash": given.password_hash or None,
        "email_verified_at": now if given.verified else None,
        "created_at": now,
    }


def _why_not(
    accounts: Accounts, values: dict[str, Any], seen: dict[str, int], number: int
) -> str | None:
    key = f"email:{values['email_key']}"
    name = f"username:{values.get('username_key')}"
    for one in (key, name):
        if one in seen and one != "username:None":
            return f"same_as_line_{seen[one]}"
    seen |= {key: number, name: number}
    if accounts.users.find_by_email(values["email_key"]) is not None:
        return "email_taken"
    if "username_key" in values and accounts.users.find_by_username(values["username_key"]):
        return "username_taken"
    return None


def _add(
    accounts: Accounts,
    caller: Caller,
    number: int,
    values: dict[str, Any],
    given: ImportedUser,
    *,
    invite: bool,
) -> None:
    try:
        user = accounts.users.add(**values)
    except Taken as taken:
        # Registered since the look above: the whole is taken back.
        raise ImportInterruptedError(number, taken.field) from None
    events.record(accounts, caller, "user_created", user_id=user.id, imported=True)
    for role in given.roles:
        accounts.roles.ensure(role)
        if accounts.roles.grant(user.id, role):
            events.record(accounts, caller, "authz_change", user_id=user.id, granted=role)
    if invite and user.password_hash is None:
        mails.post(accounts, caller, "invitation", user=user)


class ImportInterruptedError(Exception):
    """Somebody registered one of the addresses during the import; nothing was imported.

    Not a refusal, which would keep what was written before it.
    """

    def __init__(self, number: int, field: str) -> None:
        super().__init__(f"Line {number}: this {field} was taken during the import. Try again.")
