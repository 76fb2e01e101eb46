"""What somebody takes with them is JSON that another program can read."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import UUID

import pytest

from flask_porter.flows.download_data import as_text
from tests.account_site import ADA, PASSWORD, make_site

AT = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


class Size(Enum):
    SMALL = "s"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (AT, "2026-11-21T05:30:00+00:00"),
        (date(1815, 12, 10), "1815-12-10"),
        (time(5, 30), "05:30:00"),
        (b"\x00\xff", "AP8="),
        (Size.SMALL, "s"),
        (Decimal("12.50"), "12.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_what_json_has_no_type_for_is_text_that_can_be_read_back(value: object, text: str) -> None:
    assert as_text(value) == text


def test_page_and_api_write_times_as_rfc_3339_does(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    created_at = site.register().created_at
    client = site.client()
    client.post("/account/login", data={"identifier": ADA, "password": PASSWORD})
    for answer in (client.post("/account/download-data"), client.get("/account/api/data")):
        account = answer.get_json()["account"]
        assert datetime.fromisoformat(account["created_at"]) == created_at
        assert "T" in account["created_at"]
