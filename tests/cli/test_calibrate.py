"""What is measured can be written as it is printed."""

from __future__ import annotations

from click.testing import CliRunner

from flask_porter.cli.calibrate import calibrate
from tests.settings.configurations import production


def test_the_printed_settings_are_taken() -> None:
    printed = CliRunner().invoke(calibrate, ["--seconds", "0.02"])
    assert printed.exit_code == 0
    lines = [line for line in printed.stdout.splitlines() if line.startswith("PORTER_")]
    given = dict(line.split(" = ") for line in lines)
    assert set(given) == {
        "PORTER_ARGON2_MEMORY_KIB",
        "PORTER_ARGON2_TIME_COST",
        "PORTER_ARGON2_PARALLELISM",
    }
    settings = production(**given)
    assert settings.argon2_memory_kib >= 19456
    assert f"{settings.argon2_memory_kib * settings.hash_concurrency // 1024} MiB" in printed.output


def test_the_least_is_printed_on_a_slow_machine() -> None:
    printed = CliRunner().invoke(calibrate, ["--seconds", "0.0001"])
    assert "PORTER_ARGON2_MEMORY_KIB = 19456" in printed.output
    assert "slow" in printed.output


def test_nobody_waits_for_more_than_a_second() -> None:
    assert CliRunner().invoke(calibrate, ["--seconds", "2"]).exit_code == 2
