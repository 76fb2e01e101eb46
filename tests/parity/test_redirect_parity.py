"""URLs of the log-in page, ours and Flask-Login 0.6.3's, on whatever Hypothesis thinks of."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_porter.login import redirects

theirs = import_module("flask_login.utils")
their_make_next_param = theirs.make_next_param

SLICE = settings(max_examples=600, derandomize=True, deadline=None)
FULL = settings(max_examples=100_000, deadline=None)

SCHEMES = st.sampled_from(["", "http:", "https:", "HTTP:", "ftp:", "javascript:"])
HOSTS = st.sampled_from(
    [
        "",
        "//localhost",
        "//LOCALHOST",
        "//localhost:80",
        "//auth.test",
        "//a@localhost",
        "//",
        "//[",
    ]
)
TEXT = st.text(st.sampled_from("ab/\\.;:@?#&=+% %2f%41[]é東\t\n"), max_size=8)
URLS = st.one_of(
    st.tuples(SCHEMES, HOSTS, TEXT.map("/".__add__)).map("".join),
    st.tuples(SCHEMES, HOSTS, TEXT).map("".join),
    st.text(max_size=12),
)
VIEWS = st.one_of(
    st.sampled_from(["login", "blue.login", "nothing"]),
    URLS.filter(lambda url: url.startswith(("/", "http://", "https://"))),
)
FORCED = st.sampled_from([None, "", "good.test", "good.test:8080"])
PREFIXES = st.sampled_from(["", "/app", "/app/v1", "/a b"])
FIELDS = st.one_of(st.just("next"), TEXT)


def outcome(function: Callable[..., Any], *arguments: Any) -> tuple[str, str]:
    """Return the result, or the kind of error."""
    try:
        return "returned", function(*arguments)
    except Exception as error:  # noqa: BLE001
        return "raised", type(error).__name__


def mended(login_url: str, current_url: str) -> str:
    """Return what Flask-Login makes of `current_url`, with the two mends that we document.

    A path that is cut out keeps one slash at its start, and has its backslashes encoded.
    """
    result: str = their_make_next_param(login_url, current_url)
    login, current = urlsplit(login_url), urlsplit(current_url)
    if login.scheme not in ("", current.scheme) or login.netloc not in ("", current.netloc):
        return result
    path, mark, query = result.partition("?")
    return re.sub("^//+", "/", path).replace("\\", "%5C") + mark + query


def theirs_mended(*arguments: Any) -> str:
    """Return what Flask-Login's `login_url` returns once its `make_next_param` is mended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theirs, "make_next_param", mended)
        result: str = theirs.login_url(*arguments)
        return result


def make_app() -> Flask:
    app = Flask("parity")
    app.add_url_rule("/login", "login", lambda: "")
    app.add_url_rule("/blue/<path:x>", "blue.login", lambda x: "", defaults={"x": "é?"})
    return app


APP = make_app()


def compare(view: str, next_url: str | None, field: str, host: str | None, prefix: str) -> None:
    APP.config["FORCE_HOST_FOR_REDIRECTS"] = host
    with APP.test_request_context(base_url=f"http://localhost{prefix}"):
        assert outcome(redirects.expand_login_view, view) == outcome(theirs.expand_login_view, view)
        arguments = (view, next_url, field)
        assert outcome(redirects.login_url, *arguments) == outcome(theirs_mended, *arguments)


@SLICE
@given(URLS, URLS)
def test_next_is_what_flask_login_makes_it(login_url: str, current_url: str) -> None:
    arguments = (login_url, current_url)
    assert outcome(redirects.make_next_param, *arguments) == outcome(mended, *arguments)


@pytest.mark.long
@FULL
@given(URLS, URLS)
def test_next_is_what_flask_login_makes_it_at_length(login_url: str, current_url: str) -> None:
    arguments = (login_url, current_url)
    assert outcome(redirects.make_next_param, *arguments) == outcome(mended, *arguments)


@SLICE
@given(VIEWS, st.none() | URLS, FIELDS, FORCED, PREFIXES)
def test_the_log_in_page_is_where_flask_login_has_it(
    view: str, next_url: str | None, field: str, host: str | None, prefix: str
) -> None:
    compare(view, next_url, field, host, prefix)


@pytest.mark.long
@FULL
@given(VIEWS, st.none() | URLS, FIELDS, FORCED, PREFIXES)
def test_the_log_in_page_is_where_flask_login_has_it_at_length(
    view: str, next_url: str | None, field: str, host: str | None, prefix: str
) -> None:
    compare(view, next_url, field, host, prefix)


def test_without_a_context_both_say_so() -> None:
    for arguments in (("login",), ("/login", "/secret")):
        for login_url in (theirs.login_url, redirects.login_url):
            assert outcome(login_url, *arguments) == ("raised", "RuntimeError")


@pytest.mark.parametrize(
    "current_url", ["http://localhost//evil.test/x", "http://localhost/\\evil"]
)
def test_the_mends_are_needed(current_url: str) -> None:
    assert their_make_next_param("/login", current_url)[1] in "/\\"
    assert redirects.make_next_param("/login", current_url)[1] not in "/\\"
