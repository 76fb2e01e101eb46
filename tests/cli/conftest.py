"""Gives the tests of the command line a site where Ada has an account."""

from __future__ import annotations

from tests.account_site import site as site
