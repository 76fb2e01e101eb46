"""Runs each check in a process of its own, once on ours and once on the original."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHECKS = Path(__file__).parent / "checks"
SHARED = CHECKS / "promises_of_accounts.py"
OURS, ORIGINAL = "flask_porter", "flask_login"
BACKENDS = {"flask_session": ("cachelib", "sqlalchemy", "redis")}
OURS_ONLY = {"alias"}


@dataclass(frozen=True)
class Check:
    """One file of promises, and the backend that it runs on where it can choose."""

    name: str
    backend: str = ""

    def __str__(self) -> str:
        return f"{self.name} on {self.backend}" if self.backend else self.name

    @property
    def file(self) -> Path:
        return CHECKS / f"check_{self.name}.py"


@dataclass(frozen=True)
class Promise:
    """One test function inside a check."""

    check: Check
    name: str
    is_mended: bool

    def __str__(self) -> str:
        return f"{self.check}-{self.name.removeprefix('test_')}"


@dataclass(frozen=True)
class Report:
    """What a process has found."""

    outcomes: dict[str, dict[str, str]]
    real_modules: list[str]
    output: str

    def outcome(self, promise: Promise) -> tuple[str, str]:
        """Return what became of the promise, and the traceback of a broken one."""
        found = self.outcomes.get(promise.name, {"outcome": "not run", "text": self.output})
        return found["outcome"], found["text"]


def checks() -> list[Check]:
    names = sorted(file.stem.removeprefix("check_") for file in CHECKS.glob("check_*.py"))
    return [Check(name, backend) for name in names for backend in BACKENDS.get(name, ("",))]


def promises(check: Check) -> Iterator[Promise]:
    """Yield a check's test functions, its own and those it shares, without importing it."""
    for node in _parsed(check.file):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            is_mended = any(one.startswith("pytest.mark.mended") for one in decorators)
            yield Promise(check, node.name, is_mended)
        elif isinstance(node, ast.ClassDef) and node.name == "TestAccounts":
            for name in _shared_names():
                yield Promise(check, name, is_mended=False)


def _shared_names() -> list[str]:
    (contract,) = [one for one in _parsed(SHARED) if isinstance(one, ast.ClassDef)]
    return [one.name for one in contract.body if isinstance(one, ast.FunctionDef)]


def _parsed(file: Path) -> list[ast.stmt]:
    return ast.parse(file.read_text(encoding="utf-8")).body


class Runs:
    """The processes, started when first asked for: two at a time, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(max_workers=2)
        self._reports: dict[tuple[Check, str], Future[Report]] = {}

    def report(self, check: Check, login: str, redis_url: str = "") -> Report:
        for side in (OURS, ORIGINAL):
            known = (check, side) in self._reports
            if not known and not (side == ORIGINAL and check.name in OURS_ONLY):
                future = self._pool.submit(self._run, check, side, redis_url)
                self._reports[check, side] = future
        return self._reports[check, login].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _run(self, check: Check, login: str, redis_url: str) -> Report:
        written = self._folder / f"{check.name}_{check.backend}_{login}.json"
        inherited = {key: value for key, value in os.environ.items() if key != "PYTEST_ADDOPTS"}
        settings = {
            "CHECK_LOGIN": login,
            "CHECK_BACKEND": check.backend,
            "CHECK_REDIS_URL": redis_url,
            "CHECK_REPORT": str(written),
            # The provider of the OAuth check answers on loopback without TLS.
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *_arguments(check, written.with_suffix(""))],
            cwd=ROOT,
            env=inherited | settings,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        found: dict[str, Any] = json.loads(written.read_text()) if written.exists() else {}
        return Report(
            found.get("outcomes", {}),
            found.get("real_modules", ["the run was cut short"]),
            done.stdout + done.stderr,
        )


def _arguments(check: Check, scratch: Path) -> list[str]:
    settings = ["-c", str(CHECKS / "pytest.ini"), "--rootdir", str(ROOT)]
    alone = ["--confcutdir", str(CHECKS), "-p", "tests.dependents.stand_in"]
    leave_nothing = ["-p", "no:cacheprovider", "--basetemp", str(scratch)]
    return [*settings, *alone, *leave_nothing, "-q", str(check.file)]
