"""The answer fits the client, when hardened; otherwise it is that of Flask-Login."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Response, get_flashed_messages, session
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from flask_porter import UserMixin, current_user, fresh_login_required, login_required, requires
from tests.login.guarded_site import Site, open_site

JSON = {"Accept": "application/json"}
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/inbox?page=2"}
TURBO = {
    "Accept": "text/vnd.turbo-stream.html, text/html, application/xhtml+xml",
    "Sec-Fetch-Dest": "empty",
}


def view() -> str:
    return "in"


def site(*, hardened: bool = True, **config: Any) -> Site:
    made = open_site(hardened=hardened, **config)
    made.manager.refresh_view = "login"
    app = made.app
    app.add_url_rule("/page", "page", login_required(view), methods=["GET", "POST"])
    app.add_url_rule("/fresh", "fresh", fresh_login_required(view))
    app.add_url_rule("/admin", "admin", requires(lambda user: user.id == "ada")(view))
    app.add_url_rule("/open", "open", lambda: "open")
    app.add_url_rule("/messages", "messages", lambda: "|".join(map(str, get_flashed_messages())))
    return made


def ask(made: Site, path: str = "/page", headers: dict[str, str] | None = None) -> TestResponse:
    return made.client().get(path, headers=headers)


def form_of(response: TestResponse) -> str:
    if response.status_code == 302:
        return "page"
    assert response.status_code == 401
    if "HX-Redirect" in response.headers:
        return "htmx"
    assert response.content_type == "application/problem+json"
    return "problem"


PROBLEMS = [
    JSON,
    {"Accept": "application/problem+json"},
    {"Accept": "application/vnd.api+json"},
    {"Accept": "application/*"},
    {"Accept": "application/json, text/html;q=0.9"},
    {"Accept": "text/html;q=0.1, */*"},
    {"Accept": "text/html;q=0, */*"},
    {"Accept": "application/json, text/javascript, */*; q=0.01"},
    {"Accept": "application/json, text/plain, */*"},
    {"Accept": "application/json;q=0.5, text/html;q=0.4999"},
    {"Accept": "*/*", "Sec-Fetch-Dest": "empty"},
    {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"},
    {"X-Requested-With": "XMLHttpRequest"},
    {"Sec-Fetch-Dest": "empty"},
    {"Accept": "text/event-stream", "Sec-Fetch-Dest": "empty"},
]
PAGES = [
    {},
    HTML,
    TURBO,
    {"Accept": ""},
    {"Accept": "*/*"},
    {"Accept": "nonsense"},
    {"Accept": "application/json;q=nonsense, text/html;q=-1"},
    {"Accept": "text/html, application/json"},
    {"Accept": "text/html;q=0.9, application/json;q=0.9"},
    {"Accept": "application/xhtml+xml, application/json;q=0.9"},
    {"Accept": "text/html;level=1, application/json"},
    {"Accept": "application/json;q=0, */*"},
    {"Accept": "application/json;q=0"},
    {"Accept": "*/*", "Sec-Fetch-Dest": "document"},
    {"Accept": "image/avif,image/webp,*/*;q=0.8", "Sec-Fetch-Dest": "image"},
    {**HTML, "X-Requested-With": "XMLHttpRequest", "Sec-Fetch-Dest": "empty"},
    {"Accept": "*/*", "X-Requested-With": ""},
    {**HTML, "HX-Request": "false"},
]


@pytest.mark.parametrize("headers", PROBLEMS, ids=str)
def test_scripts_get_a_problem(headers: dict[str, str]) -> None:
    assert form_of(ask(site(), headers=headers)) == "problem"


@pytest.mark.parametrize("headers", PAGES, ids=str)
def test_everybody_else_is_sent_to_log_in(headers: dict[str, str]) -> None:
    made = site()
    client = made.client()
    response = client.get("/page", headers=headers)
    assert form_of(response) == "page"
    assert response.location == "/login?next=%2Fpage"
    assert client.get("/messages").text == made.manager.login_message


@pytest.mark.parametrize("headers", [*PROBLEMS, *PAGES, HTMX], ids=str)
def test_the_bare_floor_sends_everybody_to_log_in(headers: dict[str, str]) -> None:
    made = site(hardened=False)
    client = made.client()
    response = client.get("/page", headers=headers)
    assert form_of(response) == "page"
    assert set(response.headers.keys()) == {
        "Content-Type", "Content-Length", "Location", "Set-Cookie", "Vary",
    }  # fmt: skip
    assert response.headers["Vary"] == "Cookie"


def test_a_problem_says_what_is_wrong() -> None:
    response = ask(site(), headers=JSON)
    assert json.loads(response.data) == {
        "title": "Unauthorized",
        "status": 401,
        "reason": "login_required",
        "detail": "Please log in to access this.",
        "login_url": "/login",
    }
    assert response.headers["WWW-Authenticate"] == 'Cookie realm="login"'
    assert response.headers["Cache-Control"] == "no-store"
    # Neither a message for a page that nobody sees, nor a place to come back to.
    assert "Set-Cookie" not in response.headers


def test_a_log_in_that_is_not_fresh_has_a_reason_of_its_own() -> None:
    made = site()
    client = made.client("ada")
    with client.session_transaction() as stored:
        stored["_fresh"] = False
    response = client.get("/fresh", headers=JSON)
    assert response.status_code == 401
    assert json.loads(response.data)["reason"] == "fresh_login_required"
    made.manager.refresh_view = None
    assert json.loads(client.get("/fresh", headers=JSON).data)["login_url"] is None


@pytest.mark.parametrize("headers", [JSON, HTML, HTMX, {}], ids=str)
def test_without_a_log_in_page_there_is_a_401(headers: dict[str, str]) -> None:
    made = site()
    made.manager.login_view = None
    response = ask(made, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Cookie realm="login"'
    assert response.headers["Cache-Control"] == "no-store"
    assert "HX-Redirect" not in response.headers
    if headers != JSON:
        assert response.text == Unauthorized().get_body()


def test_the_challenge_is_the_apps_choice() -> None:
    made = site()
    made.manager.challenge = 'Bearer realm="api"'
    assert ask(made, headers=JSON).headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    "challenge",
    ["Basic", 'Basic realm="x"', "BASIC", 'Bearer realm="api", basic realm="x"', "Bearer,Basic"],
)
def test_the_challenge_is_never_basic(challenge: str) -> None:
    manager = site().manager
    with pytest.raises(ValueError, match="window of its own"):
        manager.challenge = challenge
    assert manager.challenge == 'Cookie realm="login"'


@pytest.mark.parametrize("challenge", ["", " ", "Bearer\r\nX: y", 'Bearer realm="ü"'])
def test_what_is_no_challenge_is_refused(challenge: str) -> None:
    with pytest.raises(ValueError, match="no challenge"):
        site().manager.challenge = challenge


def test_a_realm_may_have_any_name() -> None:
    manager = site().manager
    manager.challenge = 'Bearer realm="basics"'
    assert manager.challenge == 'Bearer realm="basics"'


@pytest.mark.parametrize("headers", [JSON, HTMX], ids=str)
def test_the_error_handler_of_the_app_wins(headers: dict[str, str]) -> None:
    made = site()
    made.app.register_error_handler(401, lambda error: ("my own", 401))
    assert ask(made, headers=headers).text == "my own"


@pytest.mark.parametrize("headers", [JSON, HTMX, HTML], ids=str)
def test_handlers_of_the_manager_win(headers: dict[str, str]) -> None:
    made = site()
    made.manager.unauthorized_handler(lambda: Response("who?", 401))
    made.manager.needs_refresh_handler(lambda: Response("again?", 401))
    assert ask(made, headers=headers).text == "who?"
    client = made.client("ada")
    with client.session_transaction() as stored:
        stored["_fresh"] = False
    response = client.get("/fresh", headers=headers)
    assert response.text == "again?"
    assert "WWW-Authenticate" not in response.headers


def next_of(response: TestResponse) -> str | None:
    query = parse_qs(urlsplit(response.headers["HX-Redirect"]).query)
    return query["next"][0] if "next" in query else None


def test_htmx_is_sent_to_log_in_and_back_to_its_page() -> None:
    made = site()
    client = made.client()
    response = client.get("/page", headers={**HTMX, **JSON})
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/login?next=%2Finbox%3Fpage%3D2"
    assert response.headers["WWW-Authenticate"] == 'Cookie realm="login"'
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/messages").text == made.manager.login_message


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.test/",
        "http://localhost.evil.test/",
        "//evil.test/",
        "http://localhost//evil.test/",
        "http://localhost/\\evil.test",
        "javascript:alert(1)",
        "",
        "x" * 5000,
    ],
    ids=lambda page: page[:40],
)
def test_htmx_leads_back_to_this_site_only(page: str) -> None:
    response = ask(site(), headers={"HX-Request": "true", "HX-Current-URL": page})
    assert response.headers["HX-Redirect"] == "/login"


def test_htmx_without_a_page_leads_nowhere_back() -> None:
    assert next_of(ask(site(), headers={"HX-Request": "true"})) is None


def test_htmx_leads_back_from_a_log_in_page_on_another_host() -> None:
    made = site()
    made.manager.login_view = "https://sso.test/"
    response = ask(made, headers=HTMX)
    assert response.headers["HX-Redirect"].startswith("https://sso.test/?")
    assert next_of(response) == "http://localhost/inbox?page=2"


@pytest.mark.parametrize("host", ["[", "[::1", "a]b", "evil.test", ""])
def test_htmx_with_any_host_is_answered(host: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "/inbox"}
    environ = EnvironBuilder("/page", headers=list(headers.items())).get_environ()
    # The test client itself stumbles over such hosts.
    _, status, answered = run_wsgi_app(site().app, {**environ, "HTTP_HOST": host})
    if status != "400 BAD REQUEST":
        assert answered["HX-Redirect"] in ("/login?next=%2Finbox", "/login")


def test_next_may_live_in_the_session() -> None:
    made = site(USE_SESSION_FOR_NEXT=True)
    client = made.client()
    assert client.get("/page", headers=HTMX).headers["HX-Redirect"] == "/login"
    with client:
        client.get("/messages")
        assert session["next"] == "/inbox?page=2"


@pytest.mark.parametrize("hardened", [True, False])
def test_hardened_only_what_can_be_got_becomes_next(hardened: bool) -> None:
    made = site(hardened=hardened)
    response = made.client().post("/page", headers=HTML)
    assert response.location == ("/login" if hardened else "/login?next=%2Fpage")
    assert made.client().get("/page", headers=HTML).location == "/login?next=%2Fpage"
    assert made.client().head("/page", headers=HTML).location == "/login?next=%2Fpage"


@pytest.mark.parametrize(
    ("headers", "vary"),
    [
        (JSON, {"HX-Request", "Accept"}),
        (HTML, {"HX-Request", "Accept", "Cookie"}),
        (HTMX, {"HX-Request", "HX-Current-URL", "Cookie"}),
        ({}, {"HX-Request", "Accept", "X-Requested-With", "Sec-Fetch-Dest", "Cookie"}),
    ],
)
def test_the_answer_varies_by_what_it_was_chosen_by(
    headers: dict[str, str], vary: set[str]
) -> None:
    response = ask(site(), headers=headers)
    assert set(response.vary) - {"Cookie"} == vary - {"Cookie"}
    assert "Cookie" in response.vary
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("hardened", [True, False])
def test_403_fits_the_client_too(hardened: bool) -> None:
    made = site(hardened=hardened)
    client = made.client("bob")
    page = client.get("/admin", headers=HTML)
    assert (page.status_code, page.text) == (403, Forbidden().get_body())
    script = client.get("/admin", headers=JSON)
    assert script.status_code == 403
    if not hardened:
        assert script.text == page.text
        return
    assert script.content_type == "application/problem+json"
    assert json.loads(script.data) == {
        "title": "Forbidden",
        "status": 403,
        "reason": "forbidden",
        "detail": "You may not access this.",
    }
    assert {"Accept", "HX-Request"} <= set(script.vary)
    assert client.get("/admin", headers=HTMX).text == page.text


@pytest.mark.parametrize("hardened", [True, False])
def test_what_somebody_known_sees_is_not_stored(hardened: bool) -> None:
    made = site(hardened=hardened)
    expected = "no-store" if hardened else None
    client = made.client("ada")
    assert client.get("/page").headers.get("Cache-Control") == expected
    assert client.post("/login?id=bob").headers.get("Cache-Control") == expected
    assert client.post("/logout").headers.get("Cache-Control") == expected
    # Nobody is known any more.
    assert client.get("/open").headers.get("Cache-Control") is None


def test_a_page_that_never_asks_who_it_is_for_may_be_stored() -> None:
    made = site()
    asked: list[str] = []
    client = made.client("ada")
    made.manager.user_loader(asked.append)
    response = client.get("/open")
    assert "Cache-Control" not in response.headers
    assert "Vary" not in response.headers
    assert asked == []


def test_a_page_that_finds_nobody_may_be_stored() -> None:
    made = site()
    made.app.add_url_rule("/who", "who", lambda: str(current_user.is_authenticated))
    assert "Cache-Control" not in made.client().get("/who").headers


def test_the_view_may_say_how_to_store_it() -> None:
    made = site()

    @made.app.get("/mine")
    @login_required
    def mine() -> Response:
        return Response("mine", headers={"Cache-Control": "private, max-age=60"})

    assert made.client("ada").get("/mine").headers["Cache-Control"] == "private, max-age=60"


def test_the_user_object_is_not_touched_after_the_view() -> None:
    made = site()

    class Fragile(UserMixin):
        id = "ada"
        is_closed = False

        @property
        def is_authenticated(self) -> bool:
            assert not self.is_closed, "the database session is closed"
            return True

    fragile = Fragile()
    made.manager.user_loader(lambda user_id: fragile)

    @made.app.get("/closes")
    @login_required
    def closes() -> str:
        fragile.is_closed = True
        return "in"

    client = made.client("ada")
    made.app.testing = True
    assert client.get("/closes").headers["Cache-Control"] == "no-store"
