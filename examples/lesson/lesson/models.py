"""What the application keeps: people and their roles."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates
from werkzeug.security import check_password_hash, generate_password_hash

from flask_porter import UserMixin

from .database import db


class Role(db.Model):  # type: ignore[name-defined]
    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    users: Mapped[list[User]] = relationship(back_populates="role")

    def __repr__(self) -> str:
        return f"<Role {self.name}>"


class User(UserMixin, db.Model):  # type: ignore[name-defined]
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True, index=True)
    username: Mapped[str] = mapped_column(String(64), unique=True, index=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    login_id: Mapped[str] = mapped_column(String(32), unique=True, index=True)
    api_key_id: Mapped[str | None] = mapped_column(String(16), unique=True, index=True)
    api_key_digest: Mapped[str | None] = mapped_column(String(64))
    role_id: Mapped[int | None] = mapped_column(ForeignKey("roles.id"))
    role: Mapped[Role | None] = relationship(back_populates="users")

    def __repr__(self) -> str:
        return f"<User {self.username}>"

    def get_id(self) -> str:
        """Return what the session remembers: a random name that a new password replaces."""
        return self.login_id

    @property
    def is_administrator(self) -> bool:
        return self.role is not None and self.role.name == "administrator"

    @validates("email", "username")
    def _normalize(self, _key: str, name: str) -> str:
        return normalize(name)

    @property
    def password(self) -> str:
        raise AttributeError("A password can be set and checked, never read.")

    @password.setter
    def password(self, password: str) -> None:
        self.password_hash = generate_password_hash(typed(password))
        # Sessions and remember cookies name the old login_id: all of them end here.
        self.login_id = secrets.token_urlsafe(16)

    def check_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, typed(password))

    def issue_api_key(self) -> str:
        """Replace the API key and return the new one; only its digest is kept."""
        self.api_key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        self.api_key_digest = digest(secret)
        return f"{self.api_key_id}.{secret}"


# Checked when nobody has the e-mail address, so that the answer takes as long as for a real one.
NOBODY = generate_password_hash(secrets.token_hex())


def find_user(**column: str) -> User | None:
    """Return the user with this value in a unique column."""
    return db.session.execute(select(User).filter_by(**column)).scalar_one_or_none()


def find_by_password(email: str, password: str) -> User | None:
    """Return the user with this e-mail address and password."""
    user = find_user(email=normalize(email))
    if user is None:
        check_password_hash(NOBODY, typed(password))
        return None
    return user if user.check_password(password) else None


def find_by_api_key(key: str) -> User | None:
    """Return the user whose API key this is: found by its name, admitted by its secret."""
    name, _, secret = key.partition(".")
    user = find_user(api_key_id=name) if name.isalnum() else None
    if user and user.api_key_digest and hmac.compare_digest(user.api_key_digest, digest(secret)):
        return user
    return None


def normalize(name: str) -> str:
    """Return one spelling for an e-mail address or username, however it was typed."""
    return unicodedata.normalize("NFC", name.strip().lower())


def typed(password: str) -> str:
    """Return one spelling for a password, whichever keyboard it came from (SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
