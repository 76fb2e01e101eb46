"""Fuzz one harness with atheris: ``python -m tests.fuzz NAME [libFuzzer options]``."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["flask_porter", "tests.fuzz"]):
    from tests.fuzz.harnesses import HARNESSES


def main() -> None:
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, HARNESSES[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
