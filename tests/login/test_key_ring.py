"""A key ring gives the verdict of itsdangerous on every cookie, and the same data."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from flask.json.tag import JSONTag, TaggedJSONSerializer
from flask.sessions import session_json_serializer
from hypothesis import example, given
from hypothesis import strategies as st
from itsdangerous import BadData, URLSafeTimedSerializer

from flask_porter.login import key_ring
from flask_porter.login.key_ring import KeyRing

from .session_site import FULL, SLICE
from .signed_cookies import (
    DERIVATIONS,
    DIGESTS,
    KEYS,
    NOW,
    SESSIONS,
    a_serializer,
    ring_and_signed,
    sign_anything,
    signed_at,
)

if TYPE_CHECKING:
    from _pytest.monkeypatch import MonkeyPatch


def theirs(serializer: URLSafeTimedSerializer, cookie: str, max_age: int, now: int = NOW) -> Any:
    """Return what itsdangerous reads in ``cookie``, or None if it is refused.

    Under Flask an unreadable payload with a good signature answers 500; ours refuses it.
    """

    class Frozen(serializer.default_signer):  # type: ignore[misc, name-defined]
        def get_timestamp(self) -> int:
            return now

    serializer.signer = Frozen
    try:
        return serializer.loads(cookie, max_age=max_age)
    except BadData:
        return None


def ours(serializer: URLSafeTimedSerializer, cookie: str, max_age: int, now: int = NOW) -> Any:
    """Return what a key ring reads in ``cookie``, the first time and again, or None."""
    ring = KeyRing(serializer)
    verdicts = []
    for _ in range(2):
        signed = ring.signed(cookie, max_age, now)
        verdicts.append(None if signed is None else ring.data(signed))
    assert verdicts[0] == verdicts[1]
    return verdicts[0]


@SLICE
@given(
    data=SESSIONS,
    keys=st.lists(KEYS, min_size=1, max_size=3),
    derivation=st.sampled_from(DERIVATIONS),
    digest=st.sampled_from(DIGESTS),
    salt=st.text(min_size=1, max_size=20).filter(str.isprintable),
    which=st.integers(0, 2),
)
def test_what_any_key_of_the_ring_has_signed_is_read(
    data: dict[str, Any], keys: list[Any], derivation: str, digest: Any, salt: str, which: int
) -> None:
    kwargs: Any = {"salt": salt, "derivation": derivation, "digest": digest}
    cookie = signed_at(NOW - 5, a_serializer(keys[which % len(keys)], **kwargs), data)
    serializer = a_serializer(*keys, **kwargs)
    assert ours(serializer, cookie, 10) == theirs(serializer, cookie, 10) == data


@SLICE
@given(
    data=SESSIONS,
    keys=st.lists(KEYS, min_size=1, max_size=3),
    derivation=st.sampled_from(DERIVATIONS),
    digest=st.sampled_from(DIGESTS),
)
def test_a_ring_signs_byte_for_byte_as_its_serializer(
    data: dict[str, Any], keys: list[Any], derivation: str, digest: Any
) -> None:
    serializer = a_serializer(*keys, derivation=derivation, digest=digest)
    assert KeyRing(serializer).sign(data, NOW) == signed_at(NOW, serializer, data)


@SLICE
@given(
    data=SESSIONS,
    other=st.sampled_from(
        [
            a_serializer("another key"),
            a_serializer(salt="another salt"),
            a_serializer(derivation="concat"),
            a_serializer(digest=hashlib.sha256),
        ]
    ),
)
def test_what_another_ring_has_signed_is_refused(
    data: dict[str, Any], other: URLSafeTimedSerializer
) -> None:
    assert ours(a_serializer(), signed_at(NOW, other, data), 10) is None


@SLICE
@given(age=st.integers(-2, 12), max_age=st.integers(-1, 11))
@example(age=10, max_age=10)
@example(age=11, max_age=10)
@example(age=0, max_age=0)
@example(age=-1, max_age=10)
def test_an_age_is_judged_as_itsdangerous_judges_it(age: int, max_age: int) -> None:
    serializer = a_serializer()
    cookie = signed_at(NOW - age, serializer, {"a": 1})
    assert ours(serializer, cookie, max_age) == theirs(serializer, cookie, max_age)


def test_a_cookie_that_was_good_grows_too_old() -> None:
    serializer = a_serializer()
    ring = KeyRing(serializer)
    cookie = signed_at(NOW, serializer, {})
    assert ring.signed(cookie, 10, NOW + 10) is not None
    assert ring.signed(cookie, 10, NOW + 11) is None
    assert ring.signed(cookie, 10, NOW - 1) is None


def test_a_cookie_with_any_bit_flipped_gets_the_verdict_of_itsdangerous() -> None:
    serializer = a_serializer()
    for data in {"_user_id": "1"}, {"_user_id": "1", "long": "x" * 200}:
        cookie = signed_at(NOW, serializer, data).encode()
        refused = 0
        for position in range(len(cookie)):
            for bit in range(8):
                flipped = bytearray(cookie)
                flipped[position] ^= 1 << bit
                text = flipped.decode("latin-1")
                verdict = ours(serializer, text, 10)
                assert verdict == theirs(serializer, text, 10)
                # Base64 has spare bits at its end: what is read is never anything else.
                assert verdict in (None, data)
                refused += verdict is None
        assert refused > 7 * len(cookie)


def test_a_truncated_cookie_is_refused_at_every_length() -> None:
    serializer = a_serializer()
    cookie = signed_at(NOW, serializer, {"_user_id": "1", "long": "x" * 200})
    for length in range(len(cookie)):
        assert ours(serializer, cookie[:length], 10) is None
        assert theirs(serializer, cookie[:length], 10) is None
    assert ours(serializer, cookie, 10) is not None


@SLICE
@given(
    junk=st.text(max_size=60)
    | st.lists(st.sampled_from([".", "eyJhIjoxfQ", "awD6kA", "=", "-_", "\ud800", "é"])).map(
        "".join
    )
)
def test_junk_is_refused(junk: str) -> None:
    assert ours(a_serializer(), junk, 10) is None


@SLICE
@given(payload=st.binary(max_size=40) | st.binary(max_size=40).map(zlib.compress))
def test_a_good_signature_over_anything_gets_the_verdict_of_itsdangerous(payload: bytes) -> None:
    serializer = a_serializer()
    for body in payload, b"." + payload, base64.urlsafe_b64encode(payload), b".x", b".":
        cookie = sign_anything(serializer, body).decode("latin-1")
        if not cookie.isascii():
            continue
        assert ours(serializer, cookie, 10) == theirs(serializer, cookie, 10)


@pytest.mark.long
@FULL
@given(
    data=SESSIONS, edits=st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3)), max_size=4)
)
def test_no_edited_cookie_of_many_gets_another_verdict(
    data: dict[str, Any], edits: list[tuple[int, bytes]]
) -> None:
    serializer = a_serializer()
    cookie = signed_at(NOW, serializer, data)
    for position, junk in edits:
        cookie = cookie[:position] + junk.decode("latin-1") + cookie[position + 1 :]
    assert ours(serializer, cookie, 10) == theirs(serializer, cookie, 10)


@pytest.mark.parametrize("date", [b"", b"!", b"a", b"AAAAAAAAAAAAAAAA", b"//////////8", b"x.y"])
def test_an_odd_date_gets_the_verdict_of_itsdangerous(date: bytes) -> None:
    serializer = a_serializer()
    signer = serializer.make_signer()
    dated = b"e30." + date
    cookie = (dated + b"." + signer.get_signature(dated)).decode()
    try:
        expected = theirs(serializer, cookie, NOW)
    except (ValueError, OverflowError):
        expected = None  # itsdangerous fails to say when it was signed
    assert ours(serializer, cookie, NOW) == expected


def test_a_good_signature_over_a_date_alone_is_refused() -> None:
    serializer = a_serializer()
    dated = signed_at(NOW, serializer, {}).split(".")[1].encode()
    cookie = (dated + b"." + serializer.make_signer().get_signature(dated)).decode()
    assert KeyRing(serializer).signed(cookie, 10, NOW) is None
    assert theirs(serializer, cookie, 10) is None


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "1" * 5000, '{"a":', "\\ud800", '{" d": 1}', '{" u": 1}']
)
def test_signed_text_that_cannot_be_read_gives_no_data(text: str) -> None:
    for written in text.encode(), text.encode() + b"\xff":
        ring, signed = ring_and_signed(a_serializer(), written)
        assert ring.data(signed) is None


def test_a_cookie_is_verified_once(monkeypatch: MonkeyPatch) -> None:
    serializer = a_serializer()
    ring = KeyRing(serializer)
    good = signed_at(NOW, serializer, {"a": [1]})
    calls: list[bytes] = []
    verify = hmac.compare_digest

    def counted(given: bytes, computed: bytes) -> bool:
        calls.append(given)
        return verify(given, computed)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    for _ in range(3):
        assert ring.signed(good, 10, NOW) is not None
        assert ring.signed(good[:-1], 10, NOW) is None
    assert len(calls) == 1 + 3


def test_what_is_read_twice_is_not_shared() -> None:
    serializer = a_serializer()
    ring = KeyRing(serializer)
    cookie = signed_at(NOW, serializer, {"a": [1]})
    for _ in range(2):
        signed = ring.signed(cookie, 10, NOW)
        assert signed is not None
        data = ring.data(signed)
        assert data == {"a": [1]}
        data["a"].append(2)


@SLICE
@given(data=SESSIONS)
def test_only_what_cannot_be_changed_is_kept_as_it_was_read(data: dict[str, Any]) -> None:
    _, signed = ring_and_signed(a_serializer(), session_json_serializer.dumps(data).encode())
    if signed.plain is not None:
        assert signed.plain == data
        kinds = {type(value) for value in signed.plain.values()}
        assert kinds <= {str, int, float, bool, type(None)}


def test_what_a_log_in_writes_is_kept_as_it_was_read() -> None:
    text = b'{"_fresh":true,"_id":"00ff","_user_id":"1"}'
    _, signed = ring_and_signed(a_serializer(), text)
    assert signed.plain == {"_fresh": True, "_id": "00ff", "_user_id": "1"}


def test_a_ring_remembers_no_more_than_it_may(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(key_ring, "_REMEMBERED", 3)
    serializer = a_serializer()
    ring = KeyRing(serializer)
    for number in range(20):
        assert ring.signed(signed_at(NOW, serializer, {"n": number}), 10, NOW) is not None
        assert len(ring._good) <= 3
    assert ring._good


def test_a_ring_does_not_remember_what_is_large() -> None:
    serializer = a_serializer()
    ring = KeyRing(serializer)
    good = signed_at(NOW, serializer, {})
    padded = good + "!" * 5000
    assert ring.signed(padded, 10, NOW) is not None  # base64 passes over the padding
    assert ring.signed(signed_at(NOW, serializer, {"a": "x" * 5000}), 10, NOW) is not None
    assert ring._good == {}


def test_a_ring_remembers_nothing_bad() -> None:
    ring = KeyRing(a_serializer())
    for junk in "", "x", "a.b.c", signed_at(NOW, a_serializer("another key"), {}):
        assert ring.signed(junk, 10, NOW) is None
    assert ring._good == {}


class OwnTag(JSONTag):
    """A tag whose key does not begin with a space."""

    __slots__ = ()
    key = "u"

    def to_python(self, value: Any) -> Any:
        return {"_permanent": value}


@SLICE
@given(data=SESSIONS)
def test_a_key_that_may_be_missing_is_missing(data: dict[str, Any]) -> None:
    ring, signed = ring_and_signed(a_serializer(), session_json_serializer.dumps(data).encode())
    if "_permanent" in data:
        assert ring.may_name(b"_permanent", signed)


@pytest.mark.parametrize(
    ("text", "may"),
    [
        (b'{"name":"Ada"}', False),
        (b'{"_permanent":true}', True),
        (b'{"a":{"_permanent":true}}', True),
        (rb'{"\u005fpermanent":true}', True),
        (rb'{"\u005Fpermanent":true}', True),
        (rb'{"name":"\u4e2d\n"}', False),
        (b'[["_permanent",true]]', True),
    ],
)
def test_a_key_is_found_however_it_is_written(text: bytes, may: bool) -> None:
    ring, signed = ring_and_signed(a_serializer(), text)
    assert ring.may_name(b"_permanent", signed) is may
    data = ring.data(signed)
    assert may or "_permanent" not in dict(data)


def test_an_added_tag_is_honoured_at_once() -> None:
    serializer = TaggedJSONSerializer()
    ring, signed = ring_and_signed(a_serializer(serializer=serializer), b'{"u":1}')
    assert ring.data(signed) == {"u": 1}
    assert not ring.may_name(b"_permanent", signed)
    serializer.register(OwnTag)
    assert ring.data(signed) == {"_permanent": 1}
    assert ring.may_name(b"_permanent", signed)
