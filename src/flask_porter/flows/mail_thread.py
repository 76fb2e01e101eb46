"""Delivers mail beside the requests of a process: woken by each mail, and once a minute."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final

from ..errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("flask_porter.mail")

#: Seconds between two looks at what is due to be tried again.
EVERY: Final = 60.0
#: Seconds that the end of the process waits for a mail that is being sent.
ENDS_WITHIN: Final = 5.0


class MailThread:
    """One thread in each process that has something to deliver, started when it is first woken.

    A server that forks loads the app first: a thread of the parent is not there in its children,
    so each has one of its own.

    Args:
        deliver: what delivers mails that are due, in whatever context it needs; true if more may
            be due.
        every: seconds between two looks without being woken.
    """

    def __init__(self, deliver: Callable[[], Any], *, every: float = EVERY) -> None:
        self._deliver = deliver
        self._every = every
        self._by_process: dict[int, _Loop] = {}

    def wake(self) -> None:
        """Have what is due delivered now; return at once."""
        process = os.getpid()
        loop = self._by_process.get(process)
        if loop is None:
            # One call, so that of two first requests only one makes the loop that counts.
            loop = self._by_process.setdefault(process, _Loop(self._deliver, self._every))
        loop.wake()

    def stop(self, *, within: float = ENDS_WITHIN) -> None:
        """End the thread of this process, after the mail for which it was woken.

        Args:
            within: seconds to wait for that mail; what is sent by then is cut off.
        """
        loop = self._by_process.pop(os.getpid(), None)
        if loop is not None:
            loop.stop(within)


class _Loop:
    """The thread of one process."""

    def __init__(self, deliver: Callable[[], Any], every: float) -> None:
        self._deliver = deliver
        self._every = every
        self._woken = threading.Event()
        self._is_due = False
        self._ended = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_away = False

    def wake(self) -> None:
        self._is_due = True
        self._woken.set()
        with self._starting:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="porter-mail", daemon=True)
                # Before a daemon thread is cut off at the end, it may finish its mail.
                weakref.finalize(self, _end, self._ended, self._woken, self._thread)
                self._thread.start()

    def stop(self, within: float) -> None:
        if self._thread is not None:
            _end(self._ended, self._woken, self._thread, within)

    def _run(self) -> None:
        # A command that ends at once has woken it for something, too.
        while self._is_due or not self._ended.is_set():
            self._woken.wait(self._every)
            self._woken.clear()
            if self._is_due or not self._ended.is_set():
                self._is_due = False
                if self._look():
                    self._woken.set()

    def _look(self) -> bool:
        has_more = False
        try:
            has_more = bool(self._deliver())
        except Unavailable as away:
            # The mails are kept, and a later look finds them; said once, not each minute.
            if not self._is_away:
                log.error("No mail is delivered for now. %s", away)  # noqa: TRY400
            self._is_away = True
        except Exception:
            log.exception("The delivery of mail has failed.")
        else:
            if self._is_away:
                log.warning("The database is back, and mail is delivered again.")
            self._is_away = False
        return has_more


def _end(
    ended: threading.Event,
    woken: threading.Event,
    thread: threading.Thread,
    within: float = ENDS_WITHIN,
) -> None:
    ended.set()
    woken.set()
    if thread is not threading.current_thread() and thread.is_alive():
        thread.join(within)
