"""Run inside a check's own process: puts ours in Flask-Login's place first, and reports in JSON."""

import json
import os
import sys
from pathlib import Path

import pytest

if os.environ["CHECK_LOGIN"] == "flask_porter":
    from flask_porter import install_as_flask_login

    install_as_flask_login()

_outcomes: dict[str, dict[str, str]] = {}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mended(reason): true of ours only; the original fails it")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the worst that happened to each function, whatever its parameters."""
    if report.outcome == "passed" and report.when != "call":
        return
    name = report.nodeid.rpartition("::")[2].partition("[")[0]
    known = _outcomes.setdefault(name, {"outcome": report.outcome, "text": ""})
    if report.outcome == "failed":
        known["outcome"] = "failed"
        known["text"] += f"{report.nodeid} ({report.when})\n{report.longreprtext}\n"


def pytest_sessionfinish() -> None:
    found = {"outcomes": _outcomes, "real_modules": _modules_of_the_real_one()}
    Path(os.environ["CHECK_REPORT"]).write_text(json.dumps(found), encoding="utf-8")


def _modules_of_the_real_one() -> list[str]:
    """Return the imported modules whose file lies in a folder called flask_login."""
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    return sorted(
        name for name, file in files.items() if file and "flask_login" in Path(file).parts
    )
