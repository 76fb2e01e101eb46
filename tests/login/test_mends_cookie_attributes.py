"""The remember cookie goes as it came: same attributes, any key, any bytes a client sends."""

from importlib.metadata import version
from types import ModuleType
from typing import Any

import pytest
from flask import Response
from packaging.version import Version

from tests.login.mended import OURS, outcomes, restart, shared, shown, site

COOKIE = "remember_token"
KNOWS_PARTITIONED = Version(version("werkzeug")) >= Version("3.1")


def cleared_with(library: ModuleType, **config: object) -> set[str]:
    """Return the attributes that take the remember cookie away."""
    client = site(library, **config).client()
    client.set_cookie(COOKIE, "any")
    lines = client.get("/logout").headers.getlist("Set-Cookie")
    (line,) = [line for line in lines if line.startswith(f"{COOKIE}=;")]
    return {part for part in line.split("; ")[1:] if not part.startswith(("Expires", "Max-Age"))}


@outcomes(ours={"Path=/", "Secure", "HttpOnly", "SameSite=None"}, fault_of_the_original={"Path=/"})
def test_a_secure_cross_site_cookie_is_cleared_as_one(
    library: ModuleType, outcome: set[str]
) -> None:
    config = {"REMEMBER_COOKIE_SECURE": True, "REMEMBER_COOKIE_SAMESITE": "None"}
    assert cleared_with(library, **config) == outcome


@outcomes(ours={"Path=/", "Secure"}, fault_of_the_original={"Path=/"})
def test_a_secure_cookie_that_scripts_may_read_is_cleared_as_one(
    library: ModuleType, outcome: set[str]
) -> None:
    config = {"REMEMBER_COOKIE_SECURE": True, "REMEMBER_COOKIE_HTTPONLY": False}
    assert cleared_with(library, **config) == outcome


@shared()
def test_domain_and_path_are_those_it_was_set_with(library: ModuleType) -> None:
    config = {"REMEMBER_COOKIE_DOMAIN": "localhost", "REMEMBER_COOKIE_PATH": "/app"}
    assert cleared_with(library, **config) == {"Domain=localhost", "Path=/app"}


class ModestResponse(Response):
    """Overrides both methods and knows no attribute but these, as OctoPrint's response does."""

    def set_cookie(self, key: str, value: str = "", *args: Any, **kwargs: Any) -> None:
        super().set_cookie(key, value, *args, **kwargs)

    def delete_cookie(  # type: ignore[override]
        self, key: str, path: str = "/", domain: str | None = None
    ) -> None:
        super().delete_cookie(key, path=path, domain=domain)


@shared()
@pytest.mark.parametrize(
    "config",
    [
        {},
        {"REMEMBER_COOKIE_SECURE": False},
        {"REMEMBER_COOKIE_SAMESITE": None},
        {"REMEMBER_COOKIE_PARTITIONED": False},
        {"REMEMBER_COOKIE_HTTPONLY": False},
        {"REMEMBER_COOKIE_PATH": "/logout"},
    ],
)
def test_a_response_class_that_knows_less_works_by_default(
    library: ModuleType, config: dict[str, object]
) -> None:
    house = site(library, **config)
    house.app.response_class = ModestResponse
    client = house.client()
    with client.session_transaction() as stored:
        stored["basket"] = "pear"  # or Flask clears its own cookie, with more attributes
    client.get("/login?id=1&remember")
    assert client.get("/logout").status_code == 200
    assert client.get_cookie(COOKIE) is None


partitioned = pytest.mark.only_where(KNOWS_PARTITIONED, reason="Werkzeug 3.1")


@partitioned
@outcomes(ours=True, fault_of_the_original=False)
def test_the_cookie_can_be_partitioned(library: ModuleType, outcome: bool) -> None:
    client = site(library, REMEMBER_COOKIE_PARTITIONED=True).client()
    line = client.get("/login?id=1&remember").headers["Set-Cookie"]
    assert ("; Partitioned" in line) is outcome


@partitioned
@outcomes(ours={"Path=/", "HttpOnly", "Secure", "Partitioned"}, fault_of_the_original={"Path=/"})
def test_a_partitioned_cookie_is_cleared_as_one(library: ModuleType, outcome: set[str]) -> None:
    assert cleared_with(library, REMEMBER_COOKIE_PARTITIONED=True) == outcome


@pytest.mark.only_where(not KNOWS_PARTITIONED, reason="older")
def test_an_older_werkzeug_is_named_when_it_cannot_partition() -> None:
    house = site(OURS, REMEMBER_COOKIE_PARTITIONED=True, TESTING=True)
    with pytest.raises(RuntimeError, match=r"REMEMBER_COOKIE_PARTITIONED.*Werkzeug.*3\.1"):
        house.client().get("/login?id=1&remember")


@outcomes(ours=["Ada", "Ada"], fault_of_the_original=["nobody", "nobody"])
def test_a_cookie_under_a_fallback_key_is_still_good(
    library: ModuleType, outcome: list[str]
) -> None:
    house = site(library, SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old", b"older"])
    names = []
    for key in ("old", b"older"):
        client = house.client()
        client.set_cookie(COOKIE, library.encode_cookie("1", key=key))
        names.append(shown(client))
    assert names == outcome


@shared()
@pytest.mark.parametrize("fallbacks", [None, [], ["other"]])
def test_a_cookie_under_any_other_key_is_not(
    library: ModuleType, fallbacks: list[str] | None
) -> None:
    client = site(library, SECRET_KEY="new", SECRET_KEY_FALLBACKS=fallbacks).client()
    client.set_cookie(COOKIE, library.encode_cookie("1", key="old"))
    assert shown(client) == "nobody"


@shared()
def test_a_new_cookie_is_always_written_under_the_secret_key(library: ModuleType) -> None:
    client = site(library, SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]).client()
    client.get("/login?id=1&remember")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value == library.encode_cookie("1", key="new")


@shared()
def test_a_key_given_by_hand_is_the_only_one_that_counts(library: ModuleType) -> None:
    house = site(library, SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"])
    with house.app.app_context():
        assert library.decode_cookie(library.encode_cookie("1", key="old"), key="other") is None


@outcomes(ours="Ada", fault_of_the_original=500)
def test_a_secret_key_outside_latin_1_signs_and_reads(
    library: ModuleType, outcome: str | int
) -> None:
    client = site(library, SECRET_KEY="ключ").client()
    assert shown(client, "/login?id=1&remember") == ("True" if outcome == "Ada" else 500)
    restart(client)
    client.set_cookie(COOKIE, library.encode_cookie("1", key="ключ".encode()))
    assert shown(client) == outcome


@shared()
def test_a_key_within_latin_1_is_still_read_as_latin_1(library: ModuleType) -> None:
    client = site(library, SECRET_KEY="clé").client()
    client.set_cookie(COOKIE, library.encode_cookie("1", key=b"cl\xe9"))
    assert shown(client) == "Ada"


def send_raw(library: ModuleType, cookie: bytes, path: str = "/who") -> str | int:
    """Send the cookie's bytes as they are, past the test client's own cookie jar."""
    client = site(library).app.test_client(use_cookies=False)
    header = f"{COOKIE}=" + cookie.decode("latin-1")
    return shown(client, path, environ_overrides={"HTTP_COOKIE": header})


@outcomes(ours="nobody", fault_of_the_original=500)
@pytest.mark.parametrize(
    "cookie",
    ["1|é".encode(), b"1|\xe9", b"|\xff", b"1|" + b"0" * 127 + b"\xc3\xa9", b'"1|\\303\\251"'],
)
def test_a_digest_outside_ascii_is_no_digest(
    library: ModuleType, outcome: str | int, cookie: bytes
) -> None:
    assert send_raw(library, cookie) == outcome


@shared()
@pytest.mark.parametrize("path", ["/who", "/remembered"])
@pytest.mark.parametrize("payload", [b"\xc3\xa9", b"\xff", b"\\377", b"a|b|c", b"%00", b'"\\001"'])
@pytest.mark.parametrize("digest", [b"", b"0" * 128, b"A" * 128])
def test_any_payload_is_nobody_without_its_digest(
    library: ModuleType, payload: bytes, digest: bytes, path: str
) -> None:
    nobody = {"/who": "nobody", "/remembered": "False"}
    assert send_raw(library, payload + b"|" + digest, path) == nobody[path]
