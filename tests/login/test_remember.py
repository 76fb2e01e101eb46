"""Corners of the remember cookie and of `next` that no ordinary log-in comes to."""

import pytest

from flask_porter import decode_cookie, login_required
from flask_porter.login import remember
from tests.login.vault import open_vault, session_of


@pytest.mark.parametrize("cookie", ["\ud800|" + "0" * 128, "1|\udfff"])
def test_text_that_no_browser_can_send_is_no_cookie(cookie: str) -> None:
    with open_vault().app.app_context():
        assert decode_cookie(cookie) is None


def test_a_werkzeug_that_knows_no_partitions_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remember, "_CAN_PARTITION", False)
    vault = open_vault()
    vault.app.config.update(REMEMBER_COOKIE_PARTITIONED=True, TESTING=True)
    with pytest.raises(RuntimeError, match=r"Werkzeug 3\.1"):
        vault.client().get("/login/1?remember")


@pytest.mark.parametrize(("hardened", "kept"), [(False, "/secret"), (True, None)])
def test_a_post_takes_the_place_of_an_earlier_next_only_where_it_can_be_one(
    hardened: bool, kept: str | None
) -> None:
    vault = open_vault(hardened=hardened)
    vault.manager.login_view = "/log-in"
    vault.app.config["USE_SESSION_FOR_NEXT"] = True

    @vault.app.post("/secret")
    @login_required
    def secret() -> str:
        return "secret"

    client = vault.client()
    with client.session_transaction() as stored:
        stored["next"] = "/earlier"
    assert client.post("/secret").status_code == 302
    assert session_of(client).get("next") == kept
