"""Run with ``python -m bench.accounts``: accounts elsewhere and on Flask-Porter."""

from __future__ import annotations

import argparse
import gc
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from .account_sides import FLASK_SECURITY, SIDES, make_site
from .account_site import EMAIL, PASSWORD, AccountSite
from .measure import time_row
from .pages import Cell, Row, environ
from .report import heading, line, promise

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import Client

_GUESSES = 20
_MEASURED = ("flask-security", "flask-login", "django-allauth", "django")


def main() -> None:
    """Print what either side does when it is attacked, then what a request costs."""
    parser = argparse.ArgumentParser(prog="python -m bench.accounts", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few requests of each only")
    quick: bool = parser.parse_args().quick
    print(", ".join(f"{name} {version(name)}" for name in _MEASURED))
    for name, find_out in FINDINGS.items():
        print(f"{name:44}" + "".join(f"{found(find_out, side)!s:>21}" for side in SIDES))
    with tempfile.TemporaryDirectory() as folder:
        sites = {side: make_site(side, Path(folder)) for side in SIDES}
        measured = rows(sites)
        gc.collect()
        gc.freeze()
        print("\n" + heading("statements of SQL a request", SIDES))
        for row in measured:
            counts = "".join(
                f"{statements(sites[side], cell):>21}" for side, cell in row.cells.items()
            )
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
    client = site.client()
    answers = [site.log_in(client, EMAIL, f"guess number {n}") for n in range(_GUESSES)]
    return f"{sum(not site.was_throttled(a) for a in answers)} of {_GUESSES}"


def owner_kept_out(site: AccountSite) -> bool:
    """Tell whether a stranger's failures keep the owner out, in a browser they had used before."""
    owner, stranger = site.client(), site.client("203.0.113.9")
    site.log_in(owner)
    site.submit(owner, site.logout_page, {})
    for n in range(_GUESSES):
        site.log_in(stranger, EMAIL, f"guess number {n}")
    site.log_in(owner)
    return EMAIL not in owner.get("/members").text


def copy_outlives_log_out(site: AccountSite) -> bool:
    """Tell whether a copied cookie still opens the page after its owner has logged out."""
    owner, thief = site.client(), site.client()
    site.log_in(owner)
    thief.set_cookie(site.session_cookie, _session_of(site, owner))
    site.submit(owner, site.logout_page, {})
    return EMAIL in thief.get("/members").text


def tells_who_exists(site: AccountSite) -> bool:
    """Tell whether a wrong password is answered otherwise than an unknown address."""
    known, unknown = (
        site.log_in(site.client(), identifier, "a wrong password")
        for identifier in (EMAIL, "x" * EMAIL.index("@") + EMAIL[EMAIL.index("@") :])
    )
    return _told(known.text) != _told(unknown.text)


def taken_without_a_check(site: AccountSite) -> bool:
    """Tell whether a log-in form that another site has sent logs its victim in."""
    client = site.client()
    sent = {site.identifier: EMAIL, "password": PASSWORD}
    client.post(site.login_page, data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    return EMAIL in client.get("/members").text


#: What is found out about each side.
FINDINGS: dict[str, Callable[[AccountSite], object]] = {
    "a copied cookie outlives the log-out": copy_outlives_log_out,
    "another site logs a visitor in": taken_without_a_check,
    "a log-in tells who exists": tells_who_exists,
    "wrong passwords that were looked at": guesses_looked_at,
    "twenty of them keep the owner out": owner_kept_out,
}


def statements(site: AccountSite, cell: Cell) -> int:
    """Return how many statements of SQL one request of ``cell`` takes."""
    with site.statements() as spoken:
        cell.send()
    return len(spoken)


def _logged_in(site: AccountSite) -> str:
    client = site.client()
    site.log_in(client)
    return f"{site.session_cookie}={_session_of(site, client)}"


def _session_of(site: AccountSite, client: Client) -> str:
    cookie = client.get_cookie(site.session_cookie)
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
