"""One function a parser of what clients hold: bytes in; an exception or wrong answer is a find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, json
from flask.testing import EnvironBuilder

from flask_porter import (
    LoginManager,
    UserMixin,
    current_user,
    decode_cookie,
    encode_cookie,
    fresh_login_required,
    login_required,
    login_user,
    role_required,
    safe_next,
)
from flask_porter.login.remember_token import mint, verify

KEY = "fuzz key"
SESSION_KEYS = [
    "_user_id", "_fresh", "_id", "_remember", "_remember_seconds", "next", "_stamp", "_auth_time",
    "_began", "_seen", "_permanent", "_flashes",
]  # fmt: skip


class Someone(UserMixin):
    id = "1"
    roles = ("reader",)

    def get_session_stamp(self) -> str:
        return "stamp"


def site(*, hardened: bool) -> Flask:
    app = Flask("fuzzed")
    app.secret_key = KEY
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    manager: LoginManager[Any] = LoginManager(app)
    manager.login_view = "/login"
    manager.hardened = hardened
    manager.idle_timeout = manager.absolute_timeout = timedelta(hours=1)
    users = {"1": Someone()}
    manager.user_loader(users.get)
    manager.request_loader(lambda request: None)

    @app.get("/in")
    def log_in() -> str:
        return str(login_user(users["1"], remember=True))

    def shown(**_values: Any) -> str:
        return current_user.get_id() or "nobody"

    app.add_url_rule("/who", "who", shown)
    app.add_url_rule("/guarded/<path:rest>", "guarded", login_required(shown))
    app.add_url_rule("/fresh", "fresh", fresh_login_required(within=timedelta(minutes=5))(shown))
    app.add_url_rule("/role", "role", role_required("writer")(shown), methods=["GET", "POST"])
    return app


SITES = [site(hardened=False), site(hardened=True)]
PATHS = ["/who", "/guarded/x", "/fresh", "/role"]


def ask(app: Flask, path: str, **environ: str) -> tuple[int, str]:
    """Answer one raw request; nobody is ever known by what a fuzzer has made up."""
    built = EnvironBuilder(app, path).get_environ() | environ
    status: list[str] = []

    def start_response(line: str, headers: list[tuple[str, str]], *_: Any) -> Callable[..., Any]:
        status.append(line)
        for name, value in headers:
            assert "\n" not in value, name
            assert "\r" not in value, name
            if name == "Location":
                assert urlsplit(value).netloc == "", value
        return lambda _data: None

    body = b"".join(app.wsgi_app(built, start_response)).decode()
    code = int(status[0].split()[0])
    assert code < 500, body
    return code, body


def session_cookie(data: bytes) -> None:
    for app in SITES:
        for path in PATHS:
            _code, body = ask(app, path, HTTP_COOKIE="session=" + data.decode("latin-1"))
            assert body != "1"


def cookie_header(data: bytes) -> None:
    for app in SITES:
        _code, body = ask(app, "/who", HTTP_COOKIE=data.decode("latin-1"))
        assert body == "nobody"


def remember_cookie(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with SITES[0].app_context():
        assert decode_cookie(text) is None
        assert verify(text) is None
    for app in SITES:
        _code, body = ask(app, "/who", HTTP_COOKIE="remember_token=" + data.decode("latin-1"))
        assert body == "nobody"


def remember_payload(data: bytes) -> None:
    """Whatever an id is made of, both formats bring it back as it was."""
    user_id = data.decode("utf-8", "replace")
    with SITES[0].app_context():
        assert decode_cookie(encode_cookie(user_id)) == user_id
        token = verify(mint(user_id, None, datetime.now(UTC) + timedelta(days=1)))
        assert token is not None
        assert token.user_id == user_id


def signed_session(data: bytes) -> None:
    """A session with junk under our keys, signed: an old version or a leaked key wrote it."""
    key = SESSION_KEYS[data[0] % len(SESSION_KEYS)] if data else "_user_id"
    try:
        value = json.loads(data[1:].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        value = data[1:].decode("utf-8", "replace")
    for app in SITES:
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        cookie = signer.dumps({"_user_id": "1", "_fresh": True, key: value})
        for path in PATHS:
            ask(app, path, HTTP_COOKIE=f"session={cookie}")


def headers(data: bytes) -> None:
    names = [
        "HTTP_ACCEPT", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_HX_REQUEST",
        "HTTP_HX_CURRENT_URL", "HTTP_X_REQUESTED_WITH", "HTTP_SEC_FETCH_DEST", "HTTP_HOST",
        "QUERY_STRING", "HTTP_AUTHORIZATION",
    ]  # fmt: skip
    values = data.decode("latin-1").split("\n")
    environ = dict(zip(names, (value.replace("\r", "") for value in values), strict=False))
    for app in SITES:
        for path in PATHS:
            code, _body = ask(app, path, **environ)
            assert code in {200, 302, 400, 401, 403}


def next_target(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    with SITES[0].test_request_context(base_url="https://app.test"):
        target = safe_next(text)
        if target is not None:
            assert target.isascii()
            assert target.startswith("/")
            assert target[1:2] not in ("/", "\\")
            assert safe_next(target) == target


HARNESSES: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        session_cookie, cookie_header, remember_cookie, remember_payload, signed_session, headers,
        next_target,
    )
}  # fmt: skip
