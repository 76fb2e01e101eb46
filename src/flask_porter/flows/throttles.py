"""Who has had their share: of guesses at a secret, of mails, and of registrations.

The numbers and their sources are in the reference, under "Throttles". Sources of the rules: NIST
SP 800-63B-4 section 3.2.2, and OWASP Authentication Cheat Sheet, "Login Throttling".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final, Literal

from ..errors import TooManyAttempts
from ..models.own_session import commit
from ..stores.base import Limit
from . import events
from .finding import account_of
from .known_devices import known_device

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from ..settings import Settings
    from .accounts import Accounts
    from .caller import Caller

Action = Literal["registrations", "mails", "downloads"]

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
# Failures in a row are counted over years: a guess a day is a guess too.
_FOR_GOOD: Final = timedelta(days=3650)
#: An address with its port, or an IPv6 address in its brackets.
_WITH_PORT: Final = re.compile(r"([0-9.]+):[0-9]+|\[([^]]*)\](?::[0-9]+)?")
# A refused attempt must be cheaper than what it asked for, so not each one is written down.
_ONCE_A_MINUTE: Final = Limit(free=1, first_wait=_MINUTE, longest_wait=_MINUTE, memory=_HOUR)


@dataclass(frozen=True, slots=True)
class _Count:
    """One of the counts that an attempt draws on."""

    #: ``account``, ``failures``, ``address`` or ``total``.
    of: str
    key: str
    limit: Limit


@dataclass(slots=True)
class Budget:
    """One attempt at a secret, counted before the secret is looked at."""

    accounts: Accounts
    #: Whether so many have failed in a row that no secret of the account counts, right or wrong,
    #: until it is reset or its owner logs in from a known device.
    is_spent: bool = False
    #: What a success takes back, and the keys that it clears.
    refunds: list[_Count] = field(default_factory=list)
    clears: list[str] = field(default_factory=list)
    #: All that this attempt has been counted on.
    counted: list[_Count] = field(default_factory=list)

    def succeeded(self) -> None:
        """Take this attempt back, once the flow is committed: it was no guess.

        The counts of the account start anew for this kind of device. Those of the address and of
        everybody lose this one attempt alone: else a stranger's own log-ins would wipe them.
        """
        # Not now: the flow may have written, and SQLite has one writer.
        self.accounts.kept.afterwards.append(self._settle)

    def withdraw(self) -> None:
        """Take this attempt back and clear nothing, once the flow is committed.

        For one at which no secret was looked at, or whose right secret has let nobody in: whoever
        knows that one could else guess at another one of the account for ever.
        """
        self.accounts.kept.afterwards.append(self._take_back)

    def _take_back(self) -> None:
        for count in self.counted:
            self.accounts.throttle.refund(count.key, count.limit)

    def _settle(self) -> None:
        throttle = self.accounts.throttle
        for count in self.refunds:
            throttle.refund(count.key, count.limit)
        for key in self.clears:
            throttle.clear(key)


def open_budget(
    accounts: Accounts, caller: Caller, *, account: str | None, user: Any = None
) -> Budget:
    """Count one attempt at a secret of ``account``; exact, however many come at once.

    Call it before anything is written. What is refused counts nothing, so no wait grows by it. A
    known device has counts of its own, and neither those of its address nor of everybody; one that
    has failed too often in a row is known no more.

    Args:
        accounts: those of the flow that runs.
        caller: whose attempt it is.
        account: the key of the account, for one that does not exist as well (``Named.account``);
            None for a secret that names none and that nobody guesses, as a mailed link.
        user: the row of the user, if there is one.

    Raises:
        TooManyAttempts: with the seconds until the next attempt is looked at.
    """
    settings = accounts.settings
    budget = Budget(accounts)
    if not settings.throttles:
        return budget
    accounts.kept.release()
    now = accounts.clock()
    of_address = list(_of_address(caller, settings, now))
    if account is None:
        budget.refunds += _take(accounts, caller, of_address)
        budget.counted += budget.refunds
        return budget
    failures = _failures(account, settings, is_user=user is not None)
    budget.clears.append(failures.key)
    if _draw_on_device(accounts, caller, budget, account, user):
        return budget
    user_id = None if user is None else user.id
    waits = _waits(account, settings)
    total = _hourly("total", "", settings.total_attempts_free, now)
    budget.counted += _take(accounts, caller, [*of_address, waits, total], user_id)
    budget.refunds += [*of_address, total]
    budget.clears.append(waits.key)
    budget.is_spent = not _is_free(accounts, failures)
    budget.counted += [] if budget.is_spent else [failures]
    if budget.is_spent:
        _note(accounts, caller, failures, user_id)
    return budget


def forgive(accounts: Accounts, caller: Caller, user: Any) -> None:
    """Let the counts of ``user`` start anew, once the flow is committed: its owner has come back.

    For a flow that has reset the password, before it ends what else there is. This browser's counts
    start anew too.
    """
    settings = accounts.settings
    account = account_of(user)
    whose = [account]
    device = known_device(accounts, user, caller.known_device)
    if device is not None:
        whose.append(f"{account} {device}")
    keys = [
        key
        for who in whose
        for key in (_waits(who, settings).key, _failures(who, settings, is_user=True).key)
    ]
    budget = Budget(accounts, clears=keys)
    budget.succeeded()


def limit_rate(
    accounts: Accounts,
    caller: Caller,
    action: Action,
    *,
    key: str | None = None,
    user: Any = None,
) -> None:
    """Count one registration, mail or download, by address, by account and in total, an hour.

    Call it before anything is written. The operator has no limit. A known device of the account
    has a count of its own, so that nobody can keep its owner from a mail.

    Args:
        accounts: those of the flow that runs.
        caller: who asks.
        action: what is asked for.
        key: the key of the account, if there is one (``Named.account``).
        user: the row of its user, if there is one.

    Raises:
        TooManyAttempts: with the seconds until it may be asked for again.
    """
    settings = accounts.settings
    if not settings.throttles or caller.is_operator:
        return
    accounts.kept.release()
    now = accounts.clock()
    device = None if key is None else known_device(accounts, user, caller.known_device)
    registers = action == "registrations"
    per_address = settings.registrations_per_address if registers else settings.mails_per_address
    counts = []
    if device is None:
        network = network_of(caller.address)
        if network:
            counts.append(_hourly("address", f"{action} {network}", per_address, now))
        counts.append(_hourly("total", action, settings.rates_in_total, now))
    if key is not None:
        who = f"{action} {key}" if device is None else f"{action} {key} {device}"
        counts.append(_hourly("account", who, settings.mails_per_account, now))
    _take(accounts, caller, counts, action=action)


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 of an IPv6 address.

    A line has a /64 at the least, so its single addresses are free to change (RFC 6177). A port,
    which some proxies write beside the address (RFC 7239 section 6), is another at each connection
    and does not count. Whatever is no address counts as it is written; an empty one is none at all.
    """
    with_port = _WITH_PORT.fullmatch(address)
    bare = address if with_port is None else with_port[1] or with_port[2]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))


def _draw_on_device(
    accounts: Accounts, caller: Caller, budget: Budget, account: str, user: Any
) -> bool:
    """Count on the known device that asks; False if it is none, or has failed too often."""
    device = known_device(accounts, user, caller.known_device)
    if device is None:
        return False
    own = f"{account} {device}"
    waits = _waits(own, accounts.settings)
    budget.counted += _take(accounts, caller, [waits], user.id)
    in_a_row = _failures(own, accounts.settings, is_user=True)
    budget.clears += [waits.key, in_a_row.key]
    is_known = _is_free(accounts, in_a_row)
    budget.counted += [in_a_row] if is_known else []
    return is_known


def _take(
    accounts: Accounts, caller: Caller, counts: list[_Count], user_id: Any = None, **details: Any
) -> list[_Count]:
    """Count on each of ``counts``, or, when one of them says no, on none."""
    now = accounts.clock()
    taken: list[_Count] = []
    for count in counts:
        answer = accounts.throttle.attempt(count.key, count.limit, now)
        if not answer.is_free:
            for earlier in taken:
                accounts.throttle.refund(earlier.key, earlier.limit)
            _note(accounts, caller, count, user_id, **details)
            raise TooManyAttempts(answer.retry_after)
        taken.append(count)
    return taken


def _is_free(accounts: Accounts, count: _Count) -> bool:
    return accounts.throttle.attempt(count.key, count.limit, accounts.clock()).is_free


def _note(accounts: Accounts, caller: Caller, count: _Count, user_id: Any, **details: Any) -> None:
    """Write into the audit log that ``count`` is used up, in a transaction of its own."""
    told = accounts.throttle.attempt(f"told:{count.key}", _ONCE_A_MINUTE, accounts.clock())
    if not told.is_free:
        return
    is_lock = count.of in {"account", "failures"} and not details
    name = "authn_login_lock" if is_lock else "excess_rate_limit_exceeded"
    with accounts.database.session() as own:
        bound = accounts.within(own)
        event = events.record(bound, caller, name, user_id=user_id, limit=count.of, **details)
        commit(own)
    accounts.kept.events.append(event)


def _waits(who: str, settings: Settings) -> _Count:
    limit = Limit(
        free=settings.attempts_free,
        first_wait=settings.attempts_first_wait,
        longest_wait=settings.attempts_longest_wait,
        memory=settings.attempts_memory,
    )
    return _Count("account", _key("account", who), limit)


def _failures(who: str, settings: Settings, *, is_user: bool) -> _Count:
    """Return the count of failures in a row, whatever the time between them (NIST-8)."""
    # Who does not exist has no password to disable, and must not fill the store.
    lasts = _FOR_GOOD if is_user else settings.attempts_memory
    limit = Limit(settings.attempts_until_disabled, lasts, lasts, lasts)
    return _Count("failures", _key("failures", who), limit)


def _of_address(caller: Caller, settings: Settings, now: datetime) -> Iterator[_Count]:
    network = network_of(caller.address)
    if network:
        yield _hourly("address", network, settings.address_attempts_free, now)


def _hourly(of: str, who: str, free: int, now: datetime) -> _Count:
    """Return the count of this hour of the clock; the next one has another key."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    left = hour + _HOUR - now
    return _Count(of, f"{_key(of, who)}:{int(hour.timestamp())}", Limit(free, left, left, left))


def _key(of: str, who: str) -> str:
    # A digest: whoever reads the store learns neither addresses nor whom somebody tried.
    return f"{of}:{sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()}"
