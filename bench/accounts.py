"""Run with ``python -m bench.accounts``: accounts on Flask-Security and on Flask-Porter."""

from __future__ import annotations

import argparse
import gc
import tempfile
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, event

from .account_sides import (
    EMAIL,
    FLASK_SECURITY,
    PASSWORD,
    SIDES,
    AccountSite,
    make_site,
)
from .measure import time_row
from .pages import Cell, Row, environ
from .report import heading, line, promise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.testing import FlaskClient

_GUESSES = 20
_REFUSED = 429


def main() -> None:
    """Print what either side does when it is attacked, then what a request costs."""
    parser = argparse.ArgumentParser(prog="python -m bench.accounts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few requests of each only")
    quick: bool = parser.parse_args().quick
    print(f"Flask-Security {version('flask-security')}, Flask-Login {version('flask-login')}")
    for name, find_out in FINDINGS.items():
        print(f"{name:44}" + "".join(f"{found(find_out, side)!s:>21}" for side in SIDES))
    with tempfile.TemporaryDirectory() as folder:
        measured = rows({side: make_site(side, Path(folder)) for side in SIDES})
        gc.collect()
        gc.freeze()
        print("\n" + heading("statements of SQL a request", SIDES))
        for row in measured:
            counts = "".join(f"{statements(cell):>21}" for cell in row.cells.values())
            print(f"{row.name:33}{counts}")
        print("\n" + heading("microseconds of CPU a request", SIDES))
        for row in measured:
            timings = time_row(row, rounds=2 if quick else 40, batch=2 if quick else 50)
            print(line(row.name, timings, SIDES, promise=promise(row, timings)), flush=True)


def rows(sites: dict[str, AccountSite]) -> list[Row]:
    """Return the requests that are measured, each with one cell a side."""
    cookies = {side: _logged_in(site) for side, site in sites.items()}

    def everywhere(path: Callable[[AccountSite], str], *, logged_in: bool) -> dict[str, Cell]:
        return {
            side: Cell(
                site.app, [environ(path(site), {"Cookie": cookies[side]} if logged_in else {})]
            )
            for side, site in sites.items()
        }

    return [
        Row("guarded page, logged in", everywhere(_members, logged_in=True), FLASK_SECURITY, 1),
        Row("guarded page, a stranger", everywhere(_members, logged_in=False), FLASK_SECURITY, 1),
        Row("log-in page", everywhere(_login_page, logged_in=False), FLASK_SECURITY, 1),
    ]


def found(find_out: Callable[[AccountSite], object], side: str) -> object:
    """Return what is found out about a site that nobody has touched yet."""
    with tempfile.TemporaryDirectory() as folder:
        return find_out(make_site(side, Path(folder)))


def guesses_looked_at(site: AccountSite) -> str:
    """Say how many of twenty wrong passwords, one after the other, were looked at."""
    client = site.app.test_client()
    answers = [site.log_in(client, EMAIL, f"guess number {n}") for n in range(_GUESSES)]
    return f"{sum(a.status_code != _REFUSED for a in answers)} of {_GUESSES}"


def copy_outlives_log_out(site: AccountSite) -> bool:
    """Tell whether a copied cookie still opens the page after its owner has logged out."""
    owner, thief = site.app.test_client(), site.app.test_client()
    site.log_in(owner)
    thief.set_cookie("session", _session_of(owner))
    site.submit(owner, site.logout_page, {})
    return EMAIL in thief.get("/members").text


def tells_who_exists(site: AccountSite) -> bool:
    """Tell whether a wrong password is answered otherwise than an unknown address."""
    known, unknown = (
        site.log_in(site.app.test_client(), identifier, "a wrong password")
        for identifier in (EMAIL, "x" * EMAIL.index("@") + EMAIL[EMAIL.index("@") :])
    )
    return _told(known.text) != _told(unknown.text)


def taken_without_a_check(site: AccountSite) -> bool:
    """Tell whether a log-in form that another site has sent logs its victim in."""
    client = site.app.test_client()
    sent = {site.identifier: EMAIL, "password": PASSWORD}
    client.post(site.login_page, data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    return EMAIL in client.get("/members").text


#: What is found out about each side.
FINDINGS: dict[str, Callable[[AccountSite], object]] = {
    "a copied cookie outlives the log-out": copy_outlives_log_out,
    "another site logs a visitor in": taken_without_a_check,
    "a log-in tells who exists": tells_who_exists,
    "wrong passwords that were looked at": guesses_looked_at,
}


@contextmanager
def counted() -> Iterator[list[str]]:
    """Yield the statements that any engine executes meanwhile."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def statements(cell: Cell) -> int:
    """Return how many statements of SQL one request of ``cell`` takes."""
    with counted() as seen:
        cell.send()
    return len(seen)


def _logged_in(site: AccountSite) -> str:
    client = site.app.test_client()
    site.log_in(client)
    return f"session={_session_of(client)}"


def _session_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def _told(page: str) -> list[str]:
    """Return the page without what is typed into it, and what is random."""
    return [part for part in page.split() if "=" not in part]


def _members(_site: AccountSite) -> str:
    return "/members"


def _login_page(site: AccountSite) -> str:
    return site.login_page


if __name__ == "__main__":
    main()
