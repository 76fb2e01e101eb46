"""Each mend is tried twice: on our code, and on Flask-Login 0.6.3, where the fault must show."""

from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.parity.member_site import Member, everyone, make_app

OURS = import_module("flask_porter")
ORIGINAL = import_module("flask_login")


def outcomes(*, ours: object, fault_of_the_original: object) -> pytest.MarkDecorator:
    """Run a test as `(library, outcome)`; a check that gave one outcome for both could not fail."""
    assert ours != fault_of_the_original
    return pytest.mark.parametrize(
        ("library", "outcome"),
        [
            pytest.param(OURS, ours, id="ours"),
            pytest.param(ORIGINAL, fault_of_the_original, id="fault_of_the_original"),
        ],
    )


def shared() -> pytest.MarkDecorator:
    """Run a test on both, for what the mend beside it must not change."""
    return pytest.mark.parametrize(
        "library",
        [pytest.param(OURS, id="ours"), pytest.param(ORIGINAL, id="the_original")],
    )


@dataclass
class Site:
    app: Flask
    manager: Any
    members: dict[str, Member] = field(default_factory=everyone)

    def client(self) -> FlaskClient:
        return self.app.test_client()


def site(library: ModuleType, **config: object) -> Site:
    """Open the member site on `library`; an error in a view is a 500, as in production."""
    members = everyone()
    manager = library.LoginManager()
    manager.user_loader(lambda stored_id: members.get(str(stored_id)))
    app = make_app(library, manager, members)
    app.config.update(TESTING=False)
    app.config.update(config)
    return Site(app, manager, members)


def restart(client: FlaskClient) -> None:
    """Close the browser: the session cookie goes, the remember cookie stays."""
    client.delete_cookie("session")


def session_of(client: FlaskClient) -> dict[str, Any]:
    with client.session_transaction() as stored:
        return dict(stored)


def shown(client: FlaskClient, path: str = "/who", **arguments: Any) -> str | int:
    """Return the text of the page, or the status when it is an error."""
    response = client.get(path, **arguments)
    return response.text if response.status_code < 400 else response.status_code
