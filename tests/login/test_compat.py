"""What the modules that stand for Flask-Login's tell of themselves."""

from unittest import mock

import pytest

from flask_porter.login import guards
from flask_porter.login.compat import facades
from tests.login.vault import open_vault


def test_a_module_lists_the_names_it_answers() -> None:
    modules = facades()
    assert {"login_user", "current_user", "_get_user"} <= set(dir(modules["flask_login.utils"]))
    assert {"LoginManager", "utils", "__version__"} <= set(dir(modules["flask_login"]))
    assert "COOKIE_NAME" in dir(modules["flask_login.config"])


def test_a_module_has_no_file_and_no_name_of_nobody() -> None:
    utils = facades()["flask_login.utils"]
    assert not hasattr(utils, "__file__")
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = utils.no_such_name


def test_a_replaced_current_user_counts_for_the_guards() -> None:
    """Test suites do it so; what they put there need not be a proxy."""
    client = open_vault().client()
    somebody = mock.Mock(is_authenticated=True)
    assert client.get("/fresh").status_code == 401
    with mock.patch.object(facades()["flask_login.utils"], "current_user", somebody):
        assert vars(guards)["current_user"] is somebody
        with client.session_transaction() as stored:
            stored["_fresh"] = True
        assert client.get("/fresh").text == "fresh"
