"""What every page with a form does: show it, run its flow, show what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import make_response, redirect, request

from ...authenticators.hidden import HiddenValues
from ...errors import InvalidInput, Refusal
from ...flows.inputs import Input, secret_fields
from ...login.safe_next import safe_next
from ..own_paths import on_this_site
from ..page_facts import render_page
from ..request import accounts, form_fields, run, sent_value
from ..response import apply, held_next
from ..texts import text_of
from .extra_fields import ExtraField

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response

    from ...flows.run import Flow


@dataclass
class ShownForm:
    """A form as its template shows it: what was typed, but for secrets, and what is wrong."""

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    refusal: str | None = None
    next: str | None = None
    fields: list[ExtraField] = field(default_factory=list)


@dataclass(frozen=True)
class FormPage:
    """A page with the form of one flow.

    Args:
        template: its file in ``templates/porter/``.
        flow: what a POST runs.
        succeed: makes the answer to a success; the outcome has been applied already.
        values: makes what the template needs beside ``form``.
        going_to: says where the visitor was going.
    """

    template: str
    flow: Flow[Any, Any]
    succeed: Callable[[Any, ShownForm], Response]
    values: Callable[[], Mapping[str, Any]] = dict
    going_to: Callable[[], str | None] = lambda: asked_next()

    def __call__(self, given: Mapping[str, Any] | None = None) -> Response:
        """Answer the current request; ``given`` adds to what was posted."""
        if request.method != "POST":
            return self.show(self._blank())
        posted = HiddenValues()
        try:
            posted = form_fields()
            outcome = run("pages", self.flow, posted.joined(given or {}))
        except Refusal as refusal:
            return self.refuse(refusal, posted)
        # Before the outcome: a log-in and a log-out clear what the session holds.
        form = ShownForm(values=posted, next=self.going_to())
        apply(outcome)
        return self.succeed(outcome, form)

    def show(self, form: ShownForm, status: int = 200) -> Response:
        """Return the page."""
        return render_page(self.template, status, form=form, **self.values())

    def refuse(self, refusal: Refusal, posted: Mapping[str, Any]) -> Response:
        """Return the page with what was wrong, and what was typed but for secrets."""
        form = refused_form(refusal, self.flow.model_in(accounts()), posted)
        form.fields = self._extra_fields()
        form.next = self.going_to()
        return with_retry_after(self.show(form, refusal.status), refusal)

    def _blank(self) -> ShownForm:
        return ShownForm(next=self.going_to(), fields=self._extra_fields())

    def _extra_fields(self) -> list[ExtraField]:
        kept = accounts()
        ours = set(self.flow.model.model_fields)
        if kept.settings.identifiers != "email":
            ours.add("username")
        model = self.flow.model_in(kept)
        return [
            ExtraField.of(name, info)
            for name, info in model.model_fields.items()
            if name not in ours
        ]


def refused_form(refusal: Refusal, model: type[Input], posted: Mapping[str, Any]) -> ShownForm:
    """Return the form to show again."""
    secrets = secret_fields(model)
    return ShownForm(
        values={
            name: value
            for name, value in posted.items()
            if name in model.model_fields and name not in secrets and _is_short(value)
        },
        errors=_errors(refusal),
        refusal=None if isinstance(refusal, InvalidInput) else said(refusal),
    )


def said(refusal: Refusal) -> str:
    """Return a refusal in words."""
    return text_of(refusal.reason, **refusal.details)


def with_retry_after(response: Response, refusal: Refusal) -> Response:
    """Tell when to come back (RFC 9110 section 10.2.3), where the refusal knows."""
    seconds = getattr(refusal, "retry_after", None)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def asked_next() -> str | None:
    """Return where this request says that its visitor was going, if that is on this site."""
    return safe_next(sent_value("next"))


def next_url() -> str | None:
    """Return the same, or else what this browser's session holds, judged anew at each use."""
    asked = sent_value("next")
    return safe_next(held_next() if asked is None else asked)


def see_other(url: str) -> Response:
    """Send the browser on with GET, whatever it has posted (RFC 9110 section 15.4.4)."""
    return make_response(redirect(on_this_site(url), code=303))


def _errors(refusal: Refusal) -> dict[str, list[str]]:
    if not isinstance(refusal, InvalidInput):
        return {}
    return {
        name: [text_of(reason) for reason in reasons] for name, reasons in refusal.fields.items()
    }


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 1000
