"""`current_user` in templates."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from flask import Flask, render_template_string
from flask.testing import FlaskClient


def test_the_context_processor_names_the_current_user(
    app: Flask, library: ModuleType, submodule: Callable[[str], Any]
) -> None:
    processor = submodule("utils")._user_context_processor
    with app.test_request_context():
        assert app.context_processor(processor) is processor
        assert isinstance(processor()["current_user"], library.AnonymousUserMixin)


def test_a_template_sees_who_is_logged_in(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    @app.get("/hello")
    def hello() -> str:
        return render_template_string(
            "{% if current_user.is_authenticated %}{{ current_user.name }}{% else %}you{% endif %}"
        )

    assert client.get("/hello").text == "you"
    client.get("/login?id=1")
    assert client.get("/hello").text == "Ada"


def test_a_template_sees_a_login_of_the_same_request(
    app: Flask, client: FlaskClient, library: ModuleType, members: dict[str, Any]
) -> None:
    @app.get("/enter")
    def enter() -> str:
        library.login_user(members["1"])
        return render_template_string("{{ current_user.name }}")

    assert client.get("/enter").text == "Ada"


def test_a_macro_imported_with_context_sees_it_too(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    @app.get("/macro")
    def macro() -> str:
        return render_template_string(
            "{% macro name() %}{{ current_user.name }}{% endmacro %}{{ name() }}"
        )

    client.get("/login?id=1")
    assert client.get("/macro").text == "Ada"


def test_an_app_may_do_without(library: ModuleType) -> None:
    app = Flask("bare")
    before = list(app.template_context_processors[None])
    library.LoginManager(app, add_context_processor=False)
    assert app.template_context_processors[None] == before
    library.LoginManager().init_app(app, add_context_processor=False)
    assert app.template_context_processors[None] == before


def test_one_is_registered_otherwise(library: ModuleType, submodule: Callable[[str], Any]) -> None:
    app = Flask("bare")
    library.LoginManager(app)
    processor = submodule("utils")._user_context_processor
    assert processor in app.template_context_processors[None]


def test_outside_a_request_a_template_sees_nobody(app: Flask, library: ModuleType) -> None:
    with app.app_context():
        assert render_template_string("{{ 'somebody' if current_user else 'nobody' }}") == "nobody"
