"""Writes the tables of the API's reference from its rows.

``python -m tests.docs.api_table`` prints them, to be put into docs/reference/api.md.
"""

from __future__ import annotations

from flask_porter.web.api.openapi import BEFORE_THE_FLOW
from flask_porter.web.api.routes import ROUTES, Reasons, Route


def tables() -> str:
    """Return the table of the rows, and that of what each may answer before its flow."""
    lines = ["| Row | What it does | Yes | No |", "|---|---|---|---|"]
    lines.append("| `GET /session` | Who is logged in | 200 | 401 `login_required` |")
    lines += [row_of(route) for route in ROUTES]
    lines += [
        "",
        "Each row but `GET` ones may also answer:",
        "",
        "| Status | Reason |",
        "|---|---|",
    ]
    lines += [f"| {status} | {listed(why)} |" for status, why in BEFORE_THE_FLOW.items()]
    return "\n".join(lines) + "\n"


def row_of(route: Route) -> str:
    """Return the line of a row."""
    yes = ", ".join(map(str, sorted(route.answers)))
    return (
        f"| `{route.method} {route.path}` | {route.summary} | {yes} | {refusals(route.refuses)} |"
    )


def refusals(reasons: Reasons) -> str:
    """Return the reasons in words, by their status."""
    return "; ".join(f"{status} {listed(reasons[status])}" for status in sorted(reasons))


def listed(reasons: tuple[str, ...]) -> str:
    """Return names as code."""
    return ", ".join(f"`{reason}`" for reason in reasons)


if __name__ == "__main__":
    print(tables())
