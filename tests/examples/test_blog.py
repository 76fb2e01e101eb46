"""Tests of the blog: the smallest site with a log-in keeps the same promises."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from flask.testing import FlaskClient

BLOG = Path(__file__).parents[2] / "examples" / "blog" / "app.py"
RIGHT = {"username": "ada", "password": "correct horse"}


def load_blog() -> ModuleType:
    spec = importlib.util.spec_from_file_location("blog_example", BLOG)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def blog() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("BLOG_PASSWORD", RIGHT["password"])
        yield load_blog()


@pytest.fixture
def client(blog: ModuleType) -> FlaskClient:
    client: FlaskClient = blog.app.test_client()
    return client


def test_the_restricted_page_asks_and_then_opens(client: FlaskClient) -> None:
    asked = client.get("/drafts")
    assert asked.location == "/login?next=%2Fdrafts"
    answer = client.post(asked.location, data=RIGHT)
    assert (answer.status_code, answer.location) == (303, "/drafts")
    assert "Nobody else reads these drafts." in client.get("/drafts").text


def test_the_form_posts_to_its_own_address_with_placeholders(client: FlaskClient) -> None:
    page = client.get("/login").text
    assert '<form method="post">' in page
    assert 'name="username" placeholder="Username"' in page
    assert 'name="password" type="password" placeholder="Password"' in page


@pytest.mark.parametrize(
    "typed",
    [
        {"username": "ada", "password": "wrong"},
        {"username": "nobody", "password": "correct horse"},
        {"username": "\0", "password": "\0"},
    ],
)
def test_a_wrong_name_or_password_gets_one_answer(
    client: FlaskClient, typed: dict[str, str]
) -> None:
    answer = client.post("/login?next=/drafts", data=typed)
    assert (answer.status_code, answer.location) == (303, "/login?next=/drafts")
    assert "Wrong username or password." in client.get(answer.location).text
    assert client.get("/drafts").status_code == 302


def test_a_form_without_its_fields_is_a_bad_request(client: FlaskClient) -> None:
    assert client.post("/login").status_code == 400


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/\\evil.test", "x:y"])
def test_next_stays_on_this_site(client: FlaskClient, target: str) -> None:
    answer = client.post("/login", query_string={"next": target}, data=RIGHT)
    assert answer.location == "/drafts"


def test_only_a_post_logs_out(client: FlaskClient) -> None:
    client.post("/login", data=RIGHT)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").location == "/"
    assert "Hello, stranger" in client.get("/").text
    assert client.get("/drafts").status_code == 302


def test_a_program_is_let_in_by_its_header(client: FlaskClient) -> None:
    assert client.get("/drafts", auth=("ada", "correct horse")).status_code == 200
    assert client.get("/drafts", auth=("ada", "wrong")).status_code == 302
    assert client.get("/drafts", auth=("nobody", "correct horse")).status_code == 302
    for header in ["Basic", "Basic !", "Basic YQ==", "Bearer x", "Digest username=ada"]:
        assert client.get("/drafts", headers={"Authorization": header}).status_code == 302, header


def test_the_password_is_kept_as_a_hash(blog: ModuleType) -> None:
    assert "correct horse" not in str(vars(blog.users["ada"]))


def test_without_a_chosen_password_one_is_made_and_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("BLOG_PASSWORD", raising=False)
    blog = load_blog()
    printed = capsys.readouterr().out.split()[-1]
    typed = {"username": "ada", "password": printed}
    assert blog.app.test_client().post("/login", data=typed).location == "/drafts"


def test_nothing_but_the_package_and_flask_is_needed(blog: ModuleType) -> None:
    assert blog.__name__ not in sys.modules
    source = BLOG.read_text()
    imported = {
        line.split()[1].partition(".")[0]
        for line in source.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imported == {"__future__", "os", "secrets", "flask", "flask_porter", "werkzeug"}
