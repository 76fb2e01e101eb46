"""Which fields of an app's own forms hold a secret, told by their names alone.

A name is split into words, at whatever is no letter and before a capital, and whole words count:
``user_pin`` and ``newPin`` hold a PIN, ``shipping`` does not. Sources: OWASP Logging Cheat Sheet,
"Data to exclude"; PCI DSS 4.0 requirement 3.3 (card verification codes) and 3.5 (card numbers).
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

#: Secret wherever it is one of the words.
_ALONE: Final = frozenset(
    {
        "pass",
        "pwd",
        "passcode",
        "pin",
        "otp",
        "totp",
        "tan",
        "mtan",
        "cvv",
        "cvc",
        "csc",
        "credential",
        "credentials",
        "apikey",
        "cardnumber",
        "creditcard",
    }
)
#: Secret within a word too, as in ``newpassword``.
_WITHIN: Final = re.compile(r"password|passwd|passphrase|(?:token|secret)s?$")

#: Secret as two words in a row.
_TOGETHER: Final = frozenset(
    {
        *((kind, "card") for kind in ("credit", "debit")),
        *(("card", number) for number in ("number", "no", "num")),
        *((of, "key") for of in ("api", "private", "access")),
        ("security", "answer"),
    }
)
#: A code is secret by itself, and after one of these; after another word it is for post or prizes.
_CODES: Final = frozenset({"code", "codes"})
_OF_A_CODE: Final = frozenset(
    {
        "time",
        "verification",
        "verify",
        "security",
        "auth",
        "authentication",
        "authorization",
        "access",
        "recovery",
        "backup",
        "login",
        "mfa",
        "fa",
        "factor",
        "sms",
        "email",
        "mail",
        "reset",
        "confirmation",
        "confirm",
    }
)

_ANTI_FORGERY: Final = re.compile(r"csrf|xsrf|authenticity_?token", re.IGNORECASE)


def is_secret(name: str) -> bool:
    """Tell whether a field with this name holds what must not be kept."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if any(word in _ALONE or _WITHIN.search(word) for word in words):
        return True
    if len(words) == 1:
        return words[0] in _CODES
    return any(
        pair in _TOGETHER or (pair[0] in _OF_A_CODE and pair[1] in _CODES)
        for pair in pairwise(words)
    )


def is_anti_forgery(name: str) -> bool:
    """Tell whether it is a form's own token against forgery, which its next page makes anew."""
    return _ANTI_FORGERY.search(name) is not None
