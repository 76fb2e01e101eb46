"""What a manager does to the app that it works for."""

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from flask_porter import LoginManager
from flask_porter.login.cookie_session import CookieSessionInterface


@pytest.mark.parametrize(
    ("switch", "interface"),
    [(True, CookieSessionInterface), (False, SecureCookieSessionInterface)],
)
def test_flasks_own_session_interface_stays_where_it_is_asked_for(
    switch: bool, interface: type
) -> None:
    app = Flask("any")
    app.config["LOGIN_COOKIE_SESSION"] = switch
    LoginManager(app)
    assert type(app.session_interface) is interface
