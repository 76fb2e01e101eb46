"""Says what went wrong: a page for a person, JSON for a script."""

from __future__ import annotations

import json

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from .fields import FieldsRefused


def wants_json() -> bool:
    """Return whether a script is asking."""
    accept = request.accept_mimetypes
    return (
        request.path.startswith("/api/")
        or request.is_json
        or accept.best_match(["text/html", "application/json"]) == "application/json"
        or ("X-Requested-With" in request.headers and "text/html" not in accept.values())
    )


def show_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code >= 500:
        return error  # the page asks who is logged in, and that may be what failed
    if error.response is not None and error.response.is_json:
        return error  # a guard has answered the script already
    if isinstance(error, CSRFError):
        error.description = "This page is out of date. Load it again, then repeat."
    response = error.get_response()  # keeps the headers, such as Allow
    if wants_json():
        answer: dict[str, object] = {"error": error.name, "message": error.description}
        if isinstance(error, FieldsRefused):
            answer["fields"] = error.fields
        response.content_type = "application/json"
        response.data = json.dumps(answer)
    else:
        response.content_type = "text/html; charset=utf-8"
        response.data = render_template("error.html", error=error)
    return response


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_error)
