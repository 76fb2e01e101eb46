"""What goes wrong when an app is set up wrongly; the message says what to write.

Exception
└── SetUpError    a guard asks for what the app has not provided
"""

from __future__ import annotations


class SetUpError(Exception):
    """The app has not provided what a guard needs.

    Not a RuntimeError or AttributeError: Werkzeug's proxies and ``hasattr`` take those for an
    answer.
    """
