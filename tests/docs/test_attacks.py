"""The page about attacks names tests that exist, and leaves no case of its groups out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOOR, ACCOUNTS = (ROOT / "docs/reference/attacks.md").read_text().split("\n## With accounts\n")
CASES_OF_FLOOR = """
S01 S02 S04 S05 S07 S08 S10 S11 S12 S13 S14 S16 S17 S18 S20 S21 S22 S24 S25 S26 S27 S28 S31 S32
S34 S35 S36 S37 S38
RM01 RM02 RM03 RM04 RM05 RM06 RM09 RM10 RM11 RM12 RM13 RM14 RM17
RX01 RX02 RX03 RX05 RX06 RX08 RX10 RX11 RX13 RX14 RX15 RX16
HC01 HC02 HC05 HC06 HC07 HC10 HC11 HC13 HC15
IN01 IN03 IN04 IN05 IN07 IN09 IN10 IN14 IN16
CF01 CF02 CF04 CF06 CF08 CF09 CF11 CF12
"""
CASES_OF_ACCOUNTS = """
S01 S02 S04 S05 S07 S08 S10 S11 S12 S13 S14 S16 S17 S18 S20 S21 S22 S24 S25 S26 S27 S28 S31 S32
S34 S35 S36 S37 S38
RM01 RM02 RM03 RM04 RM05 RM06 RM09 RM10 RM11 RM12 RM13 RM14 RM17
RX01 RX06 RX10 RX11 RX13 RX14 RX16
C01 C02 C03 C04 C06 C07 C08 C09 C11 C12 C13 C15 C17 C18 C19
E01 E02 E03 E04 E05 E07 E08 E09 E10 E12 E14 E15 E18
B01 B02 B03 B04 B05 B07 B08 B09 B10 B12 B13 B14 B15 B16 B17 B19 B21
P01 P02 P03 P04 P05 P07 P08 P09 P10 P11 P12 P14 P15 P16 P17 P18 P19 P21 P22
N01 N02 N03 N04 N06 N08 N10 N12 N13 N15 N16 N18 N20
TK01 TK02 TK03 TK04 TK06 TK07 TK08 TK09 TK10 TK12 TK13 TK15 TK16 TK18 TK21 TK22 TK23 TK24 TK25
TK26 TK32
AZ01 AZ02 AZ03 AZ04 AZ05 AZ07 AZ09 AZ10 AZ12 AZ13 AZ15 AZ18 AZ19 AZ21 AZ22
CC01 CC03 CC04 CC06 CC08 CC11 CC13 CC14
HC01 HC02 HC05 HC06 HC07 HC10 HC11 HC13 HC15
LG01 LG02 LG04 LG05 LG07 LG09 LG10
IN01 IN03 IN04 IN05 IN07 IN09 IN10 IN14 IN16
CF01 CF02 CF04 CF06 CF08 CF09 CF11 CF12
"""


def rows(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^\| ([A-Z]{1,2}\d\d) \| (.+) \|$", text, re.MULTILINE)


NAMED = sorted({held for _, held in rows(FLOOR) + rows(ACCOUNTS) if "::" in held})


@pytest.mark.parametrize(
    ("text", "cases"), [(FLOOR, CASES_OF_FLOOR), (ACCOUNTS, CASES_OF_ACCOUNTS)]
)
def test_every_case_has_a_row_and_every_row_is_a_case(text: str, cases: str) -> None:
    assert [case for case, _ in rows(text)] == cases.split()


@pytest.mark.parametrize("held", NAMED)
def test_the_named_test_exists(held: str) -> None:
    file, name = held.strip("`").split("::")
    assert f"def {name}(" in (ROOT / file).read_text()
