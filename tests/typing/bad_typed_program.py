"""A program that names its class of user and breaks its word; see `bad_program.py`.

basedpyright reads it as well: a line that it finds no fault with fails by its needless `ignore`.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from typing import Any

from flask import Flask, Request

from flask_porter import LoginClient, LoginManager, UserMixin


class User(UserMixin):
    name = "Ada"


class Robot(UserMixin):
    name = "R2"


app = Flask(__name__)
login_manager = LoginManager[User](app)


@login_manager.user_loader  # pyright: ignore[reportCallIssue, reportArgumentType]  # wrong: arg-type
def load_robot(user_id: str) -> Robot | None: return None


@login_manager.user_loader  # pyright: ignore[reportCallIssue, reportArgumentType]  # wrong: arg-type
async def load_robot_slowly(user_id: str) -> Robot | None: return None


@login_manager.request_loader  # pyright: ignore[reportCallIssue, reportArgumentType]  # wrong: arg-type
def load_name(request: Request) -> str: return request.path


@login_manager.user_loader
def load_user(user_id: str) -> User | None: return None


load_user(1)  # pyright: ignore[reportArgumentType]  # wrong: arg-type
login_manager.user_loader("load_user")  # pyright: ignore[reportCallIssue, reportArgumentType]  # wrong: call-overload
login_manager.get_user().name  # pyright: ignore[reportOptionalMemberAccess]  # wrong: union-attr
login_manager.require_user().nmae  # pyright: ignore[reportAttributeAccessIssue]  # wrong: attr-defined
login_manager.current_user.nmae  # pyright: ignore[reportAttributeAccessIssue]  # wrong: attr-defined
robot: Robot = login_manager.require_user()  # pyright: ignore[reportAssignmentType]  # wrong: assignment
login_manager.current_user = None  # pyright: ignore[reportAttributeAccessIssue]  # wrong: assignment


class Shop(LoginManager[User]):
    def require_user(self) -> Robot:  # pyright: ignore[reportIncompatibleMethodOverride]  # wrong: override
        return Robot()


def attach(manager: LoginManager[Robot]) -> Any: ...


attach(login_manager)  # pyright: ignore[reportArgumentType]  # wrong: arg-type
LoginClient(app).log_in(User(), True)  # pyright: ignore[reportCallIssue]  # wrong: call-arg
LoginClient(app).log_in(User(), fresh="no")  # pyright: ignore[reportArgumentType]  # wrong: arg-type
