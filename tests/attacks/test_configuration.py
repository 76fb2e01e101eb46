"""Attacks CF01 to CF11 on what an app is set to, where the account layer is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface

import flask_porter
from flask_porter import Porter, current_user, login_user
from flask_porter.errors import SetUpError
from flask_porter.models.upgrading import upgrade
from tests.attacks import page_sources
from tests.settings.configurations import STRONG_KEY

WEB = Path(flask_porter.__file__).parent / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
ASSETS = [
    path
    for path in sorted([*(WEB / "static").rglob("*"), *(WEB / "templates").rglob("*.css")])
    if path.suffix in {".css", ".js", ".svg"}
]

IN_PRODUCTION = {
    "SECRET_KEY": STRONG_KEY,
    "PORTER_BASE_URL": "https://shop.test",
    "PORTER_MAIL_URL": "smtps://us:them@mail.test",
}


def start(folder: Path, *, debug: bool = False, **config: Any) -> Flask:
    """Start an app that is in production but for what is said."""
    app = Flask("shop", instance_path=str(folder))
    app.debug = debug
    app.config.update({**IN_PRODUCTION, **config})
    Porter(app)
    return app


def test_cf01_production_starts_with_cookies_for_this_host_alone(tmp_path: Path) -> None:
    app = start(tmp_path)
    cookie = app.session_interface
    assert cookie.get_cookie_name(app) == "__Host-session"
    assert cookie.get_cookie_secure(app)
    assert cookie.get_cookie_httponly(app)
    assert cookie.get_cookie_samesite(app) == "Lax"
    assert cookie.get_cookie_path(app) == "/"


@pytest.mark.parametrize(
    ("fix", "config"),
    [
        ("token_hex", {"SECRET_KEY": None}),
        ("token_hex", {"SECRET_KEY": "dev"}),
        ("token_hex", {"SECRET_KEY": "change-me-change-me-change-me-change-me"}),
        ("token_hex", {"SECRET_KEY_FALLBACKS": ["dev"]}),
        ("without --debug", {"debug": True, "PORTER_MODE": "production"}),
        ("Set PORTER_BASE_URL", {"PORTER_BASE_URL": None}),
        ("begin with https:", {"PORTER_BASE_URL": "http://shop.test"}),
        ("Set PORTER_MAIL_URL", {"PORTER_MAIL_URL": None}),
        ("Write 'smtps:", {"PORTER_MAIL_URL": "mailbox:"}),
        ("SESSION_COOKIE_HTTPONLY", {"SESSION_COOKIE_HTTPONLY": False}),
        ("SESSION_COOKIE_DOMAIN", {"SESSION_COOKIE_DOMAIN": "shop.test"}),
        ("SESSION_COOKIE_SAMESITE", {"SESSION_COOKIE_SAMESITE": "None"}),
        ("flask porter calibrate", {"PORTER_ARGON2_MEMORY_KIB": 8192}),
        ("LOGIN_DISABLED", {"LOGIN_DISABLED": True}),
    ],
)
def test_cf01_an_unsafe_production_does_not_start(
    tmp_path: Path, fix: str, config: dict[str, Any]
) -> None:
    with pytest.raises(SetUpError, match=fix):
        start(tmp_path, **config)


@pytest.mark.parametrize(
    ("older", "guessed"), [(STRONG_KEY[::-1], STRONG_KEY[-1]), ([""], ""), (["", STRONG_KEY], "")]
)
def test_cf01_no_letter_of_an_older_key_and_no_empty_one_signs_a_session(
    tmp_path: Path, older: object, guessed: str
) -> None:
    app = start(tmp_path, SECRET_KEY_FALLBACKS=older)
    app.add_url_rule("/", view_func=lambda: dict(session))
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    serializer.secret_keys = [guessed.encode()]
    client = app.test_client()
    client.set_cookie("__Host-session", serializer.dumps({"forged": True}))
    assert client.get("/", base_url="https://localhost").json == {}


def test_cf01_development_answers_this_machine_alone(tmp_path: Path) -> None:
    app = start(tmp_path, PORTER_MODE="development", PORTER_MAIL_URL="mailbox:")
    app.add_url_rule("/", view_func=lambda: "Welcome")
    client = app.test_client()
    assert client.get("/", base_url="http://localhost").text == "Welcome"
    assert client.get("/", base_url="http://shop.test").status_code == 403
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    answer = client.get("/", base_url="http://localhost", environ_base=elsewhere)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("PORTER_BASEURL", "PORTER_BASE_URL"),
        ("PORTER_THROTTLE", "PORTER_THROTTLES"),
        ("PORTER_REQUIRE_VERIFICATION", "PORTER_REQUIRE_VERIFIED"),
    ],
)
def test_cf08_an_unknown_key_stops_the_start(tmp_path: Path, wrong: str, nearest: str) -> None:
    with pytest.raises(SetUpError, match=f"^{wrong} is no setting. Do you mean {nearest}[?]$"):
        start(tmp_path, **{wrong: True})


def members_club(folder: Path, name: str, prefix: str) -> Flask:
    """Start an app with one member, who is called like it."""
    app = start(folder, PORTER_APP_NAME=name, PORTER_URL_PREFIX=prefix)
    accounts = app.extensions["porter"].accounts
    upgrade(accounts.database, accounts.models)
    with accounts.database.open_session() as session:
        now = datetime.now(UTC)
        key = f"{name}@club.test"
        accounts.within(session).users.add(email=key, email_key=key, email_verified_at=now)
        session.commit()

    @app.get("/in")
    def come_in() -> str:
        return str(login_user(accounts.database.app_session().get(accounts.models.user, 1)))

    @app.get("/who")
    def who() -> str:
        return current_user.email if current_user.is_authenticated else "nobody"

    return app


def test_cf09_two_apps_of_one_key_share_nothing(tmp_path: Path) -> None:
    one = members_club(tmp_path / "one", "one", "/one")
    two = members_club(tmp_path / "two", "two", "/two")
    first, second = one.test_client(), two.test_client()
    shop = "https://shop.test"
    with one.app_context(), two.app_context():
        assert first.get("/in", base_url=shop).text == "True"
        assert first.get("/who", base_url=shop).text == "one@club.test"
        assert second.get("/who", base_url=shop).text == "nobody"
    name = "__Host-session"
    cookie = first.get_cookie(name, domain="shop.test")
    assert cookie is not None
    second.set_cookie(name, cookie.value, domain="shop.test", secure=True)
    assert second.get("/who", base_url=shop).text == "nobody"
    assert first.get("/who", base_url=shop).text == "one@club.test"
    assert one.extensions["porter"].accounts.settings.app_name == "one"
    assert two.extensions["porter"].accounts.settings.app_name == "two"
    assert second.get("/one/login", base_url=shop).status_code == 404


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_cf11_no_template_loads_from_elsewhere_or_runs_inline(path: Path) -> None:
    is_mail = path.parent.name == "mail"
    assert page_sources.in_page(path.read_text(), is_mail=is_mail) == []


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_cf11_no_asset_loads_from_elsewhere(path: Path) -> None:
    assert page_sources.in_asset(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<script src="https://cdn.test/x.js" nonce="{{ nonce }}"></script>',
        '<script src="//cdn.test/x.js" nonce="{{ nonce }}"></script>',
        "<script>alert(1)</script>",
        '<p onclick="go()">',
        '<p {% if a %}onmouseover="go()"{% endif %}>',
        '<p style="color: red">',
        '<link rel="stylesheet" href="https://cdn.test/x.css">',
        '<a href="javascript:go()">',
        '<form action="https://evil.test">',
        '<img srcset="//cdn.test/a.png 2x">',
        "<style>@import 'x.css';</style>",
        "<style>p { background: url(https://cdn.test/a.png) }</style>",
        '<iframe srcdoc="x"></iframe>',
        '<iframe sandbox="allow-scripts" srcdoc="x"></iframe>',
        '<base href="/">',
        '<img src="data:text/html,x">',
        '<a href="data:image/svg+xml,x">',
    ],
)
def test_cf11_what_is_planted_is_found(planted: str) -> None:
    assert page_sources.in_page(planted) != []


def test_cf11_a_picture_planted_in_a_mail_is_found() -> None:
    assert page_sources.in_page('<img src="{{ pixel }}">', is_mail=True) != []
    assert page_sources.in_page('<p style="margin:0">', is_mail=True) == []
    assert TEMPLATES
    assert ASSETS
