"""A user belongs to one request: loaded once in it, and never seen by another."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from flask import Flask, Response, copy_current_request_context, g, stream_with_context

from tests.login.mended import outcomes, session_of, shared, shown, site
from tests.parity.member_site import Member


@outcomes(ours=["Ada", "Grace", "nobody"], fault_of_the_original=["Ada", "Ada", "Ada"])
def test_clients_in_one_app_context_keep_their_own_users(
    library: ModuleType, outcome: list[str]
) -> None:
    house = site(library)
    ada, grace, stranger = house.client(), house.client(), house.client()
    ada.get("/login?id=1")
    grace.get("/login?id=2")
    with house.app.app_context():
        assert [shown(ada), shown(grace), shown(stranger)] == outcome


@outcomes(ours=["Ada", "nobody"], fault_of_the_original=["Ada", "Ada"])
def test_the_next_request_of_one_app_context_looks_anew(
    library: ModuleType, outcome: list[str]
) -> None:
    house = site(library)
    client = house.client()
    client.get("/login?id=1")
    with house.app.app_context():
        before = shown(client)
        house.members.clear()
        assert [before, shown(client)] == outcome


@outcomes(ours="Ada", fault_of_the_original="Grace")
def test_a_login_is_no_login_for_the_next_client(library: ModuleType, outcome: str) -> None:
    house = site(library)
    ada, grace = house.client(), house.client()
    ada.get("/login?id=1")
    with house.app.app_context():
        grace.get("/login?id=2")
        assert shown(ada) == outcome


@outcomes(ours="Ada", fault_of_the_original="nobody")
def test_a_logout_is_no_logout_for_the_next_client(library: ModuleType, outcome: str) -> None:
    house = site(library)
    ada, grace = house.client(), house.client()
    ada.get("/login?id=1")
    grace.get("/login?id=2")
    with house.app.app_context():
        grace.get("/logout")
        assert shown(ada) == outcome


def nest(house_app: Flask, library: ModuleType, inner_paths: list[str], *, first: bool) -> None:
    """Add `/nested`: a view that sends requests as another client and tells who is who."""

    @house_app.get("/nested")
    def nested() -> str:
        names = [library.current_user.name] if first else []
        inner = house_app.test_client()
        names += [inner.get(path).text for path in inner_paths]
        return " ".join([*names, getattr(library.current_user, "name", "nobody")])


@outcomes(ours="Ada nobody Ada", fault_of_the_original="Ada Ada Ada")
def test_a_request_inside_a_request_does_not_inherit_the_user(
    library: ModuleType, outcome: str
) -> None:
    house = site(library)
    nest(house.app, library, ["/who"], first=True)
    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/nested") == outcome


@outcomes(ours="nobody Ada", fault_of_the_original="nobody nobody")
def test_a_request_inside_a_request_does_not_leave_its_user_behind(
    library: ModuleType, outcome: str
) -> None:
    house = site(library)
    nest(house.app, library, ["/who"], first=False)
    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/nested") == outcome


@outcomes(ours="Ada True Grace Ada", fault_of_the_original="Ada True Grace Grace")
def test_a_login_inside_a_request_leaves_the_outer_user_alone(
    library: ModuleType, outcome: str
) -> None:
    house = site(library)
    nest(house.app, library, ["/login?id=2", "/who"], first=True)
    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/nested") == outcome


@shared()
def test_a_user_put_on_g_by_hand_counts_for_every_request_of_the_context(
    library: ModuleType,
) -> None:
    house = site(library)
    with house.app.app_context():
        g._login_user = house.members["2"]
        assert shown(house.client()) == "Grace"
        assert shown(house.client()) == "Grace"


@shared()
def test_a_user_replaced_on_g_by_hand_counts_over_a_loaded_one(library: ModuleType) -> None:
    house = site(library)
    client = house.client()
    client.get("/login?id=1")
    with house.app.app_context():
        assert shown(client) == "Ada"
        g._login_user = house.members["2"]
        assert shown(client) == "Grace"


@shared()
def test_the_loader_is_asked_once_a_request_even_when_it_finds_nobody(
    library: ModuleType,
) -> None:
    house = site(library)
    asked = []

    def load(stored_id: object) -> Member | None:
        asked.append(stored_id)
        return house.members.get("1") if len(asked) > 1 else None

    @house.app.get("/thrice")
    def thrice() -> str:
        return " ".join(str(library.current_user.is_authenticated) for _ in range(3))

    house.manager.user_loader(load)
    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/thrice") == "False False False"
    assert shown(client, "/thrice") == "True True True"
    assert asked == [1, 1]


@shared()
def test_a_streamed_response_sees_the_user_of_its_request(library: ModuleType) -> None:
    house = site(library)

    @house.app.get("/stream")
    def stream() -> Response:
        def parts() -> Iterator[str]:
            yield library.current_user.name

        return Response(stream_with_context(parts()))

    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/stream") == "Ada"


@shared()
def test_a_user_made_current_outside_any_request_counts_for_those_inside(
    library: ModuleType,
) -> None:
    house = site(library)
    with house.app.app_context():
        house.manager._update_request_context_with_user(house.members["2"])
        assert g._login_user is house.members["2"]
        assert not library.current_user
        assert shown(house.client()) == "Grace"


@shared()
def test_a_thread_that_carries_the_request_carries_its_user(library: ModuleType) -> None:
    house = site(library)

    @house.app.get("/threads")
    def threads() -> str:
        @copy_current_request_context
        def name() -> str:
            return str(library.current_user.name)

        with ThreadPoolExecutor() as pool:
            return f"{pool.submit(name).result()} {library.current_user.name}"

    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/threads") == "Ada Ada"


@shared()
def test_two_apps_in_one_thread_do_not_mix(library: ModuleType) -> None:
    first, second = site(library), site(library)
    client, other = first.client(), second.client()
    client.get("/login?id=1")
    with first.app.app_context(), second.app.app_context():
        assert [shown(client), shown(other)] == ["Ada", "nobody"]
    assert session_of(other) == {}
