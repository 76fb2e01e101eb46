"""Asks Node.js where a browser would go, so that Python's idea of an URL judges nothing."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import quote

_PROGRAM = """
const parts = ({ protocol, origin, username, password, pathname, search, hash }) =>
  ({ protocol, origin, userinfo: username + password, pathname, search, hash });
const place = (reference, base) => {
  try { return parts(new URL(reference, base)); } catch { return null; }
};
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { base, references } = JSON.parse(line);
  console.log(JSON.stringify(references.map((reference) => place(reference, base))));
});
"""

# Both may leave these as they are or percent-encode them, and mean the same.
_EITHER_WAY = re.compile(r"""["<>\\^`{|}\[\]]""")


@dataclass(frozen=True)
class Place:
    """Where a reference leads from its base."""

    protocol: str
    origin: str
    userinfo: str
    pathname: str
    search: str
    hash: str

    @property
    def spelled(self) -> str:
        """The whole address, in one spelling for all references that mean the same."""
        below = self.pathname + self.search + self.hash
        return self.origin + _EITHER_WAY.sub(lambda found: quote(found[0]), below)


class Judge:
    """One Node.js process, which answers any number of questions."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions, self._answers = questions, answers

    def places(self, references: Iterable[str], base: str) -> list[Place | None]:
        """Return where a browser on the page `base` would go; None for what it cannot parse."""
        question = {"base": base, "references": list(references)}
        self._questions.write(json.dumps(question) + "\n")
        self._questions.flush()
        answer: list[dict[str, Any] | None] = json.loads(self._answers.readline())
        return [None if place is None else Place(**place) for place in answer]

    def place(self, reference: str, base: str) -> Place | None:
        """Return where a browser on the page `base` would go for one reference."""
        (place,) = self.places([reference], base)
        return place


@contextmanager
def running(node: str) -> Iterator[Judge]:
    """Yield a judge that runs on this Node.js binary."""
    with subprocess.Popen(
        [node, "-e", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Judge(process.stdin, process.stdout)
        process.stdin.close()
