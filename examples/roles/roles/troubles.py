"""Blueprint `troubles`: one page for each of the usual four, to read and to try."""

from __future__ import annotations

from flask import Blueprint, render_template, session
from flask.typing import ResponseReturnValue

from flask_porter import public

from .login_manager import SHARED

bp = Blueprint("troubles", __name__, url_prefix="/troubles")


@bp.get("/stranger")
@public
def stranger() -> ResponseReturnValue:
    return render_template("troubles/stranger.html")


@bp.get("/expiry")
@public
def expiry() -> ResponseReturnValue:
    return render_template("troubles/expiry.html", shared=session.get(SHARED))


@bp.get("/fresh")
@public
def fresh() -> ResponseReturnValue:
    return render_template("troubles/fresh.html")


@bp.get("/programs")
@public
def programs() -> ResponseReturnValue:
    return render_template("troubles/programs.html")
