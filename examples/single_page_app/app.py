"""One page of plain JavaScript, and accounts behind a JSON API."""

from __future__ import annotations

from flask import Flask, Response

from flask_porter import Porter

# Nothing from elsewhere, nothing inline: what somebody smuggles into the page does not run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(instance_path: str | None = None, **settings: object) -> Flask:
    """Return the app; `flask run` calls this."""
    app = Flask(__name__, instance_path=instance_path)
    app.config.update(PORTER_APP_NAME="One page", **settings)
    Porter(app)

    @app.get("/")
    def index() -> Response:
        page = app.send_static_file("index.html")
        page.headers["Content-Security-Policy"] = POLICY
        return page

    return app
