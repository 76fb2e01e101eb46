"""Gives the tests of the pages and the API a site where Ada has an account."""

from __future__ import annotations

from tests.account_site import site as site
