"""Finds in the source of a page, a mail or a stylesheet what reaches for another host, or runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_LOADS = frozenset({"src", "srcset", "poster", "data", "background", "manifest", "ping"})
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
# A name, which nothing fetches.
_SVG = 'xmlns="http://www.w3.org/2000/svg"'
# A link in a mail that is shown leads away when somebody clicks it; no script runs in there.
_HARMLESS_IN_A_FRAME = {"allow-top-navigation-by-user-activation"}


class _Finder(HTMLParser):
    def __init__(self, *, is_mail: bool) -> None:
        super().__init__()
        self.is_mail = is_mail
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if tag == "script" and (self.is_mail or not {"src", "nonce"} <= names):
            self.found.append("script without src and nonce")
        if tag in {"object", "embed", "base", "applet"}:
            self.found.append(tag)
        if tag == "iframe":
            allowed = set((dict(attrs).get("sandbox") or "").split())
            if "sandbox" not in names or not allowed <= _HARMLESS_IN_A_FRAME:
                self.found.append("open iframe")
        for name, value in attrs:
            if name.startswith("on"):
                self.found.append(f"handler {name}")
            if name == "style" and not self.is_mail:
                self.found.append("inline style")
            loads = name in _LOADS or (name == "href" and tag == "link")
            sends = name in {"href", "action", "formaction"}
            if loads and self.is_mail:
                self.found.append(f"mail loads {value}")
            goes_to = (value or "").strip()
            is_picture = loads and not self.is_mail and goes_to.startswith("data:image/")
            if (loads or sends) and _ELSEWHERE.match(goes_to) and not is_picture:
                self.found.append(f"elsewhere {value}")


def in_page(text: str, *, is_mail: bool = False) -> list[str]:
    """Return what a template has that a strict policy would refuse, or a mail should not load."""
    finder = _Finder(is_mail=is_mail)
    finder.feed(_VALUE.sub("VALUE", _JINJA.sub("", text)))
    return finder.found + in_asset(text)


def in_asset(text: str) -> list[str]:
    """Return what a stylesheet or script loads from elsewhere."""
    found = re.findall(r"@import[^;]*", text)
    for url in re.findall(r"url\(\s*['\"]?([^'\")]+)", text):
        if _ELSEWHERE.match(url) and not url.startswith("data:"):
            found.append(f"url({url})")
    found += re.findall(r"['\"](?:https?:)?//[^'\"]+['\"]", text.replace(_SVG, ""))
    return found
