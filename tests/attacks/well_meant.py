"""One request that succeeds for every form of the pages and every row of the API.

What is tried against all of them begins with these, so that nothing is refused for another reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select, text
from werkzeug.test import TestResponse

from flask_porter.flows import roles as role_flows
from flask_porter.flows.caller import Caller
from flask_porter.web.csrf import SAFE_METHODS
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site, token_of
from tests.attacks.account_state import path_of

BOB = "bob@example.org"
NEW = "new@example.org"
OPERATOR = Caller("cli")
#: Of the role there is, what it permits.
ROLE, PERMISSION = "admin", "delete everything"

#: Fields, made ready in a browser of this site.
MakeReady = Callable[[Site, FlaskClient], dict[str, Any]]


@dataclass(frozen=True)
class Ready:
    """A request that would succeed now, in a browser of Ada's or of a stranger."""

    site: Site
    client: FlaskClient
    method: str
    path: str
    fields: dict[str, Any]

    @property
    def is_json(self) -> bool:
        """Whether it goes to the API."""
        return "/api/" in self.path

    def send(self, fields: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send it, or with other fields."""
        body = self.fields if fields is None else fields
        if self.method == "GET":
            return self.client.get(self.path, query_string=body, **options)
        kind: dict[str, Any] = {"json": body} if self.is_json else {"data": body}
        return self.client.open(self.path, method=self.method, **kind, **options)


class Stage:
    """A site with Ada and Bob, who have no role, and one role; before each request as new."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.site = make_inhabited(folder, **settings)
        self._began = self.site.clock.now
        with self._session() as session:
            tables = self.site.porter.models.metadata.sorted_tables
            self._rows = {
                table: [dict(row) for row in session.execute(select(table)).mappings()]
                for table in tables
            }

    def ready(self, endpoint: str) -> Ready:
        """Return the request for ``endpoint``, made ready on the site as it was at first."""
        site = self.reset()
        name = endpoint.partition(".")[2]
        client = site.client() if name in BY_STRANGERS else site.logged_in_client()
        fields = (BY_STRANGERS | BY_ADA)[name](site, client)
        rule = next(site.app.url_map.iter_rules(endpoint))
        unsafe = (rule.methods or set()) - SAFE_METHODS
        in_path = {part: fields.pop(part) for part in rule.arguments}
        path = path_of(site.app, rule, **in_path)
        return Ready(site, client, next(iter(unsafe), "GET"), path, fields)

    def unsafe(self, blueprint: str) -> Iterator[tuple[str, Ready]]:
        """Yield the name and the request of each route of ours that changes something.

        A route that is not known here is an error: whoever adds one says how it succeeds.
        """
        for rule in self.site.app.url_map.iter_rules():
            room, _, name = rule.endpoint.partition(".")
            if room == blueprint and (rule.methods or set()) - SAFE_METHODS:
                yield name, self.ready(rule.endpoint)

    def reset(self) -> Site:
        """Return the site, with what it had at first and at that moment."""
        self.site.clock.now = self._began
        with self._session() as session:
            for table in reversed(self._rows):
                session.execute(delete(table))
            # So that the next user has the key that the next one had before.
            session.execute(text("DELETE FROM sqlite_sequence"))
            for table, rows in self._rows.items():
                if rows:
                    session.execute(insert(table), rows)
            session.commit()
        return self.site

    def _session(self) -> Any:
        return self.site.accounts.database.open_session()


def make_inhabited(folder: Path, **settings: Any) -> Site:
    """Return a site with Ada and Bob, who have no role, and one role."""
    site = make_site(folder, **settings)
    site.register()
    site.register(BOB)
    site.run(role_flows.set_permissions, OPERATOR, role=ROLE, permissions=[PERMISSION])
    return site


def _registered(site: Site, client: FlaskClient) -> dict[str, Any]:
    client.post("/account/register", data={"email": NEW, "password": PASSWORD})
    return {"code": site.last_code(NEW)}


def _reset(site: Site, client: FlaskClient) -> dict[str, Any]:
    client.post("/account/reset-password", data={"identifier": ADA})
    link = site.last_link(ADA)
    client.get(link)
    return {"token": token_of(link), "new_password": NEW_PASSWORD}


def _not_me(site: Site, client: FlaskClient) -> dict[str, Any]:
    site.login()
    site.login()
    link = site.last_not_me(ADA, "new_device")
    client.get(link)
    return {"token": token_of(link)}


def _new_email(site: Site, client: FlaskClient) -> dict[str, Any]:
    client.post("/account/change-email", data={"email": NEW})
    link = site.last_link(NEW)
    client.get(link)
    return {"token": token_of(link)}


def _device(site: Site, client: FlaskClient) -> dict[str, Any]:
    site.login()
    shown: Any = client.get("/account/api/devices").json
    return {"handle": next(one["handle"] for one in shown["devices"] if not one["is_this"])}


def _kept(site: Site, client: FlaskClient) -> dict[str, Any]:
    site.clock.now += site.accounts.settings.fresh_for
    client.post("/account/devices/end-others", data={"note": "kept"})
    client.post("/account/reauthenticate", data={"password": PASSWORD})
    return {"id": site.rows(site.accounts.models.kept_request)[-1].id}


def _fields(**values: Any) -> MakeReady:
    return lambda _site, _client: dict(values)


LOGIN = _fields(identifier=ADA, password=PASSWORD)

#: By the name of the endpoint, for pages and API alike.
BY_STRANGERS: dict[str, MakeReady] = {
    "register": _fields(email=NEW, password=PASSWORD),
    "verify_email": _registered,
    "verify_email_again": _fields(identifier=ADA),
    "login": LOGIN,
    "login_bearer": LOGIN,
    "reset_password": _fields(identifier=ADA),
    "reset_password_finish": _reset,
    "not_me": _not_me,
    "development": _fields(person="grace"),
}
BY_ADA: dict[str, MakeReady] = {
    "logout": _fields(),
    "logout_everywhere": _fields(),
    "reauthenticate": _fields(password=PASSWORD),
    "change_password": _fields(password=PASSWORD, new_password=NEW_PASSWORD),
    "change_email": _fields(email=NEW),
    "change_email_finish": _new_email,
    "devices": _fields(),
    "end_device": _device,
    "end_other_devices": _fields(),
    "activity": _fields(),
    "account": _fields(),
    "session": _fields(),
    "download_data": _fields(),
    "resume_request": _kept,
    "close_account": _fields(password=PASSWORD),
}
