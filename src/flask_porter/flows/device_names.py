"""Names a device as its owner would, from what its browser says of itself."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ua_parser import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What people call it, where the parser is more particular.
_CALLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Chrome Mobile": "Chrome",
        "Chrome Mobile iOS": "Chrome",
        "Edge Mobile": "Edge",
        "Firefox Mobile": "Firefox",
        "Firefox iOS": "Firefox",
        "Mac OS X": "macOS",
        "Mobile Safari": "Safari",
    }
)
#: The parser runs some thousand expressions over what a client has typed.
_LONGEST: Final = 400
_LONGEST_NAME: Final = 30


@lru_cache(maxsize=1024)
def device_name(user_agent: str) -> str:
    """Return "Firefox (Linux)" or the like, or nothing for a device that nobody knows."""
    seen = parse(user_agent[:_LONGEST])
    browser = _name(seen.user_agent.family) if seen.user_agent else ""
    system = _name(seen.os.family) if seen.os else ""
    if browser and system:
        return f"{browser} ({system})"
    return browser or system


def _name(family: str) -> str:
    """Return a family's name, of letters, digits and spaces: some are cut out of what was sent."""
    plain = "".join(x if x.isalnum() or x in " -+" else " " for x in _CALLED.get(family, family))
    return " ".join(plain.split())[:_LONGEST_NAME]
