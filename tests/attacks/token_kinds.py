"""One user who holds a secret of each kind, and everything that takes one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask_porter.errors import Refusal
from flask_porter.flows import (
    change_email,
    devices,
    kept_requests,
    login,
    not_me,
    reset_password,
    verify_email,
)
from flask_porter.flows.caller import Caller
from flask_porter.flows.inputs import Input
from flask_porter.flows.known_devices import is_known
from flask_porter.flows.outcomes import LoggedIn, MailSent, Outcome
from flask_porter.flows.resume import resume
from flask_porter.flows.run import Flow, run
from tests.account_site import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    STRANGER,
    Site,
    browser_of,
    make_site,
    token_of,
)

NEW = "ada@new.example"


@dataclass(frozen=True)
class Holder:
    """The site, the user's own browser, and what is held."""

    site: Site
    here: Caller
    secrets: Mapping[str, str]
    #: The browser that asked for the mail of this kind, logged in.
    asked: Mapping[str, Caller]

    def takes(self, consumer: str, secret: str) -> bool:
        """Tell whether ``consumer`` takes ``secret``; nothing of it stays."""
        return CONSUMERS[consumer](self, secret)

    def run(self, flow: Flow[Any, Any], caller: Caller, **values: Any) -> Outcome:
        """Run a flow and keep what it does."""
        outcome: Outcome = self.site.run(flow, caller, **values)
        return outcome


def hold_everything(tmp_path: Path, *, url: str | None = None, **settings: Any) -> Holder:
    """Return a user, logged in, whose address is not verified yet, with a secret of each kind."""
    site = make_site(tmp_path, url=url, PORTER_REQUIRE_VERIFIED=False, **settings)
    site.register(is_verified=False)
    site.login()
    cookie = site.login()
    bearer = site.run(login.for_bearer, identifier=ADA, password=PASSWORD)
    assert isinstance(bearer, LoggedIn)
    here = site.logged_in(cookie)
    sent: dict[str, MailSent] = {
        "verify_email": site.run(verify_email.ask_again, here, identifier=ADA),
        "reset_password": site.run(reset_password.ask, here, identifier=ADA),
        "change_email": site.run(change_email.ask, here, email=NEW),
    }
    kept = site.run(kept_requests.keep, here, path="/send", fields=[("to", "Grace")])
    secrets = {
        "session token": cookie.token,
        "bearer token": bearer.token,
        "id of a record": cookie.record.id,
        "secret of a record": cookie.token.partition(".")[2],
        "known device": str(cookie.known_device),
        "handle of a device": devices.handle_of(bearer.record),
        "kept request": kept.values["id"],
        "secret of a browser": str(sent["reset_password"].browser),
        "not_me": token_of(site.last_not_me(ADA, "new_device")),
    }
    for kind in sent:
        secrets[kind] = token_of(site.last_link(kind=kind))
        secrets[f"code of {kind}"] = site.last_code(kind=kind)
    asked = {kind: browser_of(each, here) for kind, each in sent.items()}
    return Holder(site, here, secrets, asked)


def _succeeds(holder: Holder, flow: Flow[Any, Any], caller: Caller, **values: Any) -> bool:
    accounts = holder.site.accounts
    with holder.site.app.app_context(), accounts.database.open_session() as session:
        try:
            form: Input = flow.read(accounts, values, strict=False)
            run(accounts, caller, flow, form, session=session)
        except Refusal:
            return False
        finally:
            session.rollback()
    return True


def _token(flow: Flow[Any, Any], **more: Any) -> Callable[[Holder, str], bool]:
    return lambda holder, secret: _succeeds(holder, flow, holder.here, token=secret, **more)


def _code(flow: Flow[Any, Any], kind: str, **more: Any) -> Callable[[Holder, str], bool]:
    return lambda holder, secret: _succeeds(holder, flow, holder.asked[kind], code=secret, **more)


def _session(transport: Any) -> Callable[[Holder, str], bool]:
    def shown(holder: Holder, secret: str) -> bool:
        with holder.site.app.app_context():
            return resume(holder.site.accounts, secret, transport) is not None

    return shown


def _known(holder: Holder, secret: str) -> bool:
    return is_known(holder.site.accounts, holder.site.user(), secret)


def _browser(holder: Holder, secret: str) -> bool:
    caller = replace(STRANGER, browser=secret, asked_for=ADA)
    code = holder.secrets["code of reset_password"]
    return _succeeds(holder, reset_password.take_code, caller, code=code)


#: What takes a secret, by the name of the secret that it is for and how it is taken.
CONSUMERS: Mapping[str, Callable[[Holder, str], bool]] = {
    "session token": _session("cookie"),
    "bearer token": _session("bearer"),
    "known device": _known,
    "secret of a browser": _browser,
    "kept request": lambda holder, secret: _succeeds(
        holder, kept_requests.take, holder.here, id=secret
    ),
    "handle of a device": lambda holder, secret: _succeeds(
        holder, devices.end, holder.here, handle=secret
    ),
    "verify_email": _token(verify_email.verify_email),
    "reset_password": _token(reset_password.finish, new_password=NEW_PASSWORD),
    "change_email": _token(change_email.finish),
    "not_me": _token(not_me.not_me),
    "code of verify_email": _code(verify_email.verify_email, "verify_email"),
    "code of reset_password": _code(
        reset_password.finish, "reset_password", new_password=NEW_PASSWORD
    ),
    "code of change_email": _code(change_email.finish, "change_email"),
}

#: The flows that take the token of a mailed link, by its purpose, and what else they ask for.
BY_LINK: Mapping[str, tuple[Flow[Any, Any], dict[str, Any]]] = {
    "verify_email": (verify_email.verify_email, {}),
    "reset_password": (reset_password.finish, {"new_password": NEW_PASSWORD}),
    "change_email": (change_email.finish, {}),
    "not_me": (not_me.not_me, {}),
}
