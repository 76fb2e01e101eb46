"""Private names that known projects use, with the meaning they rely on."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from flask import Flask, Response, g, request, session


def test_load_user_finds_the_user_and_returns_nothing(
    app: Flask, library: ModuleType, manager: Any, members: dict[str, Any]
) -> None:
    """OctoPrint and Dify call it."""
    with app.test_request_context():
        session["_user_id"] = 1
        assert manager._load_user() is None
        assert g._login_user is members["1"]


def test_load_user_can_be_called_again_to_look_again(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    with app.test_request_context():
        session["_user_id"] = 1
        assert library.current_user.name == "Ada"
        session["_user_id"] = 2
        manager._load_user()
        assert library.current_user.name == "Grace"


def test_update_request_context_makes_a_user_current_without_a_session(
    app: Flask, library: ModuleType, manager: Any, members: dict[str, Any]
) -> None:
    """Flask-Security, Dify, Hiddify and Airflow call it."""
    with app.test_request_context():
        manager._update_request_context_with_user(members["1"])
        assert library.current_user.name == "Ada"
        manager._update_request_context_with_user(user=members["2"])
        assert library.current_user.name == "Grace"
        assert not session
        manager._update_request_context_with_user()
        assert library.current_user.is_anonymous
        assert g._login_user.is_anonymous


def test_get_user_is_what_the_proxy_shows(
    app: Flask, library: ModuleType, members: dict[str, Any], submodule: Callable[[str], Any]
) -> None:
    """Dify's copy and Hiddify call it."""
    get_user = submodule("utils")._get_user
    assert get_user() is None
    with app.test_request_context():
        session["_user_id"] = 1
        assert get_user() is members["1"]


def test_protection_answers_whether_the_login_was_ended(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    """Hiddify's subclass calls it."""
    with app.test_request_context():
        assert manager._session_protection_failed() is False
        session["_id"] = "another browser"
        assert manager._session_protection_failed() is False
        assert session["_fresh"] is False
        manager.session_protection = "strong"
        assert manager._session_protection_failed() is True
        assert dict(session) == {"_remember": "clear"}


def test_the_remember_cookie_can_be_tried_by_hand(
    app: Flask, library: ModuleType, manager: Any, members: dict[str, Any]
) -> None:
    """Hiddify's subclass calls it."""
    with app.test_request_context():
        assert manager._load_user_from_remember_cookie("junk") is None
        assert not session
        cookie = library.encode_cookie("1")
        assert manager._load_user_from_remember_cookie(cookie) is members["1"]
        assert session["_user_id"] == "1"
        assert session["_fresh"] is False


def test_the_request_loader_can_be_tried_by_hand(
    app: Flask,
    library: ModuleType,
    manager: Any,
    members: dict[str, Any],
    listen: Callable[..., Any],
) -> None:
    """Hiddify's subclass calls it."""
    with app.test_request_context("/?key=2"):
        assert manager._load_user_from_request(request) is None
        manager.request_loader(lambda request: members.get(request.args["key"]))
        with listen(library.user_loaded_from_request) as heard:
            assert manager._load_user_from_request(request) is members["2"]
    assert heard == [((app,), {"user": members["2"]})]


def test_the_loaders_are_called_through_the_managers_own_methods(
    library: ModuleType, members: dict[str, Any]
) -> None:
    """So that a subclass can override them, one by one."""
    called = []

    def protection(self: Any) -> bool:
        called.append("protection")
        return False

    def cookie(self: Any, cookie: str) -> Any:
        called.append(f"cookie {cookie}")

    def by_request(self: Any, request: Any) -> Any:
        called.append(f"request {request.path}")
        return members["2"]

    methods = {
        "_session_protection_failed": protection,
        "_load_user_from_remember_cookie": cookie,
        "_load_user_from_request": by_request,
    }
    app = Flask("overridden")
    app.secret_key = "deterministic"
    subclass: Any = type("Manager", (library.LoginManager,), methods)
    manager = subclass(app)
    manager.user_loader(lambda stored_id: None)
    manager.request_loader(lambda request: None)
    with app.test_request_context("/there"):
        assert library.current_user.name == "Grace"
    assert called == ["protection", "request /there"]
    called.clear()
    environ = {"HTTP_COOKIE": "remember_token=junk"}
    with app.test_request_context("/there", environ_overrides=environ):
        library.current_user.is_authenticated  # noqa: B018 - reading it loads the user
    assert called[:2] == ["protection", "cookie junk"]


def test_the_cookie_methods_work_on_any_response(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    with app.test_request_context():
        session["_user_id"] = 1
        response = Response()
        assert manager._set_cookie(response) is None
        assert response.headers["Set-Cookie"].startswith("remember_token=1|")
        response = Response()
        assert manager._clear_cookie(response) is None
        assert response.headers["Set-Cookie"].startswith("remember_token=;")


def test_a_fixture_may_log_in_by_writing_the_session(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    with app.test_client() as client:
        with app.test_request_context():
            identifier = manager._session_identifier_generator()
        with client.session_transaction() as stored:
            stored.update(_user_id="1", _fresh=True, _id=identifier)
        with client.session_transaction() as stored:
            assert set(stored) == {"_user_id", "_fresh", "_id"}
        assert client.get("/who", environ_base={"REMOTE_ADDR": "127.0.0.1"}).text == "Ada"


def test_an_inner_user_can_be_put_in_place_for_a_while(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    """Test fixtures set `g._login_user` and pop it."""
    with app.test_request_context():
        session["_user_id"] = 1
        assert library.current_user.name == "Ada"
        g._login_user = members["2"]
        assert library.current_user.name == "Grace"
        g.pop("_login_user", None)
        assert library.current_user.name == "Ada"


def test_whoever_reads_the_keys_finds_them(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    """CKAN, pgAdmin, Invenio and OctoPrint read them."""
    with app.test_request_context():
        assert not {"_user_id", "_id", "_fresh"} & set(session)
        library.login_user(members["1"])
        assert {"_user_id", "_id", "_fresh"} <= set(session)
        assert isinstance(session["_id"], str)
