"""`install_as_flask_login()` takes the name only while nobody holds the original."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import pytest

import flask_porter


@pytest.fixture
def nobody_has_asked() -> Iterator[None]:
    """Forget the imported Flask-Login, and give everything back at the end."""
    before = {name: sys.modules.pop(name) for name in held()}
    yield
    for name in held():
        del sys.modules[name]
    sys.modules.update(before)


def held() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "flask_login"]


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_name_is_ours_from_then_on(nobody_has_asked: None) -> None:
    flask_porter.install_as_flask_login()
    assert import_module("flask_login").LoginManager is flask_porter.LoginManager
    assert len(held()) == 8


def test_it_may_be_called_again(nobody_has_asked: None) -> None:
    flask_porter.install_as_flask_login()
    before = import_module("flask_login")
    flask_porter.install_as_flask_login()
    assert import_module("flask_login") is before


@pytest.mark.parametrize("name", ["flask_login", "flask_login.config"])
def test_it_refuses_when_the_original_is_already_imported(
    nobody_has_asked: None, name: str
) -> None:
    original = import_module(name)
    before = {name: sys.modules[name] for name in held()}
    with pytest.raises(RuntimeError, match=r"already imported.*install_as_flask_login\(\).* first"):
        flask_porter.install_as_flask_login()
    assert {name: sys.modules[name] for name in held()} == before
    assert sys.modules[name] is original


def test_it_refuses_after_an_extension_that_has_imported_the_original() -> None:
    program = """
import flask_security, flask_porter
try:
    flask_porter.install_as_flask_login()
except RuntimeError as error:
    print(error)
"""
    assert "install_as_flask_login()" in run(program)


def test_an_import_of_ours_alone_leaves_the_name_to_the_original() -> None:
    program = """
import sys
import flask_porter
assert not [name for name in sys.modules if name.startswith("flask_login")]
import flask_login
print(flask_login.__file__)
"""
    assert "flask_login" in run(program)


def test_the_original_need_not_be_on_the_machine() -> None:
    program = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "flask_login":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Nowhere())
import flask_porter
flask_porter.install_as_flask_login()
import flask_login.utils, flask_login.__about__
from flask_login.login_manager import LoginManager
print(LoginManager is flask_porter.LoginManager)
"""
    assert run(program) == "True"
