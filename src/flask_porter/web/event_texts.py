"""What a person reads of each audit event; operators read its name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .translations import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

#: By the name of the event, with ``event_`` before it; or by the reason, where that says more.
EVENT_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "event_authn_login_success": marked("You logged in"),
        "event_authn_login_fail": marked("A log-in failed"),
        "wrong_code": marked("A wrong code was typed"),
        "event_authn_login_lock": marked("Log-ins had to wait, after many failed attempts"),
        "event_authn_password_change": marked("The password changed"),
        "event_authn_password_change_fail": marked("A change of the password failed"),
        "event_authn_token_created": marked("A mail with a link was asked for"),
        "event_authn_token_reuse": marked("A link of a mail was used that works no more"),
        "event_authn_reauthenticate_success": marked("You typed your password again"),
        "event_authn_reauthenticate_fail": marked(
            "A wrong password was typed by somebody logged in"
        ),
        "event_authz_admin": marked("Somebody who runs the site did something in your account"),
        "event_authz_change": marked("What you are allowed to do changed"),
        "event_authz_fail": marked("Something was asked for that you are not allowed to do"),
        "event_excess_rate_limit_exceeded": marked("Too many attempts; some had to wait"),
        "event_input_validation_fail": marked("A form was refused"),
        "event_malicious_csrf": marked("Another site tried to act in your name, and was refused"),
        "event_sensitive_delete": marked("Old entries of the log were removed"),
        "event_sensitive_read": marked("Your data was downloaded"),
        "event_session_created": marked("A device was logged in"),
        "event_session_renewed": marked("The log-in of a device was renewed"),
        "event_session_ended": marked("A device was logged out"),
        "event_user_archived": marked("The account was disabled"),
        "event_user_created": marked("You registered"),
        "event_user_deleted": marked("The account was closed"),
        "event_user_enabled": marked("The account was enabled again"),
        "event_user_updated": marked("The account was changed"),
        "event_user_verified": marked("The e-mail address was confirmed"),
        "event_mail_failed": marked("A mail to you could not be delivered"),
    }
)
