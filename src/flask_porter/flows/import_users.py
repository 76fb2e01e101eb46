"""Take over the users of another program: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from ..authenticators.identifiers import IdentifierError, email_address, username
from ..errors import InvalidInput, Refused
from ..models.users import Taken
from . import events, mails
from .inputs import Input, Line
from .operating import require_operator
from .outcomes import Done
from .own_fields import own_values
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class ImportedUser(Input):
    """One line of the file."""

    email: Line
    username: Line | None = None
    #: As the other program wrote it: Werkzeug, Django, passlib or bcrypt. Replaced at log-in.
    password_hash: str | None = Field(default=None, max_length=255, repr=False)
    verified: bool = False
    roles: tuple[Annotated[Line, Field(min_length=1, max_length=64)], ...] = ()
    #: What the app's own registration asks for, by the names it has there.
    own: dict[str, Any] = Field(default_factory=dict)


class Import(Input):
    """All lines, by their number in the file."""

    users: dict[int, ImportedUser]
    #: Whether those without a password get an invitation to choose one.
    invite: bool = False
    #: Whether to look alone, and write nothing.
    dry_run: bool = False
    #: Called twice a line: when it has been looked at, and when it has been written.
    step: Callable[[], Any] = lambda: None


@flow("import_users", Import)
def import_users(accounts: Accounts, caller: Caller, form: Import) -> Done:
    """Add every user of the file, or none.

    A password in plain text is no hash, and is refused: nobody but its owner may know it (ASVS
    5.0 6.4.6).

    Raises:
        Refused: ``operators_only``; ``not_imported`` with ``problems``: the reason by the number
            of the line.
    """
    require_operator(caller)
    looked = _Looked(accounts)
    for number, given in form.users.items():
        looked.at(number, given)
        form.step()
    if looked.problems:
        raise Refused("not_imported", status=422, problems=looked.problems)
    if not form.dry_run:
        named = {role for _, _, given in looked.ready for role in given.roles}
        roles = {name: accounts.roles.ensure(name) for name in sorted(named)}
        for number, values, given in looked.ready:
            user = _added(accounts, number, values)
            theirs = sorted({*given.roles})
            accounts.roles.give_first(user.id, [roles[name] for name in theirs])
            events.record(accounts, caller, "user_created", user_id=user.id, imported=True)
            for name in theirs:
                events.record(accounts, caller, "authz_change", user_id=user.id, granted=name)
            if form.invite and user.password_hash is None:
                mails.post(accounts, caller, "invitation", user=user)
            form.step()
    return Done("users_imported", {"count": len(looked.ready), "dry_run": form.dry_run})


@dataclass
class _Looked:
    """What is known of the lines, after a look at each."""

    accounts: Accounts
    problems: dict[int, str] = field(default_factory=dict)
    ready: list[tuple[int, dict[str, Any], ImportedUser]] = field(default_factory=list)
    #: The line of each key.
    seen: dict[str, int] = field(default_factory=dict)

    def at(self, number: int, given: ImportedUser) -> None:
        """Look at one line."""
        try:
            values = _values(self.accounts, given)
        except IdentifierError as error:
            self.problems[number] = error.reason
        except InvalidInput as refusal:
            self.problems[number] = refusal.told
        else:
            reason = self._why_not(values, number)
            if reason is None:
                self.ready.append((number, values, given))
            else:
                self.problems[number] = reason

    def _why_not(self, values: dict[str, Any], number: int) -> str | None:
        keys = [f"email:{values['email_key']}"]
        if "username_key" in values:
            keys.append(f"username:{values['username_key']}")
        for key in keys:
            first = self.seen.setdefault(key, number)
            if first != number:
                return f"same_as_line_{first}"
        users = self.accounts.users
        if users.find_by_email(values["email_key"]) is not None:
            return "email_taken"
        if "username_key" in values and users.find_by_username(values["username_key"]) is not None:
            return "username_taken"
        return None


def _values(accounts: Accounts, given: ImportedUser) -> dict[str, Any]:
    address = email_address(given.email)
    values: dict[str, Any] = {"email": address.address, "email_key": address.key}
    if given.username:
        name = username(given.username, allow_reserved=True)
        values |= {"username": name.name, "username_key": name.key}
    now = accounts.clock()
    return values | {
        "password_hash": _password_hash(accounts, given.password_hash),
        "email_verified_at": now if given.verified else None,
        "created_at": now,
        **own_values(accounts, given.own, email=given.email, username=given.username),
    }


def _password_hash(accounts: Accounts, stored: str | None) -> str | None:
    # Django writes "!" and something random for a user without a password.
    if not stored or stored.startswith("!"):
        return None
    # A hasher of the app's own may read what ours does not.
    recognises: Callable[[str], bool] = getattr(accounts.hasher, "recognises", lambda _: True)
    if not recognises(stored):
        raise InvalidInput(password_hash="not_a_hash")
    return stored


def _added(accounts: Accounts, number: int, values: dict[str, Any]) -> Any:
    try:
        return accounts.users.add(**values)
    except Taken as taken:
        # Registered since the look above: the whole is taken back.
        raise ImportInterruptedError(number, taken.field) from None


class ImportInterruptedError(Exception):
    """Another user has a value that must be unique; nothing was imported.

    Not a refusal, which would keep what was written before it.
    """

    def __init__(self, number: int, field: str) -> None:
        super().__init__(f"Line {number}: another user has this {field}. Nothing was imported.")
