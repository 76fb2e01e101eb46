"""What the attacks on accounts look at from outside: the rows of every table, and every route."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.account_site import Site

#: Every table, with its rows as text, in the order of their keys.
Rows = dict[str, list[dict[str, str]]]


def rows_of(site: Site, *, but: Collection[str] = ()) -> Rows:
    """Return what the database holds now; ``but`` names columns that are left out."""
    found: Rows = {}
    with site.accounts.database.open_session() as session:
        for table in site.porter.models.metadata.sorted_tables:
            rows = session.execute(select(table).order_by(*table.primary_key)).mappings()
            found[table.name] = [
                {name: repr(value) for name, value in row.items() if name not in but}
                for row in rows
            ]
    return found


def changed_tables(before: Rows, after: Rows) -> set[str]:
    """Return the names of the tables that are not as they were."""
    return {name for name, rows in after.items() if rows != before[name]}


def path_of(app: Flask, rule: Rule, **values: Any) -> str:
    """Return a path that ``rule`` takes, with a made-up value where none is given."""
    adapter = app.url_map.bind("localhost")
    made_up = dict.fromkeys(rule.arguments, "made-up")
    return adapter.build(rule.endpoint, {**made_up, **values})
