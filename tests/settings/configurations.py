"""Configurations to read settings from: one of an app in production, one in development."""

from __future__ import annotations

from typing import Any

from flask_porter.settings import Settings, read_settings

STRONG_KEY = "b5f0c1d2e7984a63b1c05f7e2d9a4c8806e3f7a9d1b24c5e"


def production(**given: Any) -> Settings:
    """Return the settings of an app in production, with a key and what is given."""
    config = {"SECRET_KEY": STRONG_KEY, **given}
    return read_settings(config, name="shop", debug=False, testing=False)


def development(**given: Any) -> Settings:
    """Return the settings of an app in development, with a key and what is given."""
    config = {"SECRET_KEY": STRONG_KEY, **given}
    return read_settings(config, name="shop", debug=True, testing=False)
