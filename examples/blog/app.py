"""The smallest site with a log-in: `flask run` in this folder, then http://localhost:5000.

The user is `ada`; the password is in BLOG_PASSWORD, or printed when the application starts.
"""

from __future__ import annotations

import os
import secrets

from flask import Flask, Request, flash, redirect, render_template_string, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.security import check_password_hash, generate_password_hash

from flask_porter import LoginManager, UserMixin, login_required, login_user, logout_user, safe_next

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ.get("SECRET_KEY") or secrets.token_hex()
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"  # no other site can post with our cookie
login_manager = LoginManager(app)
login_manager.login_view = "login"


class User(UserMixin):
    def __init__(self, name: str, password: str) -> None:
        self.id = name
        self.password_hash = generate_password_hash(password)

    def check_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)


password = os.environ.get("BLOG_PASSWORD")
if not password:
    password = secrets.token_urlsafe(9)
    print(f"Log in as ada with the password {password}")
users = {"ada": User("ada", password)}
nobody = User("nobody", secrets.token_hex())


def find_user(name: str, password: str) -> User | None:
    """Return the user; an unknown name takes as long as a wrong password."""
    user = users.get(name, nobody)
    return user if user.check_password(password) and user is not nobody else None


@login_manager.user_loader
def load_user(name: str) -> User | None:
    return users.get(name)


@login_manager.request_loader
def load_user_from_request(request: Request) -> User | None:
    """Let a program in by HTTP Basic: curl -u ada http://localhost:5000/drafts."""
    given = request.authorization
    if given is None or given.type != "basic":
        return None
    return find_user(given.username or "", given.password or "")


@app.get("/")
def index() -> str:
    return render_template_string(PAGE)


@app.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    if request.method == "GET":
        return render_template_string(PAGE)
    user = find_user(request.form["username"], request.form["password"])
    if user is None:
        flash("Wrong username or password.")
        return redirect(url_for("login", next=request.args.get("next")), 303)
    login_user(user)
    return redirect(safe_next(request.args.get("next")) or url_for("drafts"), 303)


@app.post("/logout")
def logout() -> ResponseReturnValue:
    logout_user()
    return redirect(url_for("index"), 303)


@app.get("/drafts")
@login_required
def drafts() -> str:
    return render_template_string(PAGE)


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Blog</title>
<link rel="icon" href="data:,">
<main>
<h1>Hello, {{ current_user.id if current_user.is_authenticated else "stranger" }}</h1>
<p><a href="{{ url_for('index') }}">Home</a> <a href="{{ url_for('drafts') }}">Drafts</a></p>
{% for message in get_flashed_messages() %}<p role="status">{{ message }}</p>{% endfor %}
{% if request.endpoint == "login" %}
  <form method="post">
    <input name="username" placeholder="Username" aria-label="Username"
           autocomplete="username" required>
    <input name="password" type="password" placeholder="Password" aria-label="Password"
           autocomplete="current-password" required>
    <button>Log in</button>
  </form>
{% elif request.endpoint == "drafts" %}
  <p>Nobody else reads these drafts.</p>
{% endif %}
{% if current_user.is_authenticated %}
  <form method="post" action="{{ url_for('logout') }}"><button>Log out</button></form>
{% endif %}
</main>
</html>
"""
