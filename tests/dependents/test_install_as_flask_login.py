"""The name `flask_login` is the original's, until the program gives it to us."""

import subprocess
import sys


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


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
