"""Every page with values as a view gives them, and an application that shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, Response, request

from flask_porter.web.rendering import Rendering

NOW = datetime.now(UTC)
LONG_ADDRESS = "augusta.ada.byron.countess.of.lovelace@analytical-engines.example"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self' 'nonce-{nonce}'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CONSOLE_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


@dataclass
class Facts:
    """What each template is told of the app and the request."""

    app_name: str = "Analytical Engines"
    brand_color: str = "#3457d5"
    brand_ink: str = "#fff"
    logo_url: str | None = None
    home_url: str = "/"
    csp_nonce: str = "bm9uY2U"
    registration_open: bool = True
    identifiers: str = "email"
    language: str = "en"
    languages: tuple[str, ...] = ("en", "de")
    min_length: int = 15
    remember: bool = True
    development: bool = False

    @property
    def mailbox(self) -> bool:
        """Whether mail stays here."""
        return self.development

    def url(self, name: str, **values: Any) -> str:
        """Return an address for the page of a flow."""
        if name == "static":
            return f"/account/static/{values['filename']}"
        return "/account/theme.css" if name == "theme" else f"/account/{name}"


@dataclass
class Form:
    """A form as a template shows it."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    refusal: str | None = None
    next: str | None = None
    fields: list[Any] = field(default_factory=list)


def thing(**values: Any) -> SimpleNamespace:
    """Return something with these attributes."""
    return SimpleNamespace(**values)


def mail() -> Any:
    """Return a mail as the console shows it."""
    html = (
        "<!doctype html><html><head><title>Mail</title></head><body style='font-family:sans-serif'>"
        "<h1 style='color:#123'>Confirm your e-mail address</h1><p>This address was given.</p>"
        "<p><a href='/verify_email'>Confirm</a></p></body></html>"
    )
    return thing(
        handle="a1",
        subject="Confirm your e-mail address",
        to=LONG_ADDRESS,
        when=NOW - timedelta(minutes=1),
        text="Hello,\n\nhttp://localhost:5000/account/verify_email?token=" + "x" * 120 + "\n",
        html=html,
    )


def hostile_mail() -> Any:
    """Return a mail that tries to run a script."""
    script = "<script>top.document.title = document.title = 'owned'</script>"
    return thing(**{**vars(mail()), "html": mail().html.replace("</body>", f"{script}</body>")})


def devices() -> list[Any]:
    """Return three devices."""
    ago = timedelta
    rows = (
        ("Firefox (Linux)", "computer", "203.0.113.7", ago(days=9), ago(), True),
        (
            "Safari (iOS)",
            "phone",
            "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
            ago(3),
            ago(0, 9000),
            0,
        ),
        ("", "computer", "198.51.100.20", ago(days=40), ago(days=12), False),
    )
    return [
        thing(
            name=name,
            kind=kind,
            address=address,
            first_seen=NOW - first,
            last_seen=NOW - last,
            is_this=bool(is_this),
            end_handle=f"handle-{address}",
        )
        for name, kind, address, first, last, is_this in rows
    ]


def activity() -> list[Any]:
    """Return events as their person sees them."""
    return [
        thing(when=NOW - timedelta(seconds=5), what="You logged in", serious=False),
        thing(when=NOW - timedelta(hours=3), what="A log-in failed", serious=True),
        thing(when=NOW - timedelta(days=30), what="You registered", serious=False),
    ]


def registration() -> Form:
    """Return a form with everything that may be wrong."""
    team = thing(name="team", title="Team", type="text", required=False, autocomplete=None)
    news = thing(
        name="news", title="Send me news", type="checkbox", required=False, autocomplete=""
    )
    size = thing(
        name="size",
        title="Size",
        type="select",
        required=True,
        autocomplete=None,
        choices={"s": "Small", "xl": "Extra large"},
        chosen="s",
    )
    return Form(
        values={"email": "ada@", "username": "ada"},
        errors={
            "email": ["This is no e-mail address, such as name@example.com."],
            "form": ["This is more than was asked for."],
            "password": ["At least 15 characters are needed. Add a word or two."],
        },
        fields=[team, size, news],
        next="/members",
    )


def console() -> dict[str, Any]:
    """Return what the development console shows."""
    names = (("Ada", "administrator"), ("Grace", "member"), ("Mary", "not verified"))
    return {
        "mails": [mail(), thing(**{**vars(mail()), "handle": "a2", "subject": "New log-in"})],
        "mail": mail(),
        "codes": [
            thing(code="48210937", to=LONG_ADDRESS, purpose="verify_email", until=NOW + _TEN)
        ],
        "people": [thing(handle=name.lower(), name=name, note=note) for name, note in names],
        "events": [
            thing(when=NOW, type="authn_login_success", who="ada@example.com", address="127.0.0.1"),
            thing(when=NOW, type="malicious_csrf", who=None, address=None),
        ],
    }


_TEN = timedelta(minutes=10)


def operations() -> dict[str, Any]:
    """Return two operations of the API."""
    log_in: dict[str, Any] = {
        "method": "POST",
        "path": "/login",
        "summary": "Log in with a password",
        "fields": [
            {"name": "identifier", "type": "string", "required": True, "description": ""},
            {"name": "remember", "type": "boolean", "required": False, "description": "Stay"},
        ],
        "answers": [{"status": 200, "description": "Logged in"}],
    }
    end: dict[str, Any] = {
        "method": "DELETE",
        "path": "/devices/{handle}",
        "summary": "End a device",
        "fields": [],
        "answers": [{"status": 204, "description": "Done"}],
    }
    info = {"title": "Analytical Engines: accounts", "version": "1"}
    document = {"info": info, "servers": [{"url": "/account/api"}]}
    return {"operations": [log_in, end], "document": document}


ADA: dict[str, Any] = {"identifier": LONG_ADDRESS, "email": LONG_ADDRESS}
REFUSED = {"form": Form(values={"identifier": "ada"}, refusal="That is not right.")}

#: Each page: its template, and what its view gives beside `porter` and an empty `form`.
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "login": ("login.html", {}),
    "login_refused": ("login.html", REFUSED),
    "register": ("register.html", {}),
    "register_refused": ("register.html", {"form": registration()}),
    "check_your_mail": ("check_your_mail.html", {"flow": "verify_email", "address": LONG_ADDRESS}),
    "check_your_mail_reset": ("check_your_mail.html", {"flow": "reset_password_code"}),
    "check_your_mail_change": ("check_your_mail.html", {"flow": "change_email", "address": "a@b"}),
    "verify_email": ("verify_email.html", {"address": LONG_ADDRESS}),
    "verify_email_elsewhere": ("verify_email.html", {"needs_password": True}),
    "change_email_finish": ("verify_email.html", {"needs_password": True, "new_address": True}),
    "verify_email_again": ("verify_email_again.html", {}),
    "reset_password": ("reset_password.html", {}),
    "reset_password_finish": ("reset_password_finish.html", ADA),
    "reauthenticate": ("reauthenticate.html", {**ADA, "kept": True}),
    "resume_request": (
        "resume_request.html",
        {
            "method": "POST",
            "path": "/notes/new?draft=1",
            "fields": [("title", "Sketch of the engine"), ("body", "Line one\nline two " * 9)],
            "again": ["pin"],
        },
    ),
    "logout": ("logout.html", {}),
    "not_me": ("not_me.html", {"what": "Your password has changed", "when": NOW - _TEN}),
    "message": (
        "message.html",
        {
            "title": "Thank you, that is confirmed",
            "text": "You can log in now.",
            "kind": "good",
            "link_url": "/account/login",
            "link_text": "Log in",
        },
    ),
    "error": ("error.html", {"status": 404, "title": "There is nothing here"}),
    "account": ("account.html", {**ADA, "verified": True, "devices": 3}),
    "account_unverified": ("account.html", {**ADA, "verified": False, "devices": 1}),
    "devices": ("devices.html", {"devices": devices()}),
    "activity": ("activity.html", {"events": activity()}),
    "change_password": ("change_password.html", ADA),
    "change_email": ("change_email.html", ADA),
    "download_data": ("download_data.html", {}),
    "close_account": ("close_account.html", ADA),
    "development": ("development.html", console()),
    "development_empty": ("development.html", {}),
    "api": ("api.html", operations()),
}

#: Pages that a browser complains about.
HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "development_hostile": ("development.html", {"mails": [mail()], "mail": hostile_mail()}),
}


def create_app(**facts: Any) -> Flask:
    """Return an application that shows each page at ``/<its name>``."""
    app = Flask("sample_pages")
    pages = Blueprint(
        "porter",
        "flask_porter.web",
        url_prefix="/account",
        template_folder="templates",
        static_folder="static/porter",
        static_url_path="/static",
    )
    app.register_blueprint(pages)
    rendering = Rendering(app)

    def shown(template: str, values: dict[str, Any]) -> str:
        porter = Facts(**facts)
        given = {"form": Form(), "request": request, "porter": porter} | values
        return rendering.render(template, porter.language, given)

    def page(name: str) -> Response:
        template, values = (PAGES | HOSTILE)[name]
        response = Response(shown(template, values), mimetype="text/html")
        policy = CONSOLE_POLICY if template == "development.html" else POLICY
        response.headers["Content-Security-Policy"] = policy.format(nonce=Facts.csp_nonce)
        return response

    app.add_url_rule("/<name>", "page", page, methods=["GET", "POST"])
    theme = "/account/theme.css"
    app.add_url_rule(theme, "theme", lambda: Response(shown("theme.css", {}), mimetype="text/css"))
    return app
