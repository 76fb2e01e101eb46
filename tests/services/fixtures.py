"""The services as fixtures: started for the first test that asks, ended with the run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis as redis_client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)
from psycopg import sql

from tests.services import chromium, postgres, redis
from tests.services import node as node_service
from tests.services.page_errors import PageErrors
from tests.services.processes import short_folder
from tests.services.serving import serving

ANSWERS_WITHIN = 10_000
"""Milliseconds that Playwright waits for a page or an element on a loaded machine."""

ContextFactory = Callable[..., BrowserContext]
Serve = Callable[..., str]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """Yield the URL of a Redis server; prefer `redis_url`, which is empty at the start."""
    with redis.server() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """Return the URL of an empty Redis database."""
    with redis_client.Redis.from_url(redis_server) as client:
        client.flushdb()
    return redis_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Yield a libpq URL of a PostgreSQL server; prefer `postgres_url`, an empty database."""
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Yield a libpq URL of a new PostgreSQL database, dropped after the test."""
    name = f"porter_test_{next(_numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        identifier = sql.Identifier(name)
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier)
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
        # A URL with an empty host needs its two slashes spelled.
        parts = urlsplit(postgres_server)
        yield f"{parts.scheme}://{parts.netloc}/{name}?{parts.query}".removesuffix("?")
        connection.execute(drop)


@pytest.fixture(scope="session")
def node() -> str:
    """Return the path of the Node.js binary."""
    binary = node_service.find()
    assert binary is not None
    return binary


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Yield a function that serves an application on loopback and returns its address."""
    with ExitStack() as servers:
        yield lambda app, **options: servers.enter_context(serving(app, **options))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Yield Playwright, for a test that starts a browser of its own."""
    expect.set_options(timeout=ANSWERS_WITHIN)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Yield one headless Chromium for the whole run."""
    with short_folder("chromium") as home:
        started = playwright.chromium.launch(**chromium.launch_options(home))
        yield started
        started.close()


@pytest.fixture
def page_errors() -> Iterator[PageErrors]:
    """Yield the errors of this test's pages; one that the test did not expect fails it."""
    errors = PageErrors()
    yield errors
    complaints = errors.complaints()
    if complaints:
        pytest.fail("In the browser:\n" + "\n".join(complaints), pytrace=False)


@pytest.fixture
def new_context(
    browser: Browser, page_errors: PageErrors, serve: Serve
) -> Iterator[ContextFactory]:
    """Yield a function that opens a watched window with cookies of its own.

    `serve` is named so that it ends later: a page still loading would miss its server.
    """
    with ExitStack() as opened:

        def open_context(**options: Any) -> BrowserContext:
            context = browser.new_context(**options)
            opened.callback(context.close)
            return _watched(context, page_errors)

        yield open_context


@pytest.fixture
def new_profile(
    playwright: Playwright, page_errors: PageErrors, serve: Serve, tmp_path: Path
) -> Iterator[ContextFactory]:
    """Yield a function that starts a browser on a folder; close it and start again to restart.

    `serve` is named for the same reason as above.
    """
    with ExitStack() as opened:

        def open_profile(folder: Path, **options: Any) -> BrowserContext:
            context = playwright.chromium.launch_persistent_context(
                folder, **chromium.launch_options(tmp_path), **options
            )
            opened.callback(context.close)
            return _watched(context, page_errors)

        yield open_profile


@pytest.fixture
def context(new_context: ContextFactory) -> BrowserContext:
    """Return a watched window with cookies of its own."""
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Return an empty page; console errors and failed requests fail the test."""
    return context.new_page()


def _watched(context: BrowserContext, errors: PageErrors) -> BrowserContext:
    context.set_default_timeout(ANSWERS_WITHIN)
    errors.watch(context)
    return context
