"""What the audit log is told of, without a flow that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.models.people import NOW


@dataclass(frozen=True)
class Happened:
    name: str
    user_id: Any = None
    at: datetime = NOW
    level: str = "INFO"
    actor: str = ""
    address: str = "127.0.0.1"
    user_agent: str = ""
    surface: str = "pages"
    session_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
