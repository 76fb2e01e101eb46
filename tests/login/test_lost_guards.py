"""A guard above its route guards nothing, and can be found."""

from __future__ import annotations

import pytest
from flask import Flask

from flask_porter import SetUpError, login_required, public
from flask_porter.login.lost_guards import refuse_lost_guards


def test_a_guard_below_its_route_is_where_it_belongs() -> None:
    app = Flask("guarded")
    app.route("/members")(login_required(lambda: "in"))
    refuse_lost_guards(app)


def test_a_view_with_a_guarded_and_an_open_route_is_left_alone() -> None:
    app = Flask("guarded")

    def both() -> str:
        return "in"

    app.add_url_rule("/open", "open", both)
    app.add_url_rule("/guarded", "guarded", login_required(both))
    refuse_lost_guards(app)


@pytest.mark.parametrize("is_open", [False, True])
def test_a_guard_above_its_route_is_refused_unless_the_view_is_public(*, is_open: bool) -> None:
    app = Flask("guarded")

    def lost() -> str:
        return "in"

    app.add_url_rule("/lost", "lost", lost)
    login_required(lost)
    if is_open:
        public(lost)
        refuse_lost_guards(app)
        return
    with pytest.raises(SetUpError, match=r"login_required stands above the route of 'lost'"):
        refuse_lost_guards(app)
