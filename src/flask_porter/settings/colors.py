"""What can be read on a colour of the app's choosing."""

from __future__ import annotations

from typing import Final

# Relative luminance above which black is easier to read than white (WCAG 2.2, contrast ratio).
_BRIGHT: Final = 0.179


def ink_on(color: str) -> str:
    """Return black or white, whichever is read more easily on ``color``, as ``#3457d5``."""
    digits = color.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000" if luminance > _BRIGHT else "#fff"
