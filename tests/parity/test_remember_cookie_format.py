"""The remember cookie, byte by byte, and the attributes it is sent with."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

VECTORS = {
    "1": "0e9e6e9855fbe6df7906ec4737578a1d491b38d3fd5246c1561016e189d65160"
    "43286501ca43257c938e60aad77acec5ce916b94ca9d00c0bb6f9883ae4b82ae",
    "佐藤": "19eb6417c22e6e4ba7d9ca586d4778e3436a98c174be84347090be382a1ce3b4"
    "730f292c921228e1dbccf4a638ed10f9ec0fe31a979168fa2d49c0275705a74c",
    "a|b": "d40625f5488b28fadb12b5c19e81a7eac5327b605839122dcace3c0492a94e67"
    "91950faf8301849ae6dd483d3086b163666baefd09ccf087fdc76a693cdeef77",
    "": "e070c1fb0de9b4ae54a1d0da50965db5e60e045d2ff19d5e1341325f2f2bdf6a"
    "c3f2c240ba6e2883e1c3da211171609ccd9d3e76da6bd7bca7381f43417f0296",
}
vectors = pytest.mark.parametrize(("payload", "digest"), VECTORS.items())


@vectors
def test_the_value_is_the_payload_and_its_digest(
    app: Flask, library: ModuleType, payload: str, digest: str
) -> None:
    with app.app_context():
        assert library.encode_cookie(payload) == f"{payload}|{digest}"
        assert library.decode_cookie(f"{payload}|{digest}") == payload


@vectors
def test_a_given_key_replaces_the_secret_key_and_needs_no_app(
    library: ModuleType, payload: str, digest: str
) -> None:
    assert library.encode_cookie(payload, key="deterministic") == f"{payload}|{digest}"
    assert library.encode_cookie(payload, b"deterministic") == f"{payload}|{digest}"
    assert library.decode_cookie(f"{payload}|{digest}", key="deterministic") == payload
    assert library.decode_cookie(f"{payload}|{digest}", b"deterministic") == payload


def test_a_given_key_beats_the_secret_key(app: Flask, library: ModuleType) -> None:
    with app.app_context():
        own = library.encode_cookie("1")
        other = library.encode_cookie("1", key="another")
        assert own != other
        assert library.decode_cookie(other) is None
        assert library.decode_cookie(own, key="another") is None


@pytest.mark.parametrize(
    "value",
    [
        "no bar at all",
        "",
        "|",
        "1|",
        f"1|{VECTORS['1'][:-1]}",
        f"1|{VECTORS['1'].upper()}",
        f"2|{VECTORS['1']}",
        f"1|{VECTORS['1']} ",
        f"1{VECTORS['1']}",
    ],
)
def test_anything_else_decodes_to_none(app: Flask, library: ModuleType, value: str) -> None:
    with app.app_context():
        assert library.decode_cookie(value) is None


def test_a_text_key_is_read_as_latin_1(library: ModuleType) -> None:
    text = library.encode_cookie("1", key="schlüssel")
    assert text == library.encode_cookie("1", key="schlüssel".encode("latin-1"))
    assert text != library.encode_cookie("1", key="schlüssel".encode())


def test_a_secret_key_of_bytes_is_used_as_it_is(
    app: Flask, library: ModuleType, submodule: Callable[[str], Any]
) -> None:
    app.config["SECRET_KEY"] = b"\xff\x00key"
    with app.app_context():
        assert submodule("utils")._secret_key() == b"\xff\x00key"
        assert library.decode_cookie(library.encode_cookie("1", key=b"\xff\x00key")) == "1"


def test_a_secret_key_of_text_is_encoded_as_latin_1(
    app: Flask, library: ModuleType, submodule: Callable[[str], Any]
) -> None:
    app.config["SECRET_KEY"] = "schlüssel"
    with app.app_context():
        assert submodule("utils")._secret_key() == b"schl\xfcssel"


def test_an_explicit_key_needs_no_context(submodule: Callable[[str], Any]) -> None:
    assert submodule("utils")._secret_key("schlüssel") == b"schl\xfcssel"
    assert submodule("utils")._secret_key(b"bytes") == b"bytes"


@vectors
def test_the_digest_alone_can_be_had(
    app: Flask, submodule: Callable[[str], Any], payload: str, digest: str
) -> None:
    utils = submodule("utils")
    assert utils._cookie_digest(payload, key="deterministic") == digest
    with app.app_context():
        assert utils._cookie_digest(payload) == digest


def attributes(line: str) -> set[str]:
    """Attribute names of a Set-Cookie line; a flag or a fixed value in full."""
    parts = line.split("; ")[1:]
    return {part.partition("=")[0] if part.startswith("Expires") else part for part in parts}


def test_by_default_the_cookie_has_an_expiry_a_path_and_httponly(
    client: FlaskClient, remember_line: Callable[..., str | None]
) -> None:
    line = remember_line(client.get("/login?id=1&remember"))
    assert line is not None
    assert line.split("; ")[0] == f"remember_token=1|{VECTORS['1']}"
    assert attributes(line) == {"Expires", "HttpOnly", "Path=/"}


def test_every_attribute_follows_its_key(
    app: Flask, client: FlaskClient, remember_line: Callable[..., str | None]
) -> None:
    app.config.update(
        REMEMBER_COOKIE_DOMAIN="localhost.local",
        REMEMBER_COOKIE_PATH="/app",
        REMEMBER_COOKIE_SECURE=True,
        REMEMBER_COOKIE_HTTPONLY=False,
        REMEMBER_COOKIE_SAMESITE="Lax",
    )
    line = remember_line(client.get("/login?id=1&remember"))
    assert line is not None
    assert attributes(line) == {
        "Expires",
        "Domain=localhost.local",
        "Path=/app",
        "Secure",
        "SameSite=Lax",
    }


def test_clearing_goes_to_the_same_name_domain_and_path(app: Flask, client: FlaskClient) -> None:
    app.config.update(
        REMEMBER_COOKIE_NAME="myname",
        REMEMBER_COOKIE_DOMAIN="localhost",
        REMEMBER_COOKIE_PATH="/logout",
    )
    client.get("/login?id=1&remember")
    (line,) = [
        line
        for line in client.get("/logout").headers.getlist("Set-Cookie")
        if line.startswith("myname=")
    ]
    assert line.startswith("myname=;")
    assert {"Expires", "Max-Age=0", "Domain=localhost", "Path=/logout"} <= attributes(line)
    assert client.get_cookie("myname", "localhost", "/logout") is None


class NotingResponse(Response):
    """Overrides both cookie methods with the signatures that OctoPrint's response has."""

    notes: list[tuple[Any, ...]] = []  # noqa: RUF012 - read by the test

    def set_cookie(self, key: str, value: str = "", *args: Any, **kwargs: Any) -> None:
        self.notes.append(("set", key, value, args, sorted(kwargs)))
        super().set_cookie(key, value, *args, **kwargs)

    def delete_cookie(  # type: ignore[override]
        self, key: str, path: str = "/", domain: str | None = None
    ) -> None:
        self.notes.append(("delete", key, path, domain))
        super().delete_cookie(key, path=path, domain=domain)


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    noted: list[tuple[Any, ...]] = []
    monkeypatch.setattr(NotingResponse, "notes", noted)
    return noted


def test_both_go_through_the_apps_own_response_class(
    app: Flask, client: FlaskClient, library: ModuleType, notes: list[tuple[Any, ...]]
) -> None:
    app.response_class = NotingResponse
    with client.session_transaction() as stored:
        stored["basket"] = "pear"  # or Flask clears its own cookie, with keywords of its own
    client.get("/login?id=1&remember")
    client.get("/logout")
    # Werkzeug deletes by setting the empty text.
    remember = [note for note in notes if note[1] == "remember_token" and note[2] != ""]
    names = ["domain", "expires", "httponly", "path", "samesite", "secure"]
    assert remember == [
        ("set", "remember_token", f"1|{VECTORS['1']}", (), names),
        ("delete", "remember_token", "/", None),
    ]


def test_a_response_class_may_rewrite_the_value(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    class Rewriting(Response):
        def set_cookie(self, key: str, value: str = "", *args: Any, **kwargs: Any) -> None:
            super().set_cookie(f"{key}_x", f"{value}!", *args, **kwargs)

    app.response_class = Rewriting
    client.get("/login?id=1&remember")
    cookie = client.get_cookie("remember_token_x")
    assert cookie is not None
    assert cookie.value == f"1|{VECTORS['1']}!"
