"""One cookie is read as Werkzeug reads it, whatever stands around it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Request
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import ImmutableMultiDict

from flask_porter.login.cookie_header import read_cookie

from .session_site import FULL, SLICE

NAMES = ["session", "remember_token", "a.b", "a-b", "s", "a b", "ses$ion", "$&", "séance"]
PIECES = st.sampled_from(
    [*NAMES, "=", ";", "; ", " ", "\t", '"', "\\", "\\073", ",", "x", "eyJhIjoxfQ.awD6kA.eLO-_"]
)
ANY_BYTES = st.binary(max_size=4).map(lambda junk: junk.decode("latin-1"))
HEADERS = st.lists(PIECES | ANY_BYTES, max_size=14).map("".join)


def request_with(header: str | None) -> Request:
    """Return a request with ``header`` as its ``Cookie`` header."""
    return Request({} if header is None else {"HTTP_COOKIE": header})


@SLICE
@given(header=HEADERS, name=st.sampled_from(NAMES))
@example(header='a="; session=x"; session=y', name="session")
@example(header='a="; session=x; "', name="session")
@example(header="session = x", name="session")
@example(header="session = x; session=y", name="session")
@example(header="session; session=y", name="session")
@example(header="axb=1; a.b=2", name="a.b")
@example(header="session", name="session")
@example(header="xsession=1; session=2", name="session")
@example(header="session=1; session=2", name="session")
@example(header="\xa0session=1", name="session")
@example(header="\xc2\xa0session=1", name="session")
@example(header="a=\n; session=1", name="session")
@example(header="a=b,session=1", name="session")
def test_a_cookie_is_read_as_werkzeug_reads_it(header: str, name: str) -> None:
    assert read_cookie(request_with(header), name) == request_with(header).cookies.get(name)


@pytest.mark.long
@FULL
@given(header=HEADERS, name=st.sampled_from(NAMES))
def test_no_header_of_many_is_read_otherwise(header: str, name: str) -> None:
    assert read_cookie(request_with(header), name) == request_with(header).cookies.get(name)


def test_a_request_without_cookies_has_none() -> None:
    assert read_cookie(request_with(None), "session") is None


def test_the_other_cookies_are_not_taken_apart() -> None:
    request = request_with("a=b; session=x; c=d")
    assert read_cookie(request, "session") == "x"
    assert read_cookie(request, "other") is None
    assert "cookies" not in vars(request)


def test_cookies_that_were_parsed_before_count() -> None:
    request = request_with("session=x")
    request.cookies = ImmutableMultiDict({"session": "from elsewhere"})
    assert read_cookie(request, "session") == "from elsewhere"


def test_a_request_class_with_its_own_cookies_is_asked() -> None:
    class HeaderRequest(Request):
        @property
        def cookies(self) -> Any:
            return {"session": self.environ["HTTP_X_SESSION"]}

    assert read_cookie(HeaderRequest({"HTTP_X_SESSION": "x"}), "session") == "x"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_taken_literally(name: str) -> None:
    header = f"xaxbx=1; {name}=2".encode().decode("latin-1")
    assert read_cookie(request_with(header), name) == request_with(header).cookies.get(name)
