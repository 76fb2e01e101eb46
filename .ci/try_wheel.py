"""Tries the installed wheel as a stranger would: imports it, reads its names, logs somebody in."""

from importlib import metadata, resources

from flask import Flask

import flask_porter
from flask_porter import LoginManager, UserMixin, current_user, login_required, login_user

FLASK_LOGIN_NAMES = """
    COOKIE_DURATION COOKIE_HTTPONLY COOKIE_NAME COOKIE_SECURE ID_ATTRIBUTE LOGIN_MESSAGE
    LOGIN_MESSAGE_CATEGORY REFRESH_MESSAGE REFRESH_MESSAGE_CATEGORY AUTH_HEADER_NAME
    LoginManager AnonymousUserMixin UserMixin FlaskLoginClient
    session_protected user_accessed user_loaded_from_cookie user_loaded_from_request
    user_logged_in user_logged_out user_login_confirmed user_needs_refresh user_unauthorized
    confirm_login current_user decode_cookie encode_cookie fresh_login_required login_fresh
    login_remembered login_required login_url login_user logout_user make_next_param
    set_login_view __version__
""".split()


def check(holds: bool, what: str) -> None:
    """Stop with `what` unless it holds; `assert` would vanish under -O."""
    if not holds:
        raise SystemExit(f"The wheel is wrong: {what}")


package = resources.files(flask_porter)
missing = [name for name in FLASK_LOGIN_NAMES if not hasattr(flask_porter, name)]
installed = {distribution.name.lower() for distribution in metadata.distributions()}

check("site-packages" in str(package), f"imported from {package}")
check(not missing, f"lacks {missing}")
check(metadata.version("flask-porter") == flask_porter.__version__, "two versions")
check(package.joinpath("py.typed").is_file(), "no py.typed")
check("flask-login" not in installed, "the environment has the real Flask-Login")
check("sqlalchemy" not in installed, "the environment has the packages of the account layer")
try:
    from flask_porter import Porter
except ImportError as error:
    check('pip install "flask-porter[accounts]"' in str(error), f"Porter says only: {error}")
else:
    check(False, f"{Porter} needs no package")


class User(UserMixin):
    """Somebody."""

    id = "ada"


app = Flask(__name__)
app.secret_key = "a key for one process"
manager = LoginManager(app)
manager.user_loader({"ada": User()}.get)


@app.post("/login")
def login() -> str:
    """Log in."""
    return str(login_user(User(), remember=True))


@app.get("/")
@login_required
def index() -> str:
    """Greet."""
    return str(current_user.get_id())


client = app.test_client()
check(client.get("/").status_code == 401, "a stranger got in")
check(client.post("/login").text == "True", "nobody can log in")
check(client.get("/").text == "ada", "the log-in did not last")
client.delete_cookie("session")
check(client.get("/").text == "ada", "nobody is remembered")
print(f"flask-porter {flask_porter.__version__} works from its wheel")
