"""The pages of the blueprint `auth`: GET shows a form, POST acts and redirects."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from flask_porter import (
    confirm_login,
    current_user,
    fresh_login_required,
    login_remembered,
    login_required,
    login_user,
    logout_user,
    safe_next,
)

from ..database import db
from ..models import User, find_by_password
from .forms import LoginForm, NewPasswordForm, ReauthenticationForm, RegistrationForm

bp = Blueprint("auth", __name__, url_prefix="/auth")


def back() -> ResponseReturnValue:
    """Redirect to where the visitor came from, if that is a page of this site."""
    return redirect(safe_next(request.args.get("next", "")) or url_for("main.index"), 303)


def again(view: str) -> ResponseReturnValue:
    """Redirect to the form once more, so that a reload sends no password."""
    return redirect(url_for(view, next=request.args.get("next")), 303)


@bp.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("main.index"), 303)
    form = RegistrationForm()
    if form.validate_on_submit() and form.save():
        flash("Welcome! You can log in now.", "success")
        return redirect(url_for("auth.login"), 303)
    return render_template("auth/register.html", form=form)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return back()
    form = LoginForm(email=session.pop("typed_email", None))
    if form.validate_on_submit():
        user = find_by_password(form.email.data, form.password.data)
        if user and login_user(user, remember=form.remember.data):
            return back()
        session["typed_email"] = form.email.data
        flash(LoginForm.refusal, "error")
        return again("auth.login")
    return render_template("auth/login.html", form=form)


@bp.route("/logout", methods=["GET", "POST"])
def logout() -> ResponseReturnValue:
    # A link or an image on another site can make a browser GET: only the button logs out.
    if request.method != "POST":
        return render_template("auth/logout.html")
    logout_user()
    flash("You are logged out.", "success")
    return redirect(url_for("main.index"), 303)


@bp.route("/reauthenticate", methods=["GET", "POST"])
@login_required
def reauthenticate() -> ResponseReturnValue:
    form = ReauthenticationForm()
    if form.validate_on_submit():
        if current_user.check_password(form.password.data):
            confirm_login()
            return back()
        flash("Wrong password.", "error")
        return again("auth.reauthenticate")
    return render_template("auth/reauthenticate.html", form=form)


@bp.route("/change-password", methods=["GET", "POST"])
@fresh_login_required
def change_password() -> ResponseReturnValue:
    form = NewPasswordForm()
    if form.validate_on_submit():
        user = db.session.get_one(User, current_user.id)
        user.password = form.password.data
        db.session.commit()
        # Every session of this user has just ended: begin a new one here.
        login_user(user, remember=login_remembered())
        flash("Your password is changed. Other browsers are logged out.", "success")
        return redirect(url_for("main.members"), 303)
    return render_template("auth/change_password.html", form=form)
