"""`install_as_flask_login()`: whoever imports `flask_login` from then on gets ours."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib import import_module
from textwrap import dedent
from typing import Any
from unittest.mock import Mock, patch

import pytest
from flask import Flask, Response, session

MODULES = [
    "flask_login",
    "flask_login.__about__",
    "flask_login.config",
    "flask_login.login_manager",
    "flask_login.mixins",
    "flask_login.signals",
    "flask_login.test_client",
    "flask_login.utils",
]


def run(script: str) -> None:
    """Run the script in a process of its own, where a failed assertion is an error."""
    command = [sys.executable, "-W", "error", "-c", dedent(script)]
    subprocess.run(command, check=True, timeout=60)


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_answered_by_us(module: str) -> None:
    run(f"""
        import sys
        import flask_porter
        flask_porter.install_as_flask_login()
        import {module}
        assert sys.modules["{module}"].__name__ == "{module}"
        for name, found in sys.modules.items():
            if name.startswith("flask_login"):
                assert not hasattr(found, "__file__"), found
    """)


def test_every_released_name_is_ours() -> None:
    run("""
        import flask_porter
        flask_porter.install_as_flask_login()
        import flask_login, flask_login.utils
        from flask_login import *
        from flask_login.utils import login_required
        assert LoginManager is flask_porter.LoginManager
        assert flask_login.utils.current_user is flask_porter.current_user
        assert login_required is flask_porter.login_required
        for name in set(flask_login.__all__) - {"__version__"}:
            assert getattr(flask_login, name) is getattr(flask_porter, name), name
    """)


def test_classes_and_signals_are_the_same_objects() -> None:
    run("""
        import flask_porter
        flask_porter.install_as_flask_login()
        from flask_login import AnonymousUserMixin, UserMixin, user_logged_in
        from flask_login.signals import user_logged_in as the_same
        class Theirs(UserMixin): pass
        class Ours(flask_porter.UserMixin): pass
        assert isinstance(Theirs(), flask_porter.UserMixin)
        assert isinstance(Ours(), UserMixin)
        assert isinstance(flask_porter.AnonymousUserMixin(), AnonymousUserMixin)
        assert user_logged_in is the_same is flask_porter.user_logged_in
    """)


def test_an_extension_that_imports_it_works_on_our_manager() -> None:
    run("""
        import flask_porter
        flask_porter.install_as_flask_login()
        from flask import Flask
        from flask_login import LoginManager, UserMixin
        from flask_login import current_user, login_required, login_user
        class User(UserMixin):
            id = 1
        app = Flask("extension")
        app.secret_key = "deterministic"
        LoginManager(app).user_loader(lambda stored_id: User())
        app.add_url_rule("/in", "in", lambda: str(login_user(User())))
        app.add_url_rule("/who", "who", login_required(lambda: current_user.get_id()))
        client = app.test_client()
        assert client.get("/who").status_code == 401
        client.get("/in")
        assert client.get("/who").text == "1"
    """)


def test_installing_twice_is_installing_once() -> None:
    run("""
        import sys
        import flask_porter
        flask_porter.install_as_flask_login()
        import flask_login
        flask_porter.install_as_flask_login()
        assert sys.modules["flask_login"] is flask_login
    """)


@pytest.mark.parametrize("module", ["flask_login", "flask_login.config"])
def test_it_refuses_when_the_real_one_is_already_imported(module: str) -> None:
    run(f"""
        import {module}, flask_porter
        try:
            flask_porter.install_as_flask_login()
        except RuntimeError as error:
            assert "flask_porter.install_as_flask_login()" in str(error), error
            assert "{module}" in str(error), error
        else:
            raise SystemExit("installed over the real one")
        assert {module}.__file__
    """)


def test_a_module_that_flask_login_lacks_is_not_found() -> None:
    run("""
        import flask_porter
        flask_porter.install_as_flask_login()
        try:
            import flask_login.nonsense
        except ModuleNotFoundError as error:
            assert error.name == "flask_login.nonsense", error.name
        else:
            raise SystemExit("found")
    """)


def test_whoever_looks_whether_flask_login_is_there_finds_it() -> None:
    run("""
        import importlib.util
        import flask_porter
        flask_porter.install_as_flask_login()
        assert importlib.util.find_spec("flask_login") is not None
        assert importlib.util.find_spec("flask_login.utils") is not None
        assert importlib.import_module(".utils", "flask_login").current_user is not None
    """)


def facades() -> dict[str, Any]:
    modules: dict[str, Any] = import_module("flask_porter.login.compat").facades()
    return modules


def test_the_modules_can_be_had_without_installing_them() -> None:
    assert sorted(facades()) == sorted(MODULES)
    assert all(name == module.__name__ for name, module in facades().items())
    assert not isinstance(sys.modules.get("flask_login"), type(facades()["flask_login"]))


def test_it_installs_in_this_process_too_when_nothing_is_in_the_way() -> None:
    porter = import_module("flask_porter")
    with patch.dict(sys.modules):
        for name in [name for name in sys.modules if name.partition(".")[0] == "flask_login"]:
            del sys.modules[name]
        porter.install_as_flask_login()
        assert import_module("flask_login").LoginManager is porter.LoginManager
        assert import_module("flask_login.utils").login_user is porter.login_user
        porter.install_as_flask_login()


def test_it_refuses_in_this_process_where_the_real_one_is_imported() -> None:
    import_module("flask_login")
    with pytest.raises(RuntimeError, match="already imported"):
        import_module("flask_porter").install_as_flask_login()


def test_a_patched_name_is_patched_for_our_own_code_and_given_back() -> None:
    """Test suites replace names of Flask-Login's modules to steer what it does."""
    porter = import_module("flask_porter")
    utils = facades()["flask_login.utils"]
    original = utils._get_user
    nobody = porter.AnonymousUserMixin()
    with patch.object(utils, "_get_user", return_value=nobody):
        assert porter.current_user._get_current_object() is nobody
    assert utils._get_user is original
    assert porter.current_user._get_current_object() is None


def test_patches_within_patches_end_one_by_one() -> None:
    porter = import_module("flask_porter")
    utils = facades()["flask_login.utils"]
    original = utils._get_user
    with patch.object(utils, "_get_user", return_value="outer"):
        with patch.object(utils, "_get_user", return_value="inner"):
            assert porter.current_user == "inner"
        assert porter.current_user == "outer"
    assert utils._get_user is original


def test_a_clock_that_only_knows_now_can_be_put_in_place_and_is_given_back() -> None:
    porter = import_module("flask_porter")
    module = facades()["flask_login.login_manager"]
    app = Flask("clock")
    app.secret_key = "deterministic"
    app.config["REMEMBER_COOKIE_DURATION"] = timedelta(days=1)
    manager = porter.LoginManager(app)

    def issue() -> str:
        response = Response()
        with app.test_request_context():
            session["_user_id"] = 1
            manager._set_cookie(response)
        return response.headers["Set-Cookie"]

    with patch.object(module, "datetime", Mock(spec=["now"])) as clock:
        clock.now.return_value = datetime(2031, 3, 4, 5, 6, 7, tzinfo=UTC)
        assert "Expires=Wed, 05 Mar 2031 05:06:07 GMT" in issue()
    assert "Expires=Wed, 05 Mar 2031" not in issue()


def test_a_name_that_is_not_ours_can_be_added_and_taken_away() -> None:
    utils = facades()["flask_login.utils"]
    utils.added_by_an_app = "here"
    assert utils.added_by_an_app == "here"
    del utils.added_by_an_app
    assert not hasattr(utils, "added_by_an_app")
    with pytest.raises(AttributeError, match="added_by_an_app"):
        del utils.added_by_an_app
