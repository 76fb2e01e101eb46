"""A response that did not need the user carries no trace of the session."""

from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from flask import render_template_string, session
from packaging.version import Version

from tests.login.mended import OURS, outcomes, shared, shown, site

# From 3.1.3 on any use of the session proxy makes a response vary, even a look for a key.
ANY_USE_VARIES = Version(version("flask")) >= Version("3.1.3")

ignoring_users = pytest.mark.parametrize(
    "path", ["/plain", "/static/style.css", "/static/not-there.css", "/no-such-page"]
)
varying = pytest.mark.parametrize(
    ("library", "outcome"),
    [pytest.param(OURS, None, id="ours")]
    if not ANY_USE_VARIES
    else outcomes(ours=None, fault_of_the_original="Cookie").args[1],
)


@pytest.fixture
def static(tmp_path: Path) -> str:
    (tmp_path / "style.css").write_text("body {}")
    return str(tmp_path)


@varying
@ignoring_users
@pytest.mark.parametrize("logged_in", [True, False])
def test_no_vary_on_what_ignores_users(
    library: ModuleType, outcome: str | None, static: str, path: str, logged_in: bool
) -> None:
    house = site(library)
    house.app.static_folder = static
    client = house.client()
    if logged_in:
        client.get("/login?id=1&remember")
    response = client.get(path, buffered=True)
    assert response.headers.get("Vary") == outcome
    assert "Set-Cookie" not in response.headers


@varying
def test_a_broken_page_does_not_vary_either(library: ModuleType, outcome: str | None) -> None:
    house = site(library)

    @house.app.get("/broken")
    def broken() -> str:
        raise LookupError

    assert house.client().get("/broken").headers.get("Vary") == outcome


@shared()
@pytest.mark.parametrize("path", ["/who", "/fresh"])
def test_a_page_that_asks_who_you_are_does_vary(library: ModuleType, path: str) -> None:
    client = site(library).client()
    client.get("/login?id=1")
    assert client.get(path).headers.get("Vary") == "Cookie"


@shared()
@ignoring_users
def test_an_app_without_a_secret_key_serves_them(
    library: ModuleType, static: str, path: str
) -> None:
    house = site(library, SECRET_KEY=None)
    house.app.static_folder = static
    expected = 200 if path in {"/plain", "/static/style.css"} else 404
    assert house.client().get(path, buffered=True).status_code == expected


@shared()
def test_an_app_without_a_secret_key_has_anonymous_visitors(library: ModuleType) -> None:
    assert shown(site(library, SECRET_KEY=None).client()) == "nobody"


@outcomes(ours="nobody", fault_of_the_original=500)
def test_an_app_without_a_secret_key_can_read_no_remember_cookie(
    library: ModuleType, outcome: str | int
) -> None:
    client = site(library, SECRET_KEY=None).client()
    client.set_cookie("remember_token", library.encode_cookie("1", key="any"))
    assert shown(client) == outcome


@shared()
def test_an_order_that_another_extension_left_in_the_session_is_still_seen(
    library: ModuleType,
) -> None:
    house = site(library)

    @house.app.get("/order")
    def order() -> str:
        session["_remember"] = "set"
        return ""

    client = house.client()
    client.get("/login?id=1")
    client.get("/order")
    assert client.get_cookie("remember_token") is not None


@outcomes(ours=0, fault_of_the_original=1)
def test_a_template_that_does_not_name_the_user_does_not_load_one(
    library: ModuleType, outcome: int
) -> None:
    house = site(library)
    asked: list[object] = []
    house.manager.request_loader(asked.append)

    @house.app.get("/page")
    def page() -> str:
        return render_template_string("no names here")

    house.client().get("/page")
    assert len(asked) == outcome
