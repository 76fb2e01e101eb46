"""The command `flask init-db`."""

from __future__ import annotations

import base64
import hmac
import os
from textwrap import wrap

import click
from flask import Blueprint, current_app
from sqlalchemy import select

from .database import db
from .models import Role, User, find_user

bp = Blueprint("commands", __name__, cli_group=None)

DEMO = {
    "Ada": [],
    "Grace": ["editor"],
    "Alan": ["administrator", "editor"],
}


@bp.cli.command("init-db")
def init_db() -> None:
    """Create the tables and three demo users, if need be, and tell how to log in."""
    db.create_all()
    port = os.environ.get("FLASK_RUN_PORT", "5000")
    click.echo(f"\nThe database is ready. Log in at http://localhost:{port}/log-in\n")
    for name, roles in DEMO.items():
        email = f"{name.lower()}@example.com"
        password = demo_password(email)
        user = find_user(email=email)
        if user is None:
            held = [find_role(role) for role in roles]
            user = User(email=email, name=name, password=password, held=held)
            db.session.add(user)
        shown = password if user.check_password(password) else "(the password you chose)"
        click.echo(f"  {email:<20}{shown:<26}{', '.join(roles) or 'no role'}")
    db.session.commit()
    click.echo()


def find_role(name: str) -> Role:
    """Return the role of this name, a new one if need be."""
    role = db.session.scalar(select(Role).filter_by(name=name))
    if role is None:
        role = Role(name=name)
        db.session.add(role)
    return role


def demo_password(email: str) -> str:
    """Return this installation's password for a demo user.

    It is derived from the secret key: another for each installation, the same at each run, and
    written down nowhere.
    """
    key = current_app.config["SECRET_KEY"].encode()
    mac = hmac.digest(key, f"demo password of {email}".encode(), "sha256")
    return "-".join(wrap(base64.b32encode(mac).decode().lower()[:15], 5))
