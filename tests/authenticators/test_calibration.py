"""The parameters that are proposed fit the machine, and are never below what OWASP recommends."""

from __future__ import annotations

import pytest

from flask_porter.authenticators import calibration
from flask_porter.authenticators.passwords import calibrate


def test_a_slow_machine_gets_the_least_there_is() -> None:
    found = calibrate(0.000_001)
    assert (found.memory_kib, found.time_cost, found.parallelism) == (19_456, 2, 1)
    assert 0.001 < found.seconds < 5


@pytest.mark.parametrize(
    ("target", "memory", "rounds"),
    [
        (0.02, 19_456, 2),
        (0.04, 38_912, 2),
        (0.0405, 38_912, 2),
        (0.1, 65_536, 2),
        (0.5, 65_536, 14),
    ],
)
def test_memory_grows_first_and_then_rounds(
    monkeypatch: pytest.MonkeyPatch, target: float, memory: int, rounds: int
) -> None:
    """On a machine that takes 20 ms for 19 MiB and two rounds."""
    monkeypatch.setattr(calibration, "_measured", lambda kib, times: 0.02 * kib * times / 38_912)
    found = calibrate(target)
    assert (found.memory_kib, found.time_cost) == (memory, rounds)
    assert found.seconds == pytest.approx(0.02 * memory * rounds / 38_912)
    assert found.seconds <= max(target, 0.02)


@pytest.mark.parametrize("target", [0, -1, 5.1, float("nan"), float("inf")])
def test_a_target_beyond_reason_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        calibrate(target)
