"""Every answer under our interface is the answer under Flask's, header by header."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask, Response, after_this_request, session
from markupsafe import Markup

from .session_site import TOUCHES, answer, both, sign, site

NOW = 1_800_000_000
LONG = "x" * 300
CONTENTS: dict[str, dict[str, Any]] = {
    "small": {"name": "Ada"},
    "permanent": {"name": "Ada", "_permanent": True},
    "not_permanent": {"name": "Ada", "_permanent": False},
    "compressed": {"name": "Ada", "long": LONG},
    "compressed_permanent": {"name": "Ada", "long": LONG, "_permanent": True},
    "accented": {"name": "Adélaïde"},
    "nested": {"name": "Ada", "inner": {"_permanent": True}},
    "tagged": {
        "name": Markup("<b>"),
        "id": UUID(int=7),
        "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "pair": (1, [2, (3,)]),
        "raw": b"\x00\xff",
        "dict": {" t": 1},
    },
    "empty": {},
}
CONFIGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "no_refresh": {"SESSION_REFRESH_EACH_REQUEST": False},
    "attributes": {
        "SESSION_COOKIE_NAME": "sid",
        "SESSION_COOKIE_DOMAIN": "localhost",
        "SESSION_COOKIE_PATH": "/here",
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": False,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PARTITIONED": True,
    },
    "mounted": {"APPLICATION_ROOT": "/app"},
    "short": {"PERMANENT_SESSION_LIFETIME": timedelta(seconds=10)},
    "short_in_seconds": {"PERMANENT_SESSION_LIFETIME": 10},
}


def cookies(app: Flask) -> dict[str, str | None]:
    """Return ``Cookie`` headers of every kind for ``app``, some of them no good."""
    name = app.config["SESSION_COOKIE_NAME"]
    good = sign(app, CONTENTS["small"])
    with time_machine.travel(NOW - 11, tick=False):
        older = sign(app, CONTENTS["permanent"])
    with time_machine.travel(NOW - timedelta(days=31).total_seconds() - 1, tick=False):
        too_old = sign(app, CONTENTS["permanent"])
    with time_machine.travel(NOW + 1, tick=False):
        from_tomorrow = sign(app, CONTENTS["permanent"])
    headers: dict[str, str | None] = {
        content: f"{name}={sign(app, data)}" for content, data in CONTENTS.items()
    }
    return headers | {
        "none": None,
        "no_value": f"{name}=",
        "name_only": name,
        "others": f"a=b; {name}={good}; c=d",
        "tight": f"a=b;{name}={good};c=d",
        "wide": f"a=b ;  {name} = {good} ; c=d",
        "quoted": f'{name}="{good}"',
        "quoted_neighbour": f'a="; {name}=x"; {name}={good}',
        "twice": f"{name}={good}; {name}={older}",
        "twice_bad_first": f"{name}=x; {name}={good}",
        "longer_name": f"my{name}={older}; {name}={good}",
        "only_longer_name": f"my{name}={good}",
        "in_a_value": f"a={name}={good}",
        "bytes_around": f"a=\xff\xe2; {name}={good}; b=\xa0",
        "older": f"{name}={older}",
        "too_old": f"{name}={too_old}",
        "from_tomorrow": f"{name}={from_tomorrow}",
        "forged": f"{name}={good[:-2]}",
        "signature_with_junk": f"{name}={good[:-5]}!{good[-5:]}",
        "text": f"{name}=hello",
        "dots": f"{name}=..",
        "many_dots": f"{name}=.....",
    }


CASES = [("defaults", touch) for touch in TOUCHES] + [
    (config, touch)
    for config in CONFIGS
    for touch in ("nothing", "item", "write", "clear", "permanent")
    if config != "defaults"
]


@pytest.mark.parametrize(("config", "touch"), CASES)
@time_machine.travel(NOW, tick=False)
def test_every_touch_of_every_cookie_is_answered_as_by_flask(config: str, touch: str) -> None:
    theirs, ours = both(CONFIGS[config])
    flask_client = theirs.test_client(use_cookies=False)
    client = ours.test_client(use_cookies=False)
    for kind, cookie in cookies(theirs).items():
        expected = answer(flask_client, f"/{touch}", cookie)
        got = answer(client, f"/{touch}", cookie)
        assert (kind, got) == (kind, expected)


@time_machine.travel(NOW, tick=False)
def test_the_comparison_sees_cookies_and_vary() -> None:
    app = site(True)
    headers = cookies(app)
    client = app.test_client(use_cookies=False)
    names = [name for name, _ in answer(client, "/write", headers["small"])["headers"]]
    assert {"Set-Cookie", "Vary"} <= set(names)
    assert answer(client, "/item", headers["small"])["body"] == "'Ada'"
    assert answer(client, "/item", headers["forged"])["body"] == "None"
    assert (
        answer(client, "/item", headers["quoted_neighbour"])["body"]
        == answer(site(False).test_client(use_cookies=False), "/item", headers["quoted_neighbour"])[
            "body"
        ]
    )


@time_machine.travel(NOW, tick=False)
def test_an_untouched_permanent_session_is_sent_again_with_a_new_date() -> None:
    app = site(True)
    cookie = sign(app, CONTENTS["permanent"])
    with time_machine.travel(NOW + 60, tick=False):
        got = answer(app.test_client(use_cookies=False), "/nothing", f"session={cookie}")
    sent = dict(got["headers"])["Set-Cookie"]
    assert sent.partition(".")[0] == f"session={cookie}".partition(".")[0]
    assert sent.partition(";")[0] != f"session={cookie}"
    assert dict(got["headers"])["Vary"] == "Cookie"


def test_vary_is_added_to_what_the_view_has_set() -> None:
    for ours in False, True:
        app = site(ours)

        @app.get("/varies")
        def varies() -> Response:
            session.get("name")
            return Response("x", headers={"Vary": "Accept"})

        assert app.test_client().get("/varies").headers.getlist("Vary") == ["Accept, Cookie"]


def test_vary_is_added_once() -> None:
    for ours in False, True:
        app = site(ours)

        @app.get("/varies")
        def varies() -> Response:
            session.get("name")
            return Response("x", headers={"vary": "cookie"})

        assert app.test_client().get("/varies").headers.getlist("Vary") == ["cookie"]


def test_a_session_written_after_the_view_is_kept() -> None:
    app = site(True)

    @app.get("/late")
    def late() -> str:
        @after_this_request
        def write(response: Response) -> Response:
            session["late"] = 1
            return response

        return "x"

    client = app.test_client()
    client.get("/late")
    assert "'late'" in client.get("/all").text
