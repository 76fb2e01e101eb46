"""No bytes make an error or a user: a short seeded run each time, ten minutes in the long one."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz import harnesses
from tests.fuzz.harnesses import HARNESSES

ROOT = Path(__file__).parents[2]
LONG_SECONDS = 600

pytestmark = pytest.mark.skipif(
    find_spec("atheris") is None, reason="atheris has no wheel for this machine"
)


def fuzz(name: str, tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", name, *options, f"-artifact_prefix={tmp_path}/"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=LONG_SECONDS, check=False
    )


@pytest.mark.parametrize("name", HARNESSES)
def test_a_seeded_slice_finds_nothing(name: str, tmp_path: Path) -> None:
    done = fuzz(name, tmp_path, "-runs=500", "-seed=1", "-max_len=512")
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.long
@pytest.mark.parametrize("name", HARNESSES)
def test_ten_minutes_find_nothing(name: str, tmp_path: Path) -> None:
    seconds = LONG_SECONDS // len(HARNESSES)
    done = fuzz(name, tmp_path, f"-max_total_time={seconds}", "-max_len=4096")
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("name", HARNESSES)
def test_a_harness_tells_when_its_parser_fails(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each, with what it watches broken, raises on a plain input."""
    broken = {
        "session_cookie": ("ask", lambda *_args, **_environ: (200, "1")),
        "cookie_header": ("ask", lambda *_args, **_environ: (200, "1")),
        "remember_cookie": ("decode_cookie", lambda _text: "1"),
        "remember_payload": ("decode_cookie", lambda _text: None),
        "signed_session": ("ask", _five_hundred),
        "headers": ("ask", lambda *_args, **_environ: (500, "")),
        "next_target": ("safe_next", lambda _text: "//evil.test"),
    }
    HARNESSES[name](b"1|plain")
    monkeypatch.setattr(harnesses, *broken[name])
    with pytest.raises(AssertionError):
        HARNESSES[name](b"1|plain")


def _five_hundred(*_args: object, **_environ: object) -> tuple[int, str]:
    raise AssertionError
