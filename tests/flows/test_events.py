"""Each flow that changes something or mails a secret writes one fitting entry of the audit log."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask_porter import flows
from flask_porter.flows import (
    activity,
    audit_log,
    change_email,
    change_password,
    close_account,
    devices,
    download_data,
    import_users,
    kept_requests,
    login,
    logout,
    not_me,
    personas,
    reauthenticate,
    register,
    reset_password,
    roles,
    users,
    verify_email,
    waiting_mail,
)
from flask_porter.flows.caller import Caller
from flask_porter.flows.outcomes import LoggedIn
from flask_porter.flows.run import Flow
from tests.account_site import ADA, PASSWORD, STRANGER, Site, browser_of, make_site, token_of

OPERATOR = Caller("cli")
BOB, EVE = "bob@example.org", "eve@example.org"
KNOWN = ["session_created", "authn_login_success"]
PROVEN = ["authn_reauthenticate_success", "session_renewed"]

#: What each flow writes, in this order. A flow that is not here is a flow that nobody thought of.
WRITTEN = {
    "register": ["user_created"],
    "verify_email": ["user_verified"],
    "verify_email_again": ["authn_token_created"],
    "login": KNOWN,
    "login_bearer": KNOWN,
    "login_app": KNOWN,
    "persona": ["user_created", "authz_change", *KNOWN],
    "reset_password": ["authn_token_created"],
    "reset_password_code": ["authn_token_created"],
    "reset_password_finish": ["authn_password_change", "session_ended"],
    "reauthenticate": PROVEN,
    "reauthenticate_app": [*reversed(PROVEN)],
    "change_password": [
        "authn_reauthenticate_success",
        "authn_password_change",
        "session_ended",
        "session_renewed",
    ],
    "change_email": ["authn_token_created"],
    "change_email_finish": ["user_updated", "session_ended", "session_renewed"],
    "not_me": ["session_ended", "user_updated"],
    "logout": ["session_ended"],
    "logout_everywhere": ["session_ended"],
    "end_device": ["session_ended"],
    "end_other_devices": ["session_ended"],
    "download_data": ["sensitive_read"],
    "close_account": ["authn_reauthenticate_success", "user_deleted"],
    "create_user": ["user_created"],
    "import_users": ["user_created", "authz_change"],
    "disable_user": ["user_archived"],
    "enable_user": ["user_enabled"],
    "delete_user": ["user_deleted"],
    "send_reset": ["authn_token_created"],
    "end_sessions": ["session_ended"],
    "set_role": ["authz_change"],
    "grant_role": ["authz_change"],
    "revoke_role": ["authz_change"],
    "retry_mail": ["authz_admin"],
    "purge": ["sensitive_delete"],
    # They change nothing of an account.
    "activity": [],
    "audit_log": [],
    "devices": [],
    "keep_request": [],
    "list_mail": [],
    "list_roles": [],
    "list_users": [],
    "resume_request": [],
    "show_request": [],
    "show_user": [],
}


@dataclass
class Life:
    """A site on which everything is done once, and what each flow has written."""

    site: Site
    written: dict[str, list[str]] = field(default_factory=dict)

    def run(self, flow: Flow[Any, Any], caller: Caller = STRANGER, /, **values: Any) -> Any:
        """Run a flow, and note what it writes."""
        before = len(self.site.events())
        outcome = self.site.run(flow, caller, **values)
        self.written[flow.name] = self.site.events()[before:]
        return outcome

    def log_in(self, email: str = ADA) -> Caller:
        """Log in; return the caller that it makes."""
        outcome = self.run(login.with_password, identifier=email, password=PASSWORD)
        return self.site.logged_in(outcome)


def names_of_flows() -> set[str]:
    modules = [each.name for each in pkgutil.iter_modules(flows.__path__)]
    found = [importlib.import_module(f"flask_porter.flows.{name}") for name in modules]
    return {each.name for one in found for each in vars(one).values() if isinstance(each, Flow)}


def as_strangers(life: Life) -> None:
    site = life.site
    asked = life.run(register.register, email=EVE, password=PASSWORD)
    life.run(verify_email.verify_email, browser_of(asked), code=site.last_code(EVE))
    site.register(BOB, is_verified=False)
    life.run(verify_email.ask_again, identifier=BOB)
    life.run(login.for_bearer, identifier=ADA, password=PASSWORD)
    life.run(login.by_app, Caller("app"), user_id=site.user().id)
    life.run(personas.become, person="admin")
    asking = browser_of(life.run(reset_password.ask, identifier=ADA))
    held = life.run(reset_password.take_code, asking, code=site.last_code(ADA))
    life.run(reset_password.finish, asking, token=held.token, new_password=PASSWORD)


def as_the_owner(life: Life) -> None:
    site, here = life.site, life.log_in()
    life.run(activity.show, here)
    life.run(download_data.download_data, here)
    kept = life.run(kept_requests.keep, here, path="/send", fields=[("to", "Grace")])
    life.run(kept_requests.show, here, id=kept.values["id"])
    life.run(kept_requests.take, here, id=kept.values["id"])
    life.log_in()
    shown = life.run(devices.show, here).values["devices"]
    life.run(devices.end, here, handle=next(each.handle for each in shown if not each.is_this))
    life.run(devices.end_others, here)
    for flow, given in (
        (reauthenticate.by_app, {}),
        (reauthenticate.reauthenticate, {"password": PASSWORD}),
        (change_password.change_password, {"password": PASSWORD, "new_password": PASSWORD[::-1]}),
    ):
        renewed: LoggedIn = life.run(flow, here, **given)
        here = site.logged_in(renewed)
    asking = browser_of(life.run(change_email.ask, here, email="ada@new.example"), here)
    moved = life.run(change_email.finish, asking, code=site.last_code("ada@new.example"))
    life.run(logout.logout, site.logged_in(moved))
    life.run(not_me.not_me, token=token_of(site.last_not_me(ADA, "email_changed")))
    life.run(logout.logout_everywhere, life.log_in(EVE))
    life.run(close_account.close_account, life.log_in(EVE), password=PASSWORD)


def as_the_operator(life: Life) -> None:
    about = {"user": BOB}
    line = {"email": "imported@example.org", "roles": ("editor",)}
    life.run(users.create, OPERATOR, email="made@example.org")
    life.run(import_users.import_users, OPERATOR, users={1: line})
    life.run(roles.set_permissions, OPERATOR, role="editor", permissions=("edit",))
    life.run(roles.grant, OPERATOR, role="editor", **about)
    life.run(roles.revoke, OPERATOR, role="editor", **about)
    life.run(roles.show, OPERATOR)
    for flow in (users.show, users.send_reset, users.end_sessions, users.disable, users.enable):
        life.run(flow, OPERATOR, **about)
    life.run(users.page, OPERATOR)
    life.run(waiting_mail.list_mail, OPERATOR)
    mail = life.site.rows(life.site.accounts.models.outbox)[-1]
    life.run(waiting_mail.retry_mail, OPERATOR, mail=mail.id)
    life.run(users.delete, OPERATOR, **about)
    life.run(audit_log.show, OPERATOR)


def test_each_flow_writes_what_it_does_once(tmp_path: Path) -> None:
    """LG02: one entry for one thing, in OWASP's words; no flow is left out."""
    life = Life(make_site(tmp_path))
    life.site.register()
    for part in (as_strangers, as_the_owner, as_the_operator):
        part(life)
    life.site.clock.now += life.site.accounts.settings.audit_retention
    life.site.clock.advance(seconds=1)
    life.site.run(audit_log.purge, OPERATOR)
    life.written["purge"] = life.site.events()
    assert life.written == WRITTEN
    assert names_of_flows() == set(WRITTEN)


def test_what_a_log_in_ends_is_written_too(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_MAX_SESSIONS=2)
    site.register()
    site.register(BOB)
    site.login()
    site.clock.advance(seconds=1)
    here = site.logged_in(site.login())
    site.login()
    site.run(login.with_password, here, identifier=BOB, password=PASSWORD)
    ended = [
        (row.details["reason"], row.user_id)
        for row in site.rows(site.accounts.models.audit)
        if row.event == "session_ended"
    ]
    assert ended == [("too_many", "1"), ("replaced", "1")]


def test_the_answer_to_a_mail_asked_for_again_is_written_for_whomever(tmp_path: Path) -> None:
    """E04: the same work, and nobody is named who gets no mail."""
    site = make_site(tmp_path)
    site.register()
    site.register(BOB, is_verified=False)
    for email in (ADA, BOB, "nobody@example.org"):
        site.run(verify_email.ask_again, replace(STRANGER, address="192.0.2.9"), identifier=email)
    rows = site.rows(site.accounts.models.audit)
    assert [(row.event, row.user_id) for row in rows] == [
        ("authn_token_created", None),
        ("authn_token_created", "2"),
        ("authn_token_created", None),
    ]
