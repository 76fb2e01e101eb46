"""Listens to a browser: a red line in the console fails the test that did not ask for it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


class PageErrors:
    """What went wrong in the watched contexts, and what the test said would."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._expected: list[str] = []

    def expect(self, *parts: str) -> None:
        """Declare errors by a part of their text; each must then come at least once."""
        self._expected.extend(parts)

    def watch(self, context: BrowserContext) -> None:
        """Note each console error, uncaught exception and failed request of `context`."""
        context.on("console", self._console)
        context.on("weberror", self._uncaught)
        context.on("requestfailed", self._request_failed)

    def complaints(self) -> list[str]:
        """Return the errors nobody expected, then the expectations nothing met."""
        surprises = [
            error for error in self.seen if not any(part in error for part in self._expected)
        ]
        unmet = [
            f"expected an error with {part!r}, none came"
            for part in self._expected
            if not any(part in error for error in self.seen)
        ]
        return surprises + unmet

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location.get("url", "")
            self.seen.append(f"console: {message.text} ({where})")

    def _uncaught(self, error: WebError) -> None:
        self.seen.append(f"exception: {error.error}")

    def _request_failed(self, request: Request) -> None:
        # The browser itself aborts what a navigation made needless.
        if request.failure != "net::ERR_ABORTED":
            self.seen.append(f"request: {request.method} {request.url}: {request.failure}")
