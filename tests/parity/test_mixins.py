"""The classes that user classes are made of."""

from collections.abc import Callable, Hashable
from types import ModuleType
from typing import Any

import pytest

PROPERTIES = ["is_active", "is_authenticated", "is_anonymous"]


@pytest.fixture
def new(library: ModuleType) -> Callable[..., Any]:
    """Make a user: `new(id="1")` of a plain subclass of UserMixin."""
    plain: Any = type("User", (library.UserMixin,), {})

    def make(**attributes: Any) -> Any:
        user = plain()
        vars(user).update(attributes)
        return user

    return make


def test_a_user_is_active_authenticated_and_not_anonymous(new: Callable[..., Any]) -> None:
    user = new(id="1")
    assert user.is_active is True
    assert user.is_authenticated is True
    assert user.is_anonymous is False


def test_authenticated_follows_active(library: ModuleType) -> None:
    suspended: Any = type("Suspended", (library.UserMixin,), {"is_active": False})
    assert suspended().is_authenticated is False
    odd: Any = type("Odd", (library.UserMixin,), {"is_active": "yes"})
    assert odd().is_authenticated == "yes"


@pytest.mark.parametrize("mixin", ["UserMixin", "AnonymousUserMixin"])
@pytest.mark.parametrize("name", PROPERTIES)
def test_the_three_answers_are_properties_without_setters(
    library: ModuleType, mixin: str, name: str
) -> None:
    cls = getattr(library, mixin)
    assert isinstance(getattr(cls, name), property)
    assert getattr(cls, name).fset is None
    with pytest.raises(AttributeError):
        setattr(cls(), name, True)


@pytest.mark.parametrize(("id", "text"), [(1, "1"), ("1", "1"), ("佐藤", "佐藤"), (None, "None")])
def test_the_id_is_the_text_of_the_attribute(
    new: Callable[..., Any], id: object, text: str
) -> None:
    """Even of None, for a user that has not been saved."""
    assert new(id=id).get_id() == text


def test_without_an_id_get_id_must_be_written(new: Callable[..., Any]) -> None:
    with pytest.raises(NotImplementedError, match="get_id"):
        new().get_id()


def test_users_are_equal_by_get_id(library: ModuleType, new: Callable[..., Any]) -> None:
    other_class: Any = type("Staff", (library.UserMixin,), {"get_id": lambda self: "1"})
    assert new(id=1) == new(id="1")
    assert not new(id=1) != new(id="1")
    assert new(id=1) == other_class()
    assert new(id=1) != new(id=2)
    assert not new(id=1) == new(id=2)


def test_a_user_equals_nothing_but_users(library: ModuleType, new: Callable[..., Any]) -> None:
    user = new(id=1)
    for other in ("1", 1, None, object(), library.AnonymousUserMixin()):
        assert not user == other
        assert user != other
    assert user.__eq__("1") is NotImplemented
    assert user.__ne__("1") is NotImplemented


def test_the_other_side_may_decide_on_equality(new: Callable[..., Any]) -> None:
    class Anything:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None  # type: ignore[assignment]

    assert new(id=1) == Anything()


def test_a_user_hashes_by_identity(library: ModuleType, new: Callable[..., Any]) -> None:
    assert isinstance(library.UserMixin(), Hashable)
    assert len({new(id=1), new(id=1)}) == 2
    assert hash(library.UserMixin()) is not None
    assert library.UserMixin.__hash__ is object.__hash__


def test_attributes_fit_even_on_a_subclass_with_slots(library: ModuleType) -> None:
    slotted: Any = type("Slotted", (library.UserMixin,), {"__slots__": ()})
    user = slotted()
    user.id = 5
    assert user.get_id() == "5"


def test_the_anonymous_user_is_nobody(library: ModuleType) -> None:
    nobody = library.AnonymousUserMixin()
    assert nobody.is_authenticated is False
    assert nobody.is_active is False
    assert nobody.is_anonymous is True
    assert nobody.get_id() is None


def test_the_two_classes_are_separate(library: ModuleType) -> None:
    assert not issubclass(library.AnonymousUserMixin, library.UserMixin)
    assert not issubclass(library.UserMixin, library.AnonymousUserMixin)
