"""The nine signals: names, namespace, sender and exact arguments."""

from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import blinker
import pytest
from flask import Flask
from flask.testing import FlaskClient

NAMES = {
    "user_logged_in": "logged-in",
    "user_logged_out": "logged-out",
    "user_loaded_from_cookie": "loaded-from-cookie",
    "user_loaded_from_request": "loaded-from-request",
    "user_login_confirmed": "login-confirmed",
    "user_unauthorized": "unauthorized",
    "user_needs_refresh": "needs-refresh",
    "user_accessed": "accessed",
    "session_protected": "session-protected",
}


@pytest.mark.parametrize(("attribute", "name"), NAMES.items())
def test_each_signal_has_its_name_and_its_place(
    library: ModuleType, submodule: Callable[[str], Any], attribute: str, name: str
) -> None:
    signal = getattr(library, attribute)
    assert isinstance(signal, blinker.NamedSignal)
    assert signal.name == name
    assert getattr(submodule("signals"), attribute) is signal


@pytest.mark.parametrize("name", NAMES.values())
def test_the_namespace_is_private(library: ModuleType, name: str) -> None:
    ours = {id(getattr(library, attribute)) for attribute in NAMES}
    assert id(blinker.signal(name)) not in ours


def test_a_whole_visit_sends_exactly_this(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    manager: Any,
    members: dict[str, Any],
) -> None:
    sent: list[tuple[str, object, dict[str, Any]]] = []

    def noting(name: str) -> Callable[..., None]:
        return lambda sender, **kwargs: sent.append((name, sender, kwargs))

    manager.needs_refresh_handler(lambda: "again")
    manager.unauthorized_handler(lambda: "who?")
    ada = {"user": members["1"]}
    with ExitStack() as stack:
        for attribute in NAMES:
            stack.enter_context(getattr(library, attribute).connected_to(noting(attribute)))
        client.get("/secret")
        client.get("/login?id=3")
        client.get("/login?id=1&remember")
        client.get("/who")
        client.get("/who", headers={"User-Agent": "another browser"})
        client.get("/confirm")
        client.get("/stale")
        client.delete_cookie("session")
        client.get("/logout")

    assert all(sender is app for _, sender, _ in sent)
    assert [(name, kwargs) for name, _, kwargs in sent] == [
        ("user_unauthorized", {}),
        ("user_logged_in", ada),
        ("user_accessed", {}),
        ("user_accessed", {}),
        ("session_protected", {}),
        ("user_login_confirmed", {}),
        ("user_needs_refresh", {}),
        ("user_accessed", {}),
        ("user_loaded_from_cookie", ada),
        ("user_logged_out", ada),
    ]


def test_the_user_sent_is_the_object_and_no_proxy(
    app: Flask, client: FlaskClient, library: ModuleType, members: dict[str, Any]
) -> None:
    users = []

    def look(sender: Flask, user: Any) -> None:
        users.append(type(user))

    with ExitStack() as stack:
        for name in ("user_logged_in", "user_loaded_from_cookie", "user_logged_out"):
            stack.enter_context(getattr(library, name).connected_to(look))
        client.get("/login?id=1&remember")
        client.delete_cookie("session")
        client.get("/logout")
    assert users == [type(members["1"])] * 3


def test_a_handler_can_listen_to_one_app(library: ModuleType) -> None:
    heard = []

    def look(sender: Flask, **kwargs: Any) -> None:
        heard.append(sender)

    apps = [Flask("one"), Flask("two")]
    for app in apps:
        app.secret_key = "deterministic"
        library.LoginManager(app).user_loader(lambda stored_id: None)
    with library.user_accessed.connected_to(look, sender=apps[0]):
        for app in apps:
            with app.test_request_context():
                assert library.current_user.is_anonymous
    assert heard == [apps[0]]
