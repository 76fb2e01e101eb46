"""Blueprint `troubles`: one page for each of the usual four, to read and to try."""

from __future__ import annotations

from collections.abc import Callable
from inspect import getsource
from textwrap import dedent
from typing import Any

from flask import Blueprint, render_template, session
from flask.typing import ResponseReturnValue

from flask_porter import current_user, public

from . import account, endings, login_manager
from .models import User

bp = Blueprint("troubles", __name__, url_prefix="/troubles")


def source_of(*pieces: Callable[..., Any]) -> str:
    """Return how these are written, so that no page shows what does not run."""
    return "\n\n".join(dedent(getsource(piece)).strip() for piece in pieces)


@bp.get("/stranger")
@public
def stranger() -> ResponseReturnValue:
    code = source_of(login_manager.init_app, login_manager.ask_to_log_in)
    return render_template("troubles/stranger.html", code=code)


@bp.get("/expiry")
@public
def expiry() -> ResponseReturnValue:
    shared = current_user.is_authenticated and session.get(login_manager.SHARED)
    code = source_of(login_manager.DeskLoginManager, endings.init_app, endings.note)
    return render_template("troubles/expiry.html", shared=shared, code=code)


@bp.get("/fresh")
@public
def fresh() -> ResponseReturnValue:
    code = source_of(User.get_session_stamp, User.end_log_ins, account.change_password)
    return render_template("troubles/fresh.html", code=code)


@bp.get("/programs")
@public
def programs() -> ResponseReturnValue:
    code = source_of(login_manager.load_user_from_header)
    return render_template("troubles/programs.html", code=code)
