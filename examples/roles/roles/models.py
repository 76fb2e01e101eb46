"""What the application keeps: people, and the roles they hold."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

from sqlalchemy import Column, ForeignKey, String, Table, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates
from werkzeug.security import check_password_hash, generate_password_hash

from flask_porter import UserMixin

from .database import db

held_roles = Table(
    "held_roles",
    db.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(db.Model):  # type: ignore[name-defined]
    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    users: Mapped[list[User]] = relationship(secondary=held_roles, back_populates="held")

    def __repr__(self) -> str:
        return f"<Role {self.name}>"


class User(UserMixin, db.Model):  # type: ignore[name-defined]
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=lambda: secrets.token_hex(8)
    )
    email: Mapped[str] = mapped_column(String(254), unique=True, index=True)
    name: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(255))
    session_stamp: Mapped[str] = mapped_column(String(32))
    api_key_id: Mapped[str | None] = mapped_column(String(16), unique=True, index=True)
    api_key_digest: Mapped[str | None] = mapped_column(String(64))
    held: Mapped[list[Role]] = relationship(
        secondary=held_roles, back_populates="users", order_by=Role.name, lazy="selectin"
    )

    def __repr__(self) -> str:
        return f"<User {self.name}>"

    @property
    def roles(self) -> list[str]:
        """The names of the roles, as `role_required` looks them up."""
        return [role.name for role in self.held]

    def has_role(self, name: str) -> bool:
        return name in self.roles

    def get_session_stamp(self) -> str:
        """Return what every log-in of this user carries: another stamp ends them all."""
        return self.session_stamp

    def end_log_ins(self) -> None:
        self.session_stamp = secrets.token_urlsafe(16)

    @validates("email")
    def _normalize(self, _key: str, email: str) -> str:
        return normalize(email)

    @property
    def password(self) -> str:
        raise AttributeError("A password can be set and checked, never read.")

    @password.setter
    def password(self, password: str) -> None:
        self.password_hash = generate_password_hash(typed(password))
        self.end_log_ins()

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
    # A character that does not print stands in no address, and some databases fail on it.
    user = find_user(email=normalize(email)) if email.isprintable() else None
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


def normalize(email: str) -> str:
    """Return one spelling for an e-mail address, however it was typed."""
    return unicodedata.normalize("NFC", email.strip().lower())


def typed(password: str) -> str:
    """Return one spelling for a password, whichever keyboard it came from (SP 800-63B 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
