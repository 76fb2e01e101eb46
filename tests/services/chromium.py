"""Finds Chromium and says how Playwright starts it: offline, quiet, and leaving nothing behind."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Return the path of a Chromium or Chrome binary, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def is_here() -> bool:
    """Tell whether a browser can be started."""
    return find() is not None


def launch_options(home: Path) -> dict[str, Any]:
    """Return Playwright's launch arguments; what Chromium keeps about itself goes to `home`."""
    return {
        "executable_path": find(),
        "args": list(QUIET),
        "env": {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        "headless": True,
    }
