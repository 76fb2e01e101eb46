"""A request that meets a database that is away: told to the operator, and nobody is logged out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from ..errors import Unavailable
from ..flows.resume import resume
from ..login.current import current_manager, keep_user
from .request import accounts, around

if TYPE_CHECKING:
    from ..errors import Busy
    from ..flows.resume import Resumed
    from ..stores.base import Transport

log: Final = logging.getLogger("flask_porter.database")


def resume_once(token: Any, transport: Transport) -> Resumed | None:
    """Return who shows ``token``; see :func:`..flows.resume.resume`.

    A database that was away is not asked again by the same request, which would wait for each lock
    anew.

    Raises:
        Unavailable: nobody can say who it is, so it is not nobody.
    """
    known = around()
    if known.unavailable is not None:
        raise known.unavailable
    try:
        return resume(accounts(), token, transport)
    except Unavailable as away:
        known.unavailable = away
        raise


def told(away: Unavailable) -> Busy:
    """Tell the operator, and return what whoever asked is told.

    What still runs of this request, as an error page of the app's, finds nobody as its user; the
    log-in in the session stays as it is (attack AZ18).
    """
    log.error("%s", away)
    known = around()
    known.unavailable = away
    if known.resumed is None:
        keep_user(current_manager().anonymous_user())
    return away.refusal
