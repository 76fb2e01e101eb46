"""Finds Node.js, whose URL parser is the WHATWG judge of what a browser would visit."""

from __future__ import annotations

import shutil


def find() -> str | None:
    """Return the path of the Node.js binary, or None."""
    return shutil.which("node") or shutil.which("nodejs")


def is_here() -> bool:
    """Tell whether Node.js can be run."""
    return find() is not None
