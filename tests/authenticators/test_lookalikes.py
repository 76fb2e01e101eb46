"""Names that look alike have one skeleton, and names that do not keep their own."""

from __future__ import annotations

import unicodedata

import pytest

from flask_porter.authenticators.lookalikes import _LIKE, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(
            ("admin", "adm1n"),
            ("admin", "ADMIN"),
            ("admin", "admln"),
            ("bill", "bi1l"),
            ("Ida", "lda"),
        ),
        *(
            ("root", "r00t"),
            ("paypal", "раураӏ"),
            ("coco", "сосо"),
            ("tom", "том"),
            ("max", "rnax"),
        ),
        *(
            ("wow", "vvovv"),
            ("jose", "josé"),
            ("admin", "ADMİN"),
            ("victim", "vıctim"),
            ("bob", "вов"),
        ),
        *(
            ("ABE", "αβε"),
            ("a_b", "a__b"),
            ("soren", "søren"),
            ("strasse", "straße"),
            ("nora", "ոora"),
        ),
        *(("カナ", "力ナ"), ("へや", "ヘや"), ("محمد", "مُحَمَّد"), ("σοφος", "σοφοσ"), ("cat", "ᴄat")),
    ],
)
def test_lookalikes_are_one(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("anna", "anne"), ("user1", "user2"), ("a_b", "a-b"), ("a.b", "ab"), ("мария", "марина")),
        *(("あか", "あが"), ("คน", "คุน"), ("김", "박"), ("kata", "cata"), ("nn", "m"), ("र", "रु")),
    ],
)
def test_others_are_not(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_no_letter_looks_like_two() -> None:
    listed = "".join(_LIKE.values())
    assert len(listed) == len(set(listed))


def test_a_skeleton_is_its_own() -> None:
    for letters in (*_LIKE, *_LIKE.values()):
        assert skeleton(skeleton(letters)) == skeleton(letters)


def test_every_entry_can_be_met() -> None:
    """What is folded or decomposed before the table is asked would be an entry for nothing."""
    for letter in "".join(_LIKE.values()):
        assert letter == unicodedata.normalize("NFKC", letter).casefold()
