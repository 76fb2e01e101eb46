"""Run with ``python -m bench``, or with ``--quick`` to see that everything can be measured."""

from __future__ import annotations

import argparse
import gc
import platform
from importlib.metadata import version

from . import sides
from .measure import Memory, time_imports, time_row, weigh
from .pages import Row, rows
from .report import heading, line, promise, weight_line
from .whole_stack import time_whole_stack, what_is_missing

_LIBRARIES = ("flask_login", "flask_porter")


def main() -> None:
    """Measure, and print each figure as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few requests of each only")
    quick: bool = parser.parse_args().quick
    measured = rows()
    # The sites stay as they are: the collector need not look at them between requests.
    gc.collect()
    gc.freeze()
    _say_where()
    _pages(measured, rounds=2 if quick else 60, batch=2 if quick else 50)
    _routes(measured, rounds=2 if quick else 60, batch=2 if quick else 50)
    _memory(measured, requests=5 if quick else 500)
    _imports(rounds=1 if quick else 15)
    _whole_stack(rounds=1 if quick else 3, seconds=1 if quick else 3)


def _say_where() -> None:
    names = ("flask", "werkzeug", "flask-login", "itsdangerous")
    print(f"Python {platform.python_version()},", ", ".join(f"{n} {version(n)}" for n in names))
    print("Each cell: least time, then the least and the median share of the yardstick's.")
    print(f"The yardstick is {sides.KEYED} with a secret key, or what the last column names.\n")


def _pages(measured: list[Row], rounds: int, batch: int) -> None:
    print(heading("microseconds of CPU a request", sides.SIDES))
    for row in measured:
        timings = time_row(row, rounds, batch)
        kept = promise(row, timings)
        print(line(row.name, timings, sides.SIDES, promise=kept), flush=True)


def _routes(measured: list[Row], rounds: int, batch: int) -> None:
    """Put the same guarded page of a small and of a large site beside each other."""
    by_name = {row.name: row for row in measured}
    few, many = by_name["guarded page, basic"], by_name["one of 1000 guarded routes"]
    print("\n" + heading("the same page on a site with", ("2 guarded routes", "1000")))
    for side in sides.KEYED, sides.FLASK_LOGIN, sides.PORTER:
        cells = {"2 guarded routes": few.cells[side], "1000": many.cells[side]}
        timings = time_row(Row(side, cells, "2 guarded routes"), rounds, batch)
        print(line(side, timings, cells), flush=True)


def _memory(measured: list[Row], requests: int) -> None:
    print("\n" + heading("KiB a request, bytes it leaves", sides.SIDES))
    for row in measured:
        weights: dict[str, Memory] = {s: weigh(c, requests) for s, c in row.cells.items()}
        print(weight_line(row.name, weights, sides.SIDES), flush=True)


def _imports(rounds: int) -> None:
    timings = time_imports(_LIBRARIES, rounds)
    ours = timings["flask_porter"].least * 1e3
    print("\n" + heading("milliseconds of CPU", _LIBRARIES))
    kept = f"<= 5 ms: {ours:.1f} {'kept' if ours <= 5 else 'MISSED'}"
    print(line("import, over Flask's", timings, _LIBRARIES, unit=1e-3, promise=kept))


def _whole_stack(rounds: int, seconds: int) -> None:
    missing = what_is_missing()
    if missing is not None:
        print(f"\nThe whole stack was not measured: install {missing}.")
        return
    timings = time_whole_stack(rounds, seconds)
    print("\n" + heading("microseconds a request, by wrk", timings))
    print(line("guarded page, through gunicorn", timings, timings))


if __name__ == "__main__":
    main()
