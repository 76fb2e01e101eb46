"""Blueprint `api`: what programs read, with a key in a header instead of a session."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from flask_porter import current_user, role_required

from .database import db
from .models import User

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/me")
def me() -> ResponseReturnValue:
    return as_json(current_user)


@bp.get("/people")
@role_required("administrator")
def people() -> ResponseReturnValue:
    return {"people": [as_json(user) for user in db.session.scalars(select(User))]}


def as_json(user: User) -> dict[str, object]:
    return {"name": user.name, "email": user.email, "roles": user.roles}
