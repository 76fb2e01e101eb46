"""Attack LG05: with the rights that the security page writes down, the app removes no entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.account_site import make_site

PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text()
[RIGHTS] = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
ROLE = "porter_test_larder"


@pytest.mark.postgres
def test_lg05_the_role_of_the_app_changes_and_removes_no_entry(
    tmp_path: Path, postgres_url: str
) -> None:
    site = make_site(tmp_path, url=postgres_url)
    site.register()
    site.login()
    before = len(site.events())
    engine = site.accounts.database.engine()
    with engine.begin() as owner:
        owner.execute(text(f"CREATE ROLE {ROLE}"))
        for statement in filter(str.strip, RIGHTS.replace("larder", ROLE).split(";")):
            owner.execute(text(statement))
    try:
        for attack in (
            "UPDATE porter_audit SET event = 'nothing'",
            "DELETE FROM porter_audit",
            "TRUNCATE porter_audit",
            "DROP TRIGGER porter_audit_append_only ON porter_audit",
            "ALTER TABLE porter_audit DISABLE TRIGGER ALL",
        ):
            with engine.connect() as app:
                app.execute(text(f"SET LOCAL ROLE {ROLE}"))
                with pytest.raises(DBAPIError, match=r"permission|owner"):
                    app.execute(text(attack))
        assert len(site.events()) == before
        with engine.begin() as app:
            # It still writes what happens, and the rest of what it must.
            app.execute(text(f"SET LOCAL ROLE {ROLE}"))
            columns = "at, event, level, actor, address, user_agent, surface, session_id, details"
            copied = f"SELECT {columns} FROM porter_audit LIMIT 1"
            app.execute(text(f"INSERT INTO porter_audit ({columns}) {copied}"))
            app.execute(text("DELETE FROM porter_sessions"))
        assert len(site.events()) == before + 1
    finally:
        with engine.begin() as owner:
            owner.execute(text(f"DROP OWNED BY {ROLE}"))
            owner.execute(text(f"DROP ROLE {ROLE}"))
