"""A cache that several people share, as a proxy in front of an app has one (RFC 9111)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.http import parse_cache_control_header, parse_set_header
from werkzeug.test import TestResponse

#: Fresh for a while where nothing says how long (RFC 9110 section 15.1, RFC 9111 section 4.2.2).
_HEURISTIC = {200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}


@dataclass
class SharedCache:
    """Keeps what it may, for as long as the test lasts: nothing gets old here."""

    #: Headers that get lost on the way from the app.
    loses: frozenset[str] = frozenset()
    stored: dict[str, list[tuple[dict[str, str], TestResponse]]] = field(default_factory=dict)

    def get(self, client: FlaskClient, path: str, **options: Any) -> TestResponse:
        """Answer from what is kept, else ask the app."""
        asked = _headers_sent(client, **options)
        for chosen_by, answer in self.stored.get(path, []):
            if all(asked.get(name, "") == value for name, value in chosen_by.items()):
                return answer
        answer = client.get(path, buffered=True, **options)
        for name in self.loses:
            answer.headers.pop(name, None)
        if _may_be_stored(answer):
            varies = parse_set_header(answer.headers.get("Vary"))
            # Section 4.1: "*" never matches.
            if "*" not in varies:
                chosen_by = {name.lower(): asked.get(name.lower(), "") for name in varies}
                self.stored.setdefault(path, []).append((chosen_by, answer))
        return answer


def _may_be_stored(answer: TestResponse) -> bool:
    """RFC 9111 section 3; a Set-Cookie forbids nothing (section 7.3)."""
    rules = parse_cache_control_header(answer.headers.get("Cache-Control"))
    forbidden = {"no-store", "private", "no-cache"} & set(rules)
    told = {"public", "max-age", "s-maxage"} & set(rules)
    return not forbidden and (bool(told) or answer.status_code in _HEURISTIC)


def _headers_sent(client: FlaskClient, **options: Any) -> dict[str, str]:
    """Return what a request of ``client`` carries, by names in small letters."""
    sent = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in client.environ_base.items()
        if name.startswith("HTTP_")
    }
    host = options.get("base_url", "http://localhost").partition("://")[2]
    kept = [client.get_cookie(name, host) for name in ("session", "__Host-session")]
    pairs = [f"{cookie.key}={cookie.value}" for cookie in kept if cookie is not None]
    return sent | {"cookie": "; ".join(pairs)}
