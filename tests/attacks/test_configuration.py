"""Attacks CF01 to CF11 on what an app is set to, where the account layer is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import flask_porter
from tests.attacks import page_sources

WEB = Path(flask_porter.__file__).parent / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
ASSETS = [
    path
    for path in sorted([*(WEB / "static").rglob("*"), *(WEB / "templates").rglob("*.css")])
    if path.suffix in {".css", ".js", ".svg"}
]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(WEB).as_posix())
def test_cf11_no_template_loads_from_elsewhere_or_runs_inline(path: Path) -> None:
    is_mail = path.parent.name == "mail"
    assert page_sources.in_page(path.read_text(), is_mail=is_mail) == []


@pytest.mark.parametrize("path", ASSETS, ids=lambda path: path.name)
def test_cf11_no_asset_loads_from_elsewhere(path: Path) -> None:
    assert page_sources.in_asset(path.read_text()) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<script src="https://cdn.test/x.js" nonce="{{ nonce }}"></script>',
        '<script src="//cdn.test/x.js" nonce="{{ nonce }}"></script>',
        "<script>alert(1)</script>",
        '<p onclick="go()">',
        '<p {% if a %}onmouseover="go()"{% endif %}>',
        '<p style="color: red">',
        '<link rel="stylesheet" href="https://cdn.test/x.css">',
        '<a href="javascript:go()">',
        '<form action="https://evil.test">',
        '<img srcset="//cdn.test/a.png 2x">',
        "<style>@import 'x.css';</style>",
        "<style>p { background: url(https://cdn.test/a.png) }</style>",
        '<iframe srcdoc="x"></iframe>',
        '<iframe sandbox="allow-scripts" srcdoc="x"></iframe>',
        '<base href="/">',
    ],
)
def test_cf11_what_is_planted_is_found(planted: str) -> None:
    assert page_sources.in_page(planted) != []


def test_cf11_a_picture_planted_in_a_mail_is_found() -> None:
    assert page_sources.in_page('<img src="{{ pixel }}">', is_mail=True) != []
    assert page_sources.in_page('<p style="margin:0">', is_mail=True) == []
    assert TEMPLATES
    assert ASSETS
