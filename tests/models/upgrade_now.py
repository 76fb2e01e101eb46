"""Brings the tables up to date, as one of several processes that start at once."""

from __future__ import annotations

import sys

from sqlalchemy import create_engine

from flask_porter.models.base import build_models
from flask_porter.models.database import connect
from flask_porter.models.upgrading import state, upgrade

if __name__ == "__main__":
    database = connect(create_engine(sys.argv[1]))
    models = build_models(database.base)
    upgrade(database, models)
    assert state(database, models) == "current"
