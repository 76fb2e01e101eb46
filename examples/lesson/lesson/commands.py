"""The commands `flask init-db`, `flask add-user` and `flask set-password`."""

from __future__ import annotations

import base64
import hmac
import os
from textwrap import wrap

import click
from flask import Blueprint, current_app
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from .auth.forms import NewPasswordForm, RegistrationForm
from .database import db
from .models import Role, User, find_user, normalize

bp = Blueprint("commands", __name__, cli_group=None)

DEMO = {"member": "ada", "administrator": "grace"}


@bp.cli.command("init-db")
def init_db() -> None:
    """Create the tables and two demo users, and tell how to log in. Run it as often as you like."""
    db.create_all()
    port = os.environ.get("FLASK_RUN_PORT", "5000")
    click.echo(f"\nThe database is ready. Log in at http://localhost:{port}/auth/login\n")
    for role_name, username in DEMO.items():
        role = db.session.scalar(select(Role).filter_by(name=role_name)) or Role(name=role_name)
        email = f"{username}@example.com"
        password = demo_password(email)
        user = find_user(email=email)
        if user is None:
            user = User(email=email, username=username, password=password, role=role)
            db.session.add(user)
        shown = password if user.check_password(password) else "(the password you chose)"
        click.echo(f"  {role_name:<15}{email:<20}{shown}")
    db.session.commit()
    click.echo()


def demo_password(email: str) -> str:
    """Return this installation's password for a demo user.

    It is derived from the secret key: another for each installation, the same at each run, and
    written down nowhere.
    """
    key = current_app.config["SECRET_KEY"].encode()
    mac = hmac.digest(key, f"demo password of {email}".encode(), "sha256")
    return "-".join(wrap(base64.b32encode(mac).decode().lower()[:15], 5))


@bp.cli.command("add-user")
@click.option("--email", prompt="E-mail")
@click.option("--username", prompt=True)
@click.password_option()
@click.option("--administrator", is_flag=True)
def add_user(email: str, username: str, password: str, administrator: bool) -> None:
    """Add a user; the password is asked for twice and not shown."""
    typed = {"email": email, "username": username, "password": password, "repeat": password}
    form = RegistrationForm(MultiDict(typed), meta={"csrf": False})
    if not form.validate() or not form.save("administrator" if administrator else "member"):
        raise refusal(form)
    click.echo(f"Added {form.username.data}.")


@bp.cli.command("set-password")
@click.argument("email")
@click.password_option()
def set_password(email: str, password: str) -> None:
    """Give the user with this e-mail address a new password and end their sessions."""
    user = find_user(email=normalize(email))
    if user is None:
        raise click.ClickException(f"Nobody has the e-mail address {email}.")
    typed = {"password": password, "repeat": password}
    form = NewPasswordForm(MultiDict(typed), meta={"csrf": False})
    if not form.validate():
        raise refusal(form)
    user.password = password
    db.session.commit()
    click.echo(f"{user.username} has a new password.")


def refusal(form: FlaskForm) -> click.ClickException:
    return click.ClickException(" ".join(text for texts in form.errors.values() for text in texts))
