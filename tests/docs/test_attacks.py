"""The page about attacks names tests that exist, and leaves no case of its groups out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/attacks.md").read_text()
ROWS = dict(re.findall(r"^\| ([A-Z]{1,2}\d\d) \| (.+) \|$", PAGE, re.MULTILINE))
CASES = [
    "S01",
    "S02",
    "S04",
    "S05",
    "S07",
    "S08",
    "S10",
    "S11",
    "S12",
    "S13",
    "S14",
    "S16",
    "S17",
    "S18",
    "S20",
    "S21",
    "S22",
    "S24",
    "S25",
    "S26",
    "S27",
    "S28",
    "S31",
    "S32",
    "S34",
    "S35",
    "S36",
    "S37",
    "S38",
    "RM01",
    "RM02",
    "RM03",
    "RM04",
    "RM05",
    "RM06",
    "RM09",
    "RM10",
    "RM11",
    "RM12",
    "RM13",
    "RM14",
    "RM17",
    "RX01",
    "RX02",
    "RX03",
    "RX05",
    "RX06",
    "RX08",
    "RX10",
    "RX11",
    "RX13",
    "RX14",
    "RX15",
    "RX16",
    "HC01",
    "HC02",
    "HC05",
    "HC06",
    "HC07",
    "HC10",
    "HC11",
    "HC13",
    "HC15",
    "IN01",
    "IN03",
    "IN04",
    "IN05",
    "IN07",
    "IN09",
    "IN10",
    "IN14",
    "IN16",
    "CF01",
    "CF02",
    "CF04",
    "CF06",
    "CF08",
    "CF09",
    "CF11",
    "CF12",
]


def test_every_case_has_a_row_and_every_row_is_a_case() -> None:
    assert list(ROWS) == CASES


@pytest.mark.parametrize("case", [case for case in CASES if "::" in ROWS.get(case, "")])
def test_the_named_test_exists(case: str) -> None:
    file, name = ROWS[case].strip("`").split("::")
    assert f"def {name}(" in (ROOT / file).read_text()
