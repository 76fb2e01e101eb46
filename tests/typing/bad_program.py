"""A program with one mistake on each marked line; a type checker must find these and no others."""

from datetime import timedelta

from flask import Flask

from flask_porter import (
    LoginManager,
    UserMixin,
    decode_cookie,
    login_required,
    login_url,
    login_user,
    logout_user,
    set_login_view,
)
from flask_porter import current_users  # wrong: attr-defined


class User(UserMixin):
    id = "ada"

    def get_id(self) -> list[str]:  # wrong: override
        return ["ada"]


app = Flask(__name__)
login_manager = LoginManager("app")  # wrong: arg-type
login_manager.login_view = 1  # wrong: assignment
login_manager.session_protection = True  # wrong: assignment
login_manager.login_veiw = "login"  # wrong: attr-defined
login_manager.init_app()  # wrong: call-arg


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    return User() if user_id == "ada" else None


load_user(1)  # wrong: arg-type


@login_required
def members(page: int) -> str:
    return f"page {page}"


members("one")  # wrong: arg-type
login_required("members")  # wrong: arg-type

login_user(User(), remember="yes")  # wrong: arg-type
login_user(User(), duration=3600)  # wrong: arg-type
login_user(User(), remeber=True)  # wrong: call-arg
login_user()  # wrong: call-arg
login_user(User(), duration=timedelta(days=1))
logout_user(User())  # wrong: call-arg
login_url(None)  # wrong: arg-type
set_login_view("login", blueprint="auth")  # wrong: arg-type
cookie: str = decode_cookie("1|0")  # wrong: assignment
User().is_active = False  # wrong: misc
