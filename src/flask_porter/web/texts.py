"""What is said for each stable reason, to people and to programs: the one place of these texts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, has_request_context

from .event_texts import EVENT_TEXTS
from .request import language
from .translations import counted, gettext, marked, ngettext, speaking, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of single fields.
_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "required": marked("Please fill this in."),
        "invalid": marked("This is not as it should be."),
        "too_long": marked("This is too long."),
        "not_text": marked("This has characters that cannot be taken."),
        "not_a_hash": marked("This is no hash of a password that can be checked here."),
        "unknown_field": marked("This is more than was asked for."),
        "not_an_object": marked("A JSON object is expected."),
        "taken": marked("This is taken already. Please choose another."),
        "invalid_email": marked("This is no e-mail address, such as name@example.com."),
        "invalid_username": marked(
            "A user name has 3 to 32 letters and digits; between them may be _ - and ."
        ),
        "reserved": marked("This name is kept for those who run this site."),
        "common": marked(
            "Many people have used this password, so it is guessed first. Put a few words together"
            " that do not belong together."
        ),
        "same_email": marked("This is the address that you have."),
        "same_password": marked("This is the password that you have. Please choose another."),
        "personal": marked(
            "This is little more than your name or that of the site. Add words that say nothing"
            " about you."
        ),
    }
)

#: Of whole requests.
_REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "invalid_input": marked("Something is missing or cannot be taken."),
        "wrong_credentials": marked(
            "That is not right. Please check both, or choose a new password by mail."
        ),
        "wrong_password": marked("That is not the password of this account."),
        "no_password": marked("This account has no password yet. Choose one by mail."),
        "changed_meanwhile": marked(
            "Somebody has changed it at the same moment. Please look again."
        ),
        "email_taken": marked("This address cannot be used any more. Please choose another."),
        "registration_closed": marked("Nobody can register here at the moment."),
        "login_required": marked("Please log in first."),
        "reauthentication_required": marked("Please prove again that it is you."),
        "session_over": marked("You have been logged out. Please log in again."),
        "disabled": marked("This account is disabled. Ask those who run this site."),
        "unverified": marked("The e-mail address of this account is not confirmed yet."),
        "ambiguous_user": marked("This is the name of one account and the id of another."),
        "unknown_role": marked("There is no such role."),
        "unknown_user": marked("There is no such account."),
        "link_invalid": marked(
            "It has been used, is too old, or something in the account has changed since."
        ),
        "code_invalid": marked("That is not the code, or it no longer works."),
        "operators_only": marked("Only those who run this site can do that."),
        "not_imported": marked("Nothing was imported. Some lines have to be mended first."),
        "not_there": marked("There is no such thing, or it is not yours."),
        "cross_site": marked("This came from another site, so nothing was done."),
        "no_origin": marked(
            "The browser did not say where this came from, so nothing was done: the headers"
            " Sec-Fetch-Site and Origin were both missing."
        ),
        "not_json": marked("The body of the request is not of the type application/json."),
        "malformed_json": marked("The body of the request is not JSON."),
        "too_large": marked("That is too much at once."),
        "length_required": marked("The request does not say how long it is."),
        "unavailable": marked(
            "Something here is out of order for the moment. Nothing is wrong with your account, and"
            " you are still logged in if you were. Please try again in a minute."
        ),
        "busy": marked("Too much is going on at this moment. Please try again in a few seconds."),
    }
)

#: Titles and links of pages that are made of few words.
_PAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "link_invalid_title": marked("This link no longer works"),
        "ask_again": marked("Ask for another mail"),
        "choose_password": marked("Choose a new password"),
        "to_home": marked("To the home page"),
        "log_in": marked("Log in"),
        "mail_sent": marked("If the address can be used here, a mail is on its way."),
        "account_closed_title": marked("Your account is closed"),
        "account_closed": marked("It has been deleted, with all that belonged to it. Farewell."),
        "account_emptied": marked(
            "Your address, your name and your password are gone, and nobody can log in by it."
            " Farewell."
        ),
        "password_changed_title": marked("Your password has changed"),
        "password_changed": marked(
            "You are logged in here alone. We have sent you a mail about it."
        ),
        "password_reset_title": marked("You have a new password"),
        "password_reset": marked("All devices have been logged out. Log in with the new password."),
        "email_changed_title": marked("Your e-mail address has changed"),
        "email_changed": marked("Mail goes to the new address from now on."),
        "account_secured_title": marked("Your account is yours again"),
        "account_secured": marked(
            "Everybody has been logged out. We have sent you a mail to choose a new password."
        ),
        "account_secured_without_mail": marked(
            "Everybody has been logged out. Another account has your address now: tell those who"
            " run this site, only they can help."
        ),
        "your_account": marked("Your account"),
        "continue": marked("Continue"),
        "not_me_new_device": marked("New log-in to your account"),
        "not_me_sessions_ended": marked("Your devices have been logged out"),
        "not_me_password_changed": marked("Your password has changed"),
        "not_me_password_reset_done": marked("You have a new password"),
        "not_me_change_email_notice": marked("Your e-mail address is to be changed"),
        "not_me_email_changed": marked("Your e-mail address has changed"),
        "send_end_device": marked('End the device "%(name)s"'),
        "send_end_others": marked("End all other devices"),
        "send_change_email": marked("Change your e-mail address"),
        "send_download_data": marked("Download your data"),
        "send_close_account": marked("Close the account"),
        "unknown_device": marked("Unknown device"),
        "email_verified_title": marked("Thank you, that is confirmed"),
        "email_verified": marked("Your e-mail address is confirmed. You can log in now."),
        "status_400": marked("That could not be understood"),
        "status_401": marked("Please log in"),
        "status_403": marked("That is not allowed"),
        "status_404": marked("There is nothing here"),
        "status_405": marked("That cannot be done here"),
        "status_409": marked("Meanwhile something has changed"),
        "status_410": marked("This is over"),
        "status_411": marked("That could not be understood"),
        "status_413": marked("That is too much"),
        "status_415": marked("That could not be understood"),
        "status_422": marked("Please look at this again"),
        "status_429": marked("Please wait a little"),
        "status_500": marked("Something went wrong here"),
        "status_503": marked("Please try again in a moment"),
    }
)

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {**_FIELDS, **_REFUSALS, **_PAGES, **EVENT_TEXTS}
)

#: Those with a number: which value it is, and both forms.
COUNTED: Final[Mapping[str, tuple[str, tuple[str, str]]]] = MappingProxyType(
    {
        "too_many_attempts": (
            "minutes",
            counted(
                "There were too many attempts. Please wait %(num)d minute.",
                "There were too many attempts. Please wait %(num)d minutes.",
            ),
        ),
        "too_short": (
            "least",
            counted(
                "At least %(num)d character is needed. Add a word or two.",
                "At least %(num)d characters are needed. Add a word or two.",
            ),
        ),
    }
)


def text_of(reason: str, **values: Any) -> str:
    """Return what is said for ``reason``, in the language of whoever asks.

    Args:
        reason: of a refusal, a field or an outcome.
        values: what the text may name, as the details of a refusal.
    """
    if spoken() is None and has_request_context():
        with speaking(language()):
            return _said(reason, values)
    return _said(reason, values)


def _said(reason: str, values: Mapping[str, Any]) -> str:
    if reason in COUNTED:
        name, (one, many) = COUNTED[reason]
        return ngettext(one, many, _number(name, values))
    message = TEXTS.get(reason, TEXTS["invalid_input"])
    return gettext(message, **values)


def _number(name: str, values: Mapping[str, Any]) -> int:
    if name == "minutes":
        return max(1, -(-int(values.get("retry_after", 1)) // 60))
    least: int = current_app.extensions["porter"].accounts.settings.password_min_length
    return int(values.get(name, least))
