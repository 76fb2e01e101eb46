"""The site with accounts on django-allauth, as it comes, with every feature that ours has."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from .account_site import EMAIL, PASSWORD, AccountSite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

_THROTTLED = "Too many failed login attempts"

#: What `startproject` writes, and what the documentation of allauth adds for accounts by e-mail.
_SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "0a4b6d1c" * 8,
    "ALLOWED_HOSTS": ["localhost"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
    "USE_TZ": True,
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "LOGIN_URL": "/accounts/login/",
    "LOGIN_REDIRECT_URL": "/members",
    "INSTALLED_APPS": [
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
    ],
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    "AUTHENTICATION_BACKENDS": [
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ],
    "ACCOUNT_LOGIN_METHODS": {"email"},
    "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*", "password2*"],
    "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
}


class DjangoSite(AccountSite):
    """On django-allauth. Django has one configuration a process: the last site made is the one."""

    login_page = "/accounts/login/"
    logout_page = "/accounts/logout/"
    identifier = "login"
    session_cookie = "sessionid"

    def set_up(self) -> None:
        """Its tables in a file of their own, and a user who has confirmed the address."""
        self.app = SimpleNamespace(wsgi_app=_handler())
        database = self._database
        database.close()
        database.settings_dict["NAME"] = str(self.folder / "django.sqlite3")
        importlib.import_module("django.core.management").call_command("migrate", verbosity=0)
        # The throttles count there.
        importlib.import_module("django.core.cache").cache.clear()
        users: Any = importlib.import_module("django.contrib.auth.models").User.objects
        user = users.create_user("ada", email=EMAIL, password=PASSWORD)
        addresses: Any = importlib.import_module("allauth.account.models").EmailAddress.objects
        addresses.create(user=user, email=EMAIL, verified=True, primary=True)
        database.close()

    def was_throttled(self, answer: TestResponse) -> bool:
        """Tell whether a guess was not even looked at."""
        return super().was_throttled(answer) or _THROTTLED in answer.text

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Yield the SQL that is spoken meanwhile."""
        spoken: list[str] = []

        def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            spoken.append(sql)
            return execute(sql, params, many, context)

        with self._database.execute_wrapper(hear):
            yield spoken

    @property
    def _database(self) -> Any:
        return importlib.import_module("django.db").connection


@cache
def _handler() -> Any:
    """Return Django as a WSGI application."""
    # Its types are of no use here, and settings come before what reads them.
    importlib.import_module("django.conf").settings.configure(**_SETTINGS)
    importlib.import_module("django").setup()
    urls: Any = importlib.import_module("django.urls")
    settings: Any = importlib.import_module("django.conf").settings
    guard: Any = importlib.import_module("django.contrib.auth.decorators").login_required
    response: Any = importlib.import_module("django.http").HttpResponse

    def members(request: Any) -> Any:
        return response(f"Hello, {request.user.email}")

    settings.ROOT_URLCONF = (
        urls.path("members", guard(members)),
        urls.path("accounts/", urls.include("allauth.urls")),
    )
    return importlib.import_module("django.core.wsgi").get_wsgi_application()
