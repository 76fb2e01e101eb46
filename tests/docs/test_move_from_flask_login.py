"""Holds "Moving from Flask-Login" to the tests that show each fault and each mend."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import flask_porter
from flask_porter import LoginManager
from flask_porter.login.compat import facades
from tests.docs.what_the_code_has import config_keys

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how_to" / "move_from_flask_login.md"

#: The test of each row of "What is mended", by the words the row begins with.
MENDS = {
    "Every response varies by cookie": "test_no_vary_on_what_ignores_users",
    "A template loads the user": "test_a_template_that_does_not_name_the_user_does_not_load_one",
    "Several requests in one": "test_clients_in_one_app_context_keep_their_own_users",
    "With strong protection": (
        "test_a_restored_user_survives_the_next_request_in_strong_protection"
    ),
    "A junk remember cookie": (
        "test_a_cookie_that_finds_nobody_does_not_silence_the_request_loader"
    ),
    "The cookie of somebody gone": "test_a_cookie_of_somebody_gone_leaves_no_session",
    "Letters outside ASCII": "test_a_digest_outside_ascii_is_no_digest",
    "`session.clear()` after": "test_clearing_the_session_after_a_logout_still_logs_out",
    "Logging in over": "test_logging_in_over_somebody_elses_cookie_removes_it",
    "The `duration` of one": "test_the_duration_of_one_login_does_not_count_for_the_next",
    "`REMEMBER_COOKIE_REFRESH": "test_refreshing_each_request_remembers_nobody_else",
    "A cookie with `Secure`": "test_a_secure_cross_site_cookie_is_cleared_as_one",
    "`SECRET_KEY_FALLBACKS`": "test_a_cookie_under_a_fallback_key_is_still_good",
    "The remember cookie cannot": "test_the_cookie_can_be_partitioned",
    "A `SECRET_KEY` outside": "test_a_secret_key_outside_latin_1_signs_and_reads",
    "A list or dict": "test_a_list_or_dict_is_no_id",
    "`anonymous_user = lambda": "test_a_guard_turns_nobody_away",
    "A view behind": "test_a_freshly_guarded_view_that_raises_attribute_error_ran_once",
    "`current_user` inside": "test_current_user_cannot_be_read_where_it_is_decided",
    "`login_user(current_user)`": "test_the_current_user_can_be_logged_in_again",
    "Loaders and handlers": "test_guards_loaders_and_handlers_can_all_be_coroutines",
    "`set_login_view(view)`": "test_a_login_view_for_the_rest_may_be_named_last",
    "A wrong `duration`": "test_a_refused_duration_leaves_nobody_logged_in",
    "A missing loader": ("test_a_missing_loader_is_heard_of_by_whoever_asks_for_the_truth"),
    "`LOGIN_DISABLED`": "test_disabled_guards_are_logged",
}


def table(heading: str) -> list[list[str]]:
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines[2:]]


def shown_on_both() -> set[str]:
    """Return the tests of mends that run on the original too, and see it fail."""
    found = set()
    for path in (ROOT / "tests" / "login").glob("test_mends_*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                decorators = " ".join(map(ast.unparse, node.decorator_list))
                if "outcomes(" in decorators or "varying" in decorators:
                    found.add(node.name)
    return found


def test_each_mend_is_shown_by_a_test_on_both() -> None:
    faults = [row[0] for row in table("What is mended")]
    assert len(faults) == len(MENDS)
    for beginning, name in MENDS.items():
        assert [fault for fault in faults if fault.startswith(beginning)], beginning
        assert name in shown_on_both()


def test_each_setting_is_one() -> None:
    for setting, _ in table("What to set"):
        for name in re.findall(r"`([\w.]+)`", setting):
            assert name in config_keys() or hasattr(
                LoginManager(), name.removeprefix("login_manager.")
            )


@pytest.mark.parametrize("row", table("Where names of submodules went"), ids=lambda row: row[0])
def test_each_name_is_where_the_page_says(row: list[str]) -> None:
    before, now = (cell.strip("`") for cell in row)
    module, _, name = before.rpartition(".")
    ours = getattr(flask_porter, now.removeprefix("flask_porter."))
    assert hasattr(import_module(module), name)
    assert getattr(facades()[module], name) is ours
