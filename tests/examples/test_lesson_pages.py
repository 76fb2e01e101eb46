"""Tests of the lesson application: what each page says, and to whom."""

from __future__ import annotations

import pytest
from flask import Flask
from lesson.database import db

from tests.examples.visitor import GRACE, Visitor

PAGES = ["/members", "/administrators", "/members/api-key", "/auth/change-password"]


def test_the_first_page_greets_a_stranger_as_anonymous(visitor: Visitor) -> None:
    assert "Hello, Anonymous!" in visitor.read("/")


def test_the_first_page_greets_a_user_by_name(visitor: Visitor) -> None:
    visitor.log_in()
    assert "Hello, ada!" in visitor.read("/")


def test_the_navigation_offers_what_makes_sense(visitor: Visitor) -> None:
    before = visitor.read("/")
    assert "Log In" in before
    assert "Log Out" not in before
    visitor.log_in()
    after = visitor.read("/")
    assert "Log In" not in after
    assert "Log Out" in after


@pytest.mark.parametrize("path", [*PAGES, "/auth/reauthenticate"])
def test_a_stranger_is_asked_to_log_in_and_comes_back(visitor: Visitor, path: str) -> None:
    answer = visitor.client.get(path)
    assert answer.status_code == 303
    assert answer.location == "/auth/login?next=" + path.replace("/", "%2F")
    assert "Please log in to access this page." in visitor.read(answer.location)
    assert visitor.log_in(GRACE, path=answer.location).location == path
    assert visitor.client.get(path).status_code == 200


def test_a_form_sent_by_a_stranger_is_not_where_one_comes_back_to(visitor: Visitor) -> None:
    token = visitor.token("/auth/login")
    answer = visitor.client.post("/members/api-key", data={"csrf_token": token})
    assert answer.location == "/auth/login"


def test_a_member_is_not_an_administrator(visitor: Visitor) -> None:
    visitor.log_in()
    answer = visitor.client.get("/administrators")
    assert answer.status_code == 403
    assert "This page is for administrators." in answer.text
    assert "Log Out" in answer.text
    assert "grace@example.com" not in answer.text


def test_an_administrator_sees_everyone_and_their_roles(visitor: Visitor) -> None:
    visitor.register()
    visitor.log_in(GRACE)
    page = " ".join(visitor.read("/administrators").split())
    assert "ada@example.com</td> <td>member" in page
    assert "grace@example.com</td> <td>administrator" in page
    assert "mary@example.com</td> <td>member" in page


def test_every_page_says_what_it_loads_and_is_kept_by_nobody(visitor: Visitor) -> None:
    visitor.log_in(GRACE)
    for path in ["/", *PAGES, "/auth/logout", "/nowhere", "/api/profile"]:
        headers = visitor.client.get(path).headers
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_no_page_carries_a_script_or_a_style_of_its_own(visitor: Visitor) -> None:
    visitor.log_in(GRACE)
    for path in ["/", *PAGES, "/auth/logout"]:
        page = visitor.read(path)
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert "//" not in page.replace("http://localhost/api/profile", "")


def test_a_static_file_opens_no_session(visitor: Visitor) -> None:
    with visitor.client.get("/static/style.css") as answer:
        assert answer.status_code == 200
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert "no-store" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/members", 405), ("POST", "/auth/login", 400)],
)
def test_an_error_has_a_page_with_the_way_back(
    visitor: Visitor, method: str, path: str, status: int
) -> None:
    answer = visitor.client.open(path, method=method)
    assert answer.status_code == status
    assert "Back to the lodge" in answer.text


def test_a_refused_method_names_the_allowed_ones(visitor: Visitor) -> None:
    assert "GET" in visitor.client.delete("/members").headers["Allow"]


def test_a_form_without_its_token_says_so(visitor: Visitor) -> None:
    answer = visitor.client.post("/auth/login", data={"email": "a@example.com", "password": "x"})
    assert answer.status_code == 400
    assert "The CSRF token is missing." in answer.text


def test_a_form_too_large_is_refused(visitor: Visitor) -> None:
    answer = visitor.client.post("/auth/login", data={"email": "a" * 100_000})
    assert answer.status_code == 413


def test_a_fault_is_told_to_the_log_alone(app: Flask) -> None:
    @app.get("/faulty")
    def faulty() -> str:
        raise RuntimeError("a detail for the log")

    answer = Visitor(app).client.get("/faulty")
    assert answer.status_code == 500
    assert "detail" not in answer.text


def test_a_lost_database_is_told_without_asking_it_who_is_there(
    app: Flask, visitor: Visitor
) -> None:
    visitor.log_in()
    with app.app_context():
        db.drop_all()
    assert visitor.client.get("/").status_code == 500


def test_the_session_cookie_is_not_for_scripts_nor_for_other_sites(visitor: Visitor) -> None:
    cookies = visitor.log_in(remember="y").headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
