"""The forms of the `auth` pages; the commands check what is typed with the same ones."""

from __future__ import annotations

from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from wtforms import BooleanField, EmailField, Field, PasswordField, StringField, SubmitField
from wtforms.validators import Email, EqualTo, InputRequired, Length, Regexp, ValidationError

from ..database import db
from ..models import Role, User, find_user, normalize


def spelled_once(name: str | None) -> str | None:
    return normalize(name) if name else name


def email_field() -> EmailField:
    return EmailField(
        "E-mail",
        filters=[spelled_once],
        validators=[
            InputRequired("Enter an e-mail address."),
            Length(max=254, message="An e-mail address has at most 254 characters."),
            Email("Enter an e-mail address such as name@example.com."),
        ],
        render_kw={"autocomplete": "username"},
    )


def password_field(label: str, autocomplete: str, *, shortest: int = 1) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired("Enter a password."),
            Length(shortest, 128, f"A password has {shortest} to 128 characters."),
        ],
        # With a maxlength the browser would cut a password that is too long, and not say so.
        render_kw={"autocomplete": autocomplete, "minlength": False, "maxlength": False},
    )


class LoginForm(FlaskForm):
    refusal = "Wrong e-mail or password."

    email = email_field()
    password = password_field("Password", "current-password")
    remember = BooleanField("Remember me")
    submit = SubmitField("Log in")


class ReauthenticationForm(FlaskForm):
    password = password_field("Password", "current-password")
    submit = SubmitField("Continue")


class NewPasswordForm(FlaskForm):
    password = password_field("New password", "new-password", shortest=8)
    repeat = PasswordField(
        "The same again",
        validators=[EqualTo("password", "The two passwords differ.")],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Change password")


class RegistrationForm(NewPasswordForm):
    username = StringField(
        "Username",
        filters=[spelled_once],
        validators=[
            InputRequired("Choose a username."),
            Length(max=64, message="A username has at most 64 characters."),
            Regexp(
                r"[a-z][a-z0-9_.-]*\Z",
                message="Use letters from a to z, digits, dots, dashes and underscores; "
                "begin with a letter.",
            ),
        ],
        # Not "username": a password manager must remember the e-mail address.
        render_kw={"autocomplete": "nickname"},
    )
    email = email_field()
    password = password_field("Password", "new-password", shortest=8)
    submit = SubmitField("Register")

    def validate_email(self, field: Field) -> None:
        if not field.errors and find_user(email=field.data):
            raise ValidationError("This e-mail address is registered already.")

    def validate_username(self, field: Field) -> None:
        if not field.errors and find_user(username=field.data):
            raise ValidationError("This username is taken.")

    def save(self, role: str = "member") -> bool:
        """Add the user; False, with the reason beside its field, when somebody was quicker."""
        user = User(
            username=self.username.data,
            email=self.email.data,
            password=self.password.data,
            role=db.session.scalar(select(Role).filter_by(name=role)),
        )
        db.session.add(user)
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()
            self.validate()
            return False
        return True
