"""Whatever is done first to an unopened session gives what it gives on one of Flask's."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
import sys
import threading
import weakref
from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

import pytest
from flask.sessions import NullSession, SecureCookieSession, SessionMixin

from flask_porter.login import unopened_session
from flask_porter.login.unopened_session import UnopenedSession, touch, unopened

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = {"name": "Ada", "inner": {"list": [1, 2]}}


def _keywords(**kwargs: Any) -> dict[str, Any]:
    return kwargs


def _match(session: Any) -> Any:
    match session:
        case {"name": name, **others}:
            return name, others
    return None


def _delete(session: Any) -> None:
    del session["name"]


def _merge_in_place(session: Any) -> Any:
    session |= {"more": 1}
    return session


def _set(name: str, value: Any) -> Callable[[Any], Any]:
    return lambda session: setattr(session, name, value)


OPERATIONS: dict[str, Callable[[Any], Any]] = {
    "dict()": dict,
    "** in a dict": lambda s: {**s},
    "** in a call": lambda s: _keywords(**s),
    "dict.update": lambda s: {"a": 1}.update(s),
    "|": lambda s: s | {"more": 1},
    "| from the right": lambda s: {"more": 1} | s,
    "|=": _merge_in_place,
    "|= from the right": lambda s: _merge_in_place({}) | s,
    "| with a list": lambda s: s | [1],
    "==": lambda s: s == DATA,
    "== from the right": lambda s: DATA == s,
    "== with another session": lambda s: s == SecureCookieSession(DATA),
    "== from another session": lambda s: SecureCookieSession(DATA) == s,
    "== with less": lambda s: s == {},
    "== with itself": lambda s: s == s,
    "!=": lambda s: s != DATA,
    "<": lambda s: s < {},
    "hash": hash,
    "copy()": lambda s: s.copy(),
    "copy.copy": copy.copy,
    "copy.deepcopy": copy.deepcopy,
    "pickle": pickle.dumps,
    "pickle, first protocol": lambda s: pickle.dumps(s, 0),
    "json": json.dumps,
    "json, sorted": lambda s: json.dumps(s, sort_keys=True),
    # Read back: since Python 3.13 an empty one is laid out over three lines.
    "json, indented": lambda s: json.loads(json.dumps(s, indent=1)),
    "json, within": lambda s: json.dumps([s]),
    "len": len,
    "bool": bool,
    "not": lambda s: not s,
    "list": list,
    "tuple": tuple,
    "set": set,
    "sorted": sorted,
    "iter": lambda s: list(iter(s)),
    "reversed": lambda s: list(reversed(s)),
    "zip": lambda s: list(zip(s, s.values(), strict=True)),
    "fromkeys": dict.fromkeys,
    "repr": repr,
    "str": str,
    "format": "{}".format,
    "format an item": "{0[name]}".format,
    "format_map": "{name}".format_map,
    "%": lambda s: "%(name)s" % s,  # noqa: UP031
    "ChainMap": lambda s: dict(ChainMap({}, s)),
    "match": _match,
    "in": lambda s: "name" in s,
    "not in": lambda s: "no such key" not in s,
    "[]": lambda s: s["name"],
    "[] of a missing key": lambda s: s["no such key"],
    "[] =": lambda s: s.__setitem__("name", "Bea"),
    "del": _delete,
    "get": lambda s: s.get("name"),
    "get a missing key": lambda s: s.get("no such key", 5),
    "setdefault": lambda s: s.setdefault("name", 1),
    "setdefault of a missing key": lambda s: s.setdefault("no such key", 1),
    "pop": lambda s: s.pop("name"),
    "pop a missing key": lambda s: s.pop("no such key"),
    "popitem": lambda s: s.popitem(),
    "clear": lambda s: s.clear(),
    "update": lambda s: s.update(name="Bea"),
    "keys": lambda s: list(s.keys()),
    "values": lambda s: list(s.values()),
    "items": lambda s: list(s.items()),
    "vars": lambda s: sorted(vars(s)),
    "dir": dir,
    "getsizeof": lambda s: sys.getsizeof(s) > 0,
    "new": lambda s: s.new,
    "modified": lambda s: s.modified,
    "accessed": lambda s: s.accessed,
    "permanent": lambda s: s.permanent,
    "on_update": lambda s: s.on_update(s),
    "set permanent": _set("permanent", True),
    "set modified": _set("modified", True),
    "set accessed": _set("accessed", True),
    "set another": _set("colour", "blue"),
    "delete an attribute": lambda s: delattr(s, "on_update"),
    "an unknown attribute": lambda s: s.colour,
    "its class": lambda s: s.__class__,
    "make another": lambda s: type(s)({"a": 1}),
    "weakref": lambda s: weakref.ref(s)() is s,
    "isinstance": lambda s: [
        isinstance(s, kind)
        for kind in (dict, SecureCookieSession, SessionMixin, MutableMapping, Mapping)
    ],
    "not isinstance": lambda s: [isinstance(s, kind) for kind in (NullSession, list)],
}

# Before Flask 3.1.3 a session does not notice these, and the answer has no ``Vary: Cookie``.
SEEN_BY_OURS_ALONE = {"** in a dict", "** in a call"}


def _outcome(operation: Callable[[Any], Any], session: Any) -> dict[str, Any]:
    try:
        result = operation(session)
    except Exception as error:  # noqa: BLE001 - whatever the one raises, the other must too
        result = error
    facts = {
        "type": type(result),
        "is itself": result is session,
        "result": str(result).replace("UnopenedSession", "SecureCookieSession"),
        "modified": session.modified,
        "accessed": session.accessed,
        "left": dict(session),
        "attributes": sorted(vars(session)),
    }
    if isinstance(result, dict):
        facts["result"] = dict(result)
        facts["result's attributes"] = sorted(getattr(result, "__dict__", {}))
    return facts


@pytest.mark.parametrize("data", [DATA, {}, None], ids=["full", "empty", "none"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_first_operation_does_what_it_does_on_a_session_of_flask(
    operation: str, data: dict[str, Any] | None
) -> None:
    expected = _outcome(OPERATIONS[operation], SecureCookieSession(copy.deepcopy(data)))
    got = _outcome(OPERATIONS[operation], unopened(lambda: copy.deepcopy(data)))
    if operation in SEEN_BY_OURS_ALONE:
        assert got.pop("accessed") >= expected.pop("accessed")
        assert set(got.pop("attributes")) >= set(expected.pop("attributes"))
    assert got == expected


def test_two_unopened_sessions_compare_by_their_content() -> None:
    assert unopened(lambda: DATA) == unopened(lambda: dict(DATA))
    assert unopened(lambda: DATA) != unopened(dict)
    assert unopened(lambda: {"a": 1}) | unopened(lambda: {"b": 2}) == {"a": 1, "b": 2}


def test_a_session_is_one_of_flasks_once_it_is_touched() -> None:
    session = unopened(lambda: DATA)
    assert type(session) is UnopenedSession
    len(session)
    assert type(session) is SecureCookieSession


def test_every_operator_of_a_session_is_seen_to() -> None:
    forgotten = {
        name
        for name in dir(SecureCookieSession)
        if name.startswith("__") and name not in vars(UnopenedSession)
    }
    assert forgotten <= {
        "__abstractmethods__",
        "__annotations__",
        "__class__",
        "__class_getitem__",
        "__dict__",
        "__firstlineno__",
        "__hash__",
        "__init__",
        "__init_subclass__",
        "__orig_bases__",
        "__parameters__",
        "__slotnames__",
        "__static_attributes__",
        "__subclasshook__",
        "__weakref__",
    }


def test_to_ask_for_its_class_does_not_open_it() -> None:
    session = unopened(lambda: pytest.fail("opened"))
    assert isinstance(session, dict)
    assert not isinstance(session, NullSession)
    assert session.__class__ is SecureCookieSession
    assert type(session) is UnopenedSession


@pytest.mark.parametrize("data", [5, [1], "ab", [["a", 1], 2], object()])
def test_data_that_is_no_mapping_makes_it_empty(data: Any) -> None:
    assert dict(unopened(lambda: data)) == {}


def test_pairs_make_a_mapping_as_they_do_for_flask() -> None:
    pairs = [["a", 1], ["b", 2]]
    assert dict(unopened(lambda: pairs)) == dict(SecureCookieSession(pairs))  # type: ignore[arg-type]


def test_it_is_read_once() -> None:
    reads: list[int] = []
    session = unopened(lambda: reads.append(1))
    session["a"] = 1
    len(session)
    touch(session)
    assert len(reads) == 1


def test_what_it_holds_is_its_own() -> None:
    kept = {"a": 1}
    session = unopened(lambda: kept)
    session["b"] = 2
    assert kept == {"a": 1}


def test_threads_that_open_it_together_all_find_it_complete() -> None:
    for _ in range(50):
        barrier = threading.Barrier(4)

        def read(barrier: threading.Barrier = barrier) -> dict[str, int]:
            # Each thread that comes to read waits here for the others, or for a moment.
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(0.005)
            return {"a": 1}

        session = unopened(read)
        seen: list[Any] = []
        threads = [
            threading.Thread(target=lambda s=session, out=seen: out.append(s.pop("a", 0)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # One of them takes the item out; a late filling would bring it back.
        assert sorted(seen) == [0, 0, 0, 1]
        assert dict(session) == {}


def test_a_thread_that_comes_while_another_is_filling_waits_for_it() -> None:
    session = unopened(lambda: {"a": 1})
    second = threading.Thread(target=lambda: touch(session))
    with unopened_session._filling:
        second.start()
        # As the first thread leaves it: taken out, not yet put in.
        dict.clear(session)
        third: list[Any] = []
        waiting = threading.Thread(target=lambda: third.append(session.get("a")))
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
        dict.update(session, {"a": 1})
        object.__setattr__(session, "__class__", SecureCookieSession)
        vars(session).update(vars(SecureCookieSession()))
    second.join()
    waiting.join()
    assert third == [1]
