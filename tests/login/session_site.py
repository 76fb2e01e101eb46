"""One site under Flask's session interface and under ours, to be compared answer by answer."""

from __future__ import annotations

from ast import literal_eval
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, session
from flask.sessions import SecureCookieSessionInterface
from hypothesis import settings

from flask_porter.login.cookie_session import install_cookie_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.testing import FlaskClient

KEY = "the key of today"

#: How much is tried on every run, and how much in ``make long``.
SLICE = settings(max_examples=100, derandomize=True, deadline=None, database=None)
FULL = settings(max_examples=20_000, deadline=None)


def site(ours: bool, config: Mapping[str, Any] | None = None) -> Flask:
    """Make the site; its view ``/<name>`` does to the session what ``TOUCHES[name]`` says."""
    app = Flask(__name__)
    app.secret_key = KEY
    app.config.update(config or {})
    if ours:
        assert install_cookie_session(app)
    for name, touch in TOUCHES.items():
        app.add_url_rule(f"/{name}", name, _view(touch))
    return app


def both(config: Mapping[str, Any] | None = None) -> tuple[Flask, Flask]:
    """Return the site on Flask's interface, and on ours."""
    return site(False, config), site(True, config)


def sign(app: Flask, data: Any) -> str:
    """Return the cookie that Flask would send for ``data``."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    with app.app_context():
        return str(serializer.dumps(data))


def answer(client: FlaskClient, path: str, cookie: str | None = None) -> dict[str, Any]:
    """Return all that a browser can tell of an answer; ``cookie`` is a whole header."""
    headers = {} if cookie is None else {"Cookie": cookie}
    response = client.get(path, headers=headers)
    return {
        "status": response.status_code,
        "headers": sorted(response.headers.items()),
        "body": response.text,
    }


def name_under(app: Flask, cookie: str) -> str | None:
    """Return what ``app`` finds as the name in the session of ``cookie``."""
    client = app.test_client(use_cookies=False)
    found: str | None = literal_eval(answer(client, "/item", f"session={cookie}")["body"])
    return found


def _view(touch: Callable[[], Any]) -> Callable[[], Response]:
    def view() -> Response:
        return Response(repr(touch()))

    return view


def _set_permanent() -> None:
    session.permanent = True


def _mark_modified() -> None:
    session.modified = True


def _item() -> Any:
    try:
        return session["name"]
    except KeyError:
        return None


def _delete() -> None:
    if "name" in session:
        del session["name"]


def _vary_already() -> Response:
    return Response("x", headers={"Vary": "Accept-Language"})


def _update() -> None:
    session.update(name="Bea")


def _merge_in_place() -> None:
    current: Any = session
    current |= {"name": "Bea"}


def _append() -> None:
    session.setdefault("list", []).append(1)


TOUCHES: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "item": _item,
    "missing_item": lambda: session.get("no such key"),
    "contains": lambda: "name" in session,
    "truth": lambda: bool(session),
    "size": lambda: len(session),
    "all": lambda: sorted(dict(session).items(), key=str),
    "spread": lambda: sorted({**session}.items(), key=str),
    "keys": lambda: sorted(session),
    "equals": lambda: session == {"name": "Ada"},
    "flags": lambda: (session.new, session.modified, session.permanent),
    "accessed_only": lambda: session.accessed,
    "is_a": lambda: isinstance(session, dict),
    "write": lambda: session.__setitem__("name", "Bea"),
    "write_same": lambda: session.__setitem__("name", "Ada"),
    "write_tagged": lambda: session.__setitem__("pair", (1, b"two")),
    "delete": _delete,
    "pop": lambda: session.pop("name", None),
    "pop_missing": lambda: session.pop("no such key", None),
    "popitem": lambda: session.popitem() if session else None,
    "clear": lambda: session.clear(),
    "update": _update,
    "merge": _merge_in_place,
    "append": _append,
    "permanent": _set_permanent,
    "modified": _mark_modified,
}
