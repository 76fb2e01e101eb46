"""Tests that an app's templates come before ours, one by one, and can build on ours."""

from __future__ import annotations

from jinja2 import DictLoader

from tests.web.sample_pages import create_app


def page(name: str, **templates: str) -> str:
    """Return a page of an app that brings some templates of its own."""
    app = create_app()
    files = {f"porter/{file}.html": text for file, text in templates.items()}
    app.jinja_loader = DictLoader(files | {"layout.html": LAYOUT})
    return app.test_client().get(f"/{name}").text


LAYOUT = (
    "<html><head>{% block head %}{% endblock %}<title>{% block title %}{% endblock %}</title>"
    "</head><body><nav>Shop {{ url_for('page', name='login') }}</nav>"
    "{% block content %}{% endblock %}{% block after_form %}{% endblock %}</body></html>"
)


def test_a_template_of_the_app_wins() -> None:
    assert page("login", login="Our own: {{ _('Log in') }}") == "Our own: Log in"
    assert "<h1>Register</h1>" in page("register", login="Our own")


def test_it_can_change_one_block_of_ours() -> None:
    own = '{% extends "flask_porter/login.html" %}{% block after_form %}Ask Ada.{% endblock %}'
    changed = page("login", login=own)
    assert "Ask Ada." in changed
    assert "<h1>Log in</h1>" in changed
    assert "New here?" not in changed


def test_one_frame_of_the_app_is_around_all_pages() -> None:
    framed = page("login", base='{% extends "layout.html" %}')
    assert "<nav>Shop /login</nav>" in framed
    assert "<title>Log in</title>" in framed
    assert '<input id="password"' in framed
    assert "New here?" in framed
    assert 'class="card"' not in framed
    assert "<h1>Devices</h1>" in page("devices", base='{% extends "layout.html" %}')
