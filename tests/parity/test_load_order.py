"""The order in which a user is looked for: session, remember cookie, request loader."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, request, session
from flask.testing import FlaskClient

SIGNALS = (
    "user_accessed",
    "session_protected",
    "user_loaded_from_cookie",
    "user_loaded_from_request",
)


@pytest.fixture
def found() -> set[str]:
    """The loaders that find somebody."""
    return set()


@pytest.fixture
def steps(
    library: ModuleType, manager: Any, members: dict[str, Any], found: set[str]
) -> Iterator[list[object]]:
    """What a load did, in order."""
    steps: list[object] = []

    def load_user(stored_id: Any) -> Any:
        steps.append(("user_loader", stored_id))
        return members["1"] if "user_loader" in found else None

    def load_request(incoming: Any) -> Any:
        assert incoming.path == request.path
        steps.append("request_loader")
        return members["2"] if "request_loader" in found else None

    def noting(name: str) -> Callable[..., None]:
        return lambda sender, **kwargs: steps.append(name)

    manager.user_loader(load_user)
    manager.request_loader(load_request)
    with ExitStack() as signals:
        for name in SIGNALS:
            signals.enter_context(getattr(library, name).connected_to(noting(name)))
        yield steps


def with_cookie(client: FlaskClient, library: ModuleType, user_id: str = "1") -> None:
    client.set_cookie("remember_token", library.encode_cookie(user_id, key="deterministic"))


def with_session(client: FlaskClient, **values: Any) -> None:
    with client.session_transaction() as stored:
        stored.update(values)


def test_with_nothing_at_hand_the_request_loader_is_asked(
    client: FlaskClient, steps: list[object]
) -> None:
    assert client.get("/who").text == "nobody"
    assert steps == ["user_accessed", "request_loader"]


def test_a_user_of_the_session_ends_the_search_without_a_signal(
    app: Flask, client: FlaskClient, library: ModuleType, steps: list[object], found: set[str]
) -> None:
    app.config["SESSION_PROTECTION"] = None
    found.update({"user_loader", "request_loader"})
    with_session(client, _user_id=1)
    with_cookie(client, library, "2")
    assert client.get("/who").text == "Ada"
    assert steps == ["user_accessed", ("user_loader", 1)]


def test_protection_comes_before_the_loader(
    client: FlaskClient, steps: list[object], found: set[str]
) -> None:
    found.add("user_loader")
    with_session(client, _user_id=1)
    assert client.get("/who").text == "Ada"
    assert steps == ["user_accessed", "session_protected", ("user_loader", 1)]


def test_a_cookie_comes_after_the_session(
    app: Flask, client: FlaskClient, library: ModuleType, steps: list[object]
) -> None:
    app.config["SESSION_PROTECTION"] = None
    with_session(client, _user_id=7)
    with_cookie(client, library, "8")
    client.get("/who")
    assert steps[:3] == ["user_accessed", ("user_loader", 7), ("user_loader", "8")]


def test_a_cookie_that_finds_somebody_ends_the_search(
    client: FlaskClient, library: ModuleType, steps: list[object], found: set[str]
) -> None:
    found.update({"user_loader", "request_loader"})
    with_cookie(client, library)
    assert client.get("/who").text == "Ada"
    assert steps == ["user_accessed", ("user_loader", "1"), "user_loaded_from_cookie"]


def test_a_cookie_that_is_being_cleared_is_not_there(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    steps: list[object],
    found: set[str],
) -> None:
    @app.get("/clearing")
    def clearing() -> str:
        session["_remember"] = "clear"
        return str(library.current_user.name)

    app.config["SESSION_PROTECTION"] = None
    found.update({"user_loader", "request_loader"})
    with_cookie(client, library)
    assert client.get("/clearing").text == "Grace"
    assert steps == ["user_accessed", "request_loader", "user_loaded_from_request"]


def test_the_request_loader_comes_last_and_has_a_signal(
    app: Flask, client: FlaskClient, steps: list[object], found: set[str]
) -> None:
    app.config["SESSION_PROTECTION"] = None
    found.add("request_loader")
    with_session(client, _user_id=7)
    assert client.get("/who").text == "Grace"
    assert steps == [
        "user_accessed",
        ("user_loader", 7),
        "request_loader",
        "user_loaded_from_request",
    ]


def test_strong_protection_ends_the_search(
    app: Flask, client: FlaskClient, library: ModuleType, steps: list[object], found: set[str]
) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    found.update({"user_loader", "request_loader"})
    with_session(client, _user_id=1, _id="another browser")
    with_cookie(client, library)
    assert client.get("/who").text == "nobody"
    assert steps == ["user_accessed", "session_protected"]


@pytest.mark.ours_only("0.6.3 skips the request loader whenever a remember cookie came in")
@pytest.mark.parametrize("signed", [True, False])
def test_a_cookie_that_finds_nobody_leaves_it_to_the_request_loader(
    client: FlaskClient,
    library: ModuleType,
    steps: list[object],
    found: set[str],
    signed: bool,
) -> None:
    found.add("request_loader")
    if signed:
        with_cookie(client, library)
    else:
        client.set_cookie("remember_token", "junk")
    assert client.get("/who").text == "Grace"
    asked: list[object] = [("user_loader", "1")] if signed else []
    assert steps == ["user_accessed", *asked, "request_loader", "user_loaded_from_request"]


def test_the_search_is_made_once_a_request(
    app: Flask, client: FlaskClient, library: ModuleType, steps: list[object]
) -> None:
    @app.get("/twice")
    def twice() -> str:
        return f"{library.current_user.is_anonymous} {library.current_user.is_anonymous}"

    assert client.get("/twice").text == "True True"
    assert steps == ["user_accessed", "request_loader"]


def test_nobody_found_is_the_managers_anonymous_user(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    made = []

    def anonymous() -> object:
        made.append(library.AnonymousUserMixin())
        return made[-1]

    manager.anonymous_user = anonymous
    with app.test_request_context():
        assert library.current_user._get_current_object() is made[0]
    with app.test_request_context():
        assert library.current_user._get_current_object() is made[1]


def test_a_manager_without_any_loader_says_so(app: Flask, library: ModuleType) -> None:
    bare = library.LoginManager(app)
    with app.test_request_context():
        with pytest.raises(Exception, match=r"^Missing user_loader or request_loader"):
            bare._load_user()
        with pytest.raises(Exception, match=r"^Missing user_loader or request_loader"):
            library.current_user.is_anonymous  # noqa: B018 - reading it is the test


def test_the_last_loader_registered_counts(client: FlaskClient, manager: Any) -> None:
    client.get("/login?id=1")
    manager.user_loader(lambda stored_id: None)
    assert client.get("/who").text == "nobody"


def test_a_login_survives_many_requests(client: FlaskClient) -> None:
    client.get("/login?id=1")
    assert [client.get("/who").text for _ in range(3)] == ["Ada"] * 3
    assert client.get("/fresh").text == "True"
