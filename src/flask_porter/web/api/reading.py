"""Reads what a program sends: JSON and nothing else, as strict as its receiver has to be."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any, Final

from flask import request

from ...authenticators.hidden import HiddenValues
from ...errors import InvalidInput, Refused
from ..request import check_size

#: How deep objects and lists may stand in one another. A parser that recurses ends somewhere; none
#: of our inputs has more than a few levels.
_DEEPEST: Final = 32
# Strings whole, so that a bracket in one counts for nothing.
_BRACKETS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def json_fields() -> HiddenValues:
    """Return the members of the JSON object that was sent; none for an empty body.

    A type that a page of another site could send without asking is refused unread, whatever the
    body is (CVE-2021-32677). Two members of one name are refused, since programs differ in which
    of them counts (RFC 8259 section 4), and so are numbers that JSON does not have.

    Raises:
        Refused: ``too_large``, ``length_required``, ``not_json`` or ``malformed_json``.
        InvalidInput: it is no object.
    """
    check_size()
    if request.mimetype not in {"application/json", ""}:
        raise Refused("not_json", status=415)
    body = request.get_data()
    if not body:
        return HiddenValues()
    if not request.mimetype:
        raise Refused("not_json", status=415)
    try:
        value = _parse(body.decode())
    except ValueError:
        raise Refused("malformed_json", status=400) from None
    if not isinstance(value, dict):
        raise InvalidInput(form="not_an_object")
    return HiddenValues(value)


def _parse(text: str) -> Any:
    if _depth(text) > _DEEPEST:
        raise ValueError("too deep")
    return json.loads(
        text, object_pairs_hook=_distinct, parse_constant=_no_number, parse_float=_finite
    )


def _depth(text: str) -> int:
    deepest = depth = 0
    for found in _BRACKETS.finditer(text):
        if found[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in "]}":
            depth -= 1
    return deepest


def _distinct(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("two members of one name")
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise ValueError(digits)
    return number
