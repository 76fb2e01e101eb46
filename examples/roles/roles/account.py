"""Blueprint `account`: what changes who can get in, so the password must be fresh."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from flask_porter import current_user, fresh_login_required, renew_stamp

from .database import db
from .fields import FieldsRefused, read_fields
from .settings import FRESH_FOR

bp = Blueprint("account", __name__, url_prefix="/account")

fresh_password_required = fresh_login_required(within=FRESH_FOR)


@bp.get("/password")
@fresh_password_required
def password() -> ResponseReturnValue:
    return render_template("account/password.html")


@bp.put("/password")
@fresh_password_required
def change_password() -> ResponseReturnValue:
    typed = read_fields("password", "repeat")
    if len(typed["password"]) < 8:
        raise FieldsRefused({"password": "A password has at least 8 characters."})
    if typed["password"] != typed["repeat"]:
        raise FieldsRefused({"repeat": "The two passwords differ."})
    current_user.password = typed["password"]
    db.session.commit()
    # Every log-in of this user has just ended; this browser keeps its own.
    renew_stamp(current_user)
    flash("Your password is changed. Your other browsers are logged out.", "success")
    return {"go": url_for("troubles.fresh")}


@bp.delete("/other-log-ins")
@fresh_password_required
def end_other_log_ins() -> ResponseReturnValue:
    current_user.end_log_ins()
    db.session.commit()
    renew_stamp(current_user)
    flash("Your other browsers are logged out.", "success")
    return {"go": url_for("troubles.fresh")}


@bp.post("/api-key")
@fresh_password_required
def issue_api_key() -> ResponseReturnValue:
    key = current_user.issue_api_key()
    db.session.commit()
    return {"key": key, "message": "This is your new key. Copy it now, it is not shown again."}
