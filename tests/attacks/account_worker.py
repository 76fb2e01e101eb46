"""One worker of a site with accounts: it shares nothing with the others but the database.

It reads a line of JSON for each round: requests, the moment at which to send them all at once, and
answers with one: the status of each, and whom the API then takes its browser for.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.account_site import Site, make_site


def answer(site: Site, wanted: dict[str, Any], at: float) -> dict[str, Any]:
    """Send one request at the moment ``at``, with the session cookie that is given."""
    client = site.client()
    if (cookie := wanted.get("cookie")) is not None:
        client.set_cookie("session", cookie)
    while time.time() < at:
        time.sleep(0.0005)
    try:
        told = client.open(wanted["path"], method=wanted["method"], data=wanted.get("data"))
    except Exception as error:  # noqa: BLE001
        return {"status": 0, "error": repr(error)}
    held = told.json if told.is_json and isinstance(told.json, dict) else {}
    return {"status": told.status_code, "who": held.get("user", {}).get("email")}


def work(folder: str, url: str | None, settings: dict[str, Any]) -> None:
    """Serve round after round, until there is no more to read."""
    site = make_site(Path(folder), url=url, **settings)
    with ThreadPoolExecutor(5) as threads:
        print("ready", flush=True)
        while line := sys.stdin.readline():
            wanted = json.loads(line)
            running = [
                threads.submit(answer, site, one, wanted["at"]) for one in wanted["requests"]
            ]
            print(json.dumps([one.result() for one in running]), flush=True)
    site.accounts.database.engine().dispose()


if __name__ == "__main__":
    work(**json.loads(sys.stdin.readline()))
