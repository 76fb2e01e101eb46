"""Every command of `docs/how_to/command_line.md` runs, in order, and prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

from flask_porter.cli.all_commands import commands
from tests.docs.command_line import PAGE, happenings
from tests.docs.transcripts import without_moments

#: Those that end with 1, as the page says.
REFUSED = {"flask porter users import more_people.csv", "flask porter mail list"}


def test_each_command_prints_what_the_page_says(tmp_path: Path) -> None:
    # What the page lacks is put there by `python -m tests.docs.command_line`.
    for step, result in happenings(tmp_path):
        assert result.exit_code == (step.command in REFUSED), (step.command, result.output)
        if step.printed is not None:
            printed = without_moments(result.output)
            assert printed == without_moments(step.printed), step.command


def test_the_page_tells_of_each_group_of_commands() -> None:
    told = set(re.findall(r"flask porter (\w+)", PAGE.read_text()))
    assert commands().keys() - told == set()
