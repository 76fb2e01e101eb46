"""What opens something is text like any other, but for its ``repr``."""

from __future__ import annotations

from flask_porter.authenticators.hidden import Hidden, HiddenValues, hidden


def test_hidden_text_is_what_it_is_and_shows_stars() -> None:
    secret = Hidden("three brown owls")
    assert secret == "three brown owls"
    assert f"{secret}" == "three brown owls"
    assert "owls" not in repr((secret, [secret]))
    assert isinstance(hidden("a"), Hidden)
    assert hidden(5) == 5


def test_what_was_sent_is_shown_by_its_names() -> None:
    sent = HiddenValues(password="three brown owls").joined({"token": "abc"})
    assert sent == {"password": "three brown owls", "token": "abc"}
    assert repr(sent) == "<password, token>"
