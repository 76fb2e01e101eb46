"""Flask-SocketIO keeps a connection open; each of its events must still know who sent it."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests
import socketio as socketio_client
from flask import Flask
from flask_login import current_user, login_user, logout_user
from flask_socketio import SocketIO, SocketIOTestClient
from simple_websocket import Client as WebSocket

from tests.dependents.checks.accounts import MEMBERS, add_accounts
from tests.dependents.checks.loopback import served
from tests.dependents.checks.promises_of_accounts import (
    AccountPromises,
    log_in,
    name_seen_by,
    restart_browser,
)


@pytest.fixture(params=["a session of the connection", "the session of Flask"])
def socketio(request: pytest.FixtureRequest) -> SocketIO:
    manage_session = request.param.startswith("a session")
    return SocketIO(async_mode="threading", manage_session=manage_session)


@pytest.fixture
def app(socketio: SocketIO) -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a key"
    add_accounts(app)
    socketio.init_app(app)

    @socketio.on("who")
    def who() -> str:
        return current_user.name if current_user.is_authenticated else "nobody"

    @socketio.on("log in")
    def log_in_here(member_id: str) -> str:
        login_user(MEMBERS[member_id])
        return who()

    @socketio.on("log out")
    def log_out_here() -> str:
        logout_user()
        return who()

    @socketio.on("connect", namespace="/members")
    def only_members() -> bool:
        return bool(current_user.is_authenticated)

    @socketio.on("who", namespace="/members")
    def who_of_the_members() -> str:
        return who()

    return app


class TestAccounts(AccountPromises):
    """What logging in promises, here."""


def ask(connection: SocketIOTestClient, event: str, *args: str, namespace: str = "/") -> Any:
    return connection.emit(event, *args, callback=True, namespace=namespace)


def test_an_event_knows_who_sent_it(app: Flask, socketio: SocketIO) -> None:
    ada, stranger = app.test_client(), app.test_client()
    log_in(ada)
    connections = [
        socketio.test_client(app, flask_test_client=client) for client in (ada, stranger)
    ]
    for _ in range(2):
        assert [ask(connection, "who") for connection in connections] == ["Ada", "nobody"]


def test_a_remembered_member_is_known_in_an_event(app: Flask, socketio: SocketIO) -> None:
    client = app.test_client()
    log_in(client, remember="yes")
    restart_browser(client)
    connection = socketio.test_client(app, flask_test_client=client)
    assert [ask(connection, "who") for _ in range(2)] == ["Ada", "Ada"]


def test_a_room_for_members_turns_strangers_away(app: Flask, socketio: SocketIO) -> None:
    ada, stranger = app.test_client(), app.test_client()
    log_in(ada)
    let_in = socketio.test_client(app, namespace="/members", flask_test_client=ada)
    turned_away = socketio.test_client(app, namespace="/members", flask_test_client=stranger)
    assert let_in.is_connected("/members")
    assert ask(let_in, "who", namespace="/members") == "Ada"
    assert not turned_away.is_connected("/members")


def test_a_connection_made_after_the_logout_is_nobodys(app: Flask, socketio: SocketIO) -> None:
    client = app.test_client()
    log_in(client)
    assert ask(socketio.test_client(app, flask_test_client=client), "who") == "Ada"
    client.post("/log-out")
    assert ask(socketio.test_client(app, flask_test_client=client), "who") == "nobody"


def test_a_login_in_an_event_holds_for_the_connection(app: Flask, socketio: SocketIO) -> None:
    client = app.test_client()
    connection = socketio.test_client(app, flask_test_client=client)
    assert ask(connection, "log in", "2") == "Grace"
    holds = socketio.manage_session
    assert ask(connection, "who") == ("Grace" if holds else "nobody")
    assert ask(connection, "log out") == "nobody"
    assert ask(connection, "who") == "nobody"
    assert name_seen_by(client) == "nobody"


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def test_a_polling_client_is_known_on_a_real_server(site: str) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        browser.post(f"http://{site}/log-in", data={"id": "2"})
        connection = socketio_client.Client(http_session=browser, reconnection=False)
        connection.connect(f"http://{site}", transports=["polling"])
        assert [connection.call("who", timeout=10) for _ in range(2)] == ["Grace", "Grace"]
        connection.disconnect()


def test_a_websocket_is_known_on_a_real_server(site: str) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        browser.post(f"http://{site}/log-in", data={"id": "2"})
        opened = browser.get(f"http://{site}/socket.io/?EIO=4&transport=polling").text
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    # Engine.IO 4: "0{...}" opens. The client upgrades and so speaks first: what a server says
    # at once may arrive with the handshake, where simple_websocket overlooks it.
    query = f"EIO=4&transport=websocket&sid={json.loads(opened.removeprefix('0'))['sid']}"
    address = f"ws://{site}/socket.io/?{query}"
    with closing(WebSocket(address, headers={"Cookie": cookies})) as socket:
        socket.send("2probe")
        assert heard(socket) == "3probe"
        socket.send("5")
        # Socket.IO 5: "40" joins, "42n[...]" asks, "43n[...]" answers.
        socket.send("40")
        assert heard(socket).startswith("40{")
        for number in range(2):
            socket.send(f'42{number}["who"]')
            assert heard(socket) == f"43{number}{json.dumps(['Grace'])}"


def heard(socket: WebSocket) -> str:
    """Return the next message that is neither a ping ("2") nor a filler ("6")."""
    while (message := socket.receive(timeout=30)) in {"2", "6"}:
        pass
    return str(message)
