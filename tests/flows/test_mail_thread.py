"""A thread delivers beside the requests; they wait for nothing, and no error reaches them."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from flask_porter.errors import Unavailable
from flask_porter.flows.deliver_mail import deliver
from flask_porter.flows.mail_thread import MailThread
from flask_porter.outbound.messages import Message
from tests.flows.mail_office import Bag, Office, on_sqlite, opened

SOON = 10.0


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def until_there_are(count: int, calls: Sequence[object]) -> None:
    until(lambda: len(calls) >= count)


@pytest.fixture
def running() -> Callable[[], int]:
    """Count the threads of mail that this test has running."""

    def count() -> int:
        return sum(thread.name == "porter-mail" for thread in threading.enumerate())

    others = count()
    return lambda: count() - others


def test_no_thread_before_the_first_mail(running: Callable[[], int]) -> None:
    thread = MailThread(lambda: None)
    assert running() == 0
    thread.stop()


def test_each_mail_wakes_one_thread(running: Callable[[], int]) -> None:
    calls: list[str] = []
    thread = MailThread(lambda: calls.append(threading.current_thread().name), every=60)
    for count in range(1, 4):
        thread.wake()
        until_there_are(count, calls)
    assert running() == 1
    thread.stop()
    assert set(calls) == {"porter-mail"}
    assert running() == 0


def test_it_looks_again_without_being_woken() -> None:
    """A mail that has failed is due later."""
    calls: list[None] = []
    thread = MailThread(lambda: calls.append(None), every=0.02)
    thread.wake()
    until(lambda: len(calls) >= 3)
    thread.stop()


def test_what_it_was_woken_for_is_delivered_though_it_is_told_to_end() -> None:
    """As by a command, which ends while the mail before is still being sent."""
    calls: list[None] = []
    release = threading.Event()

    def deliver() -> None:
        calls.append(None)
        release.wait(SOON)

    thread = MailThread(deliver)
    thread.wake()
    until_there_are(1, calls)
    thread.wake()
    threading.Timer(0.05, release.set).start()
    thread.stop()
    assert len(calls) == 2


def test_the_end_waits_as_long_as_it_is_told_to(running: Callable[[], int]) -> None:
    release = threading.Event()
    thread = MailThread(lambda: release.wait(SOON))
    thread.wake()
    thread.stop(within=0.01)
    assert running() == 1
    release.set()
    until(lambda: running() == 0)


def test_an_error_ends_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[None] = []

    def fail() -> None:
        calls.append(None)
        raise OSError("the database is away")

    thread = MailThread(fail)
    for count in (1, 2):
        thread.wake()
        until_there_are(count, calls)
    thread.stop()
    assert "The delivery of mail has failed." in caplog.text


def test_many_first_requests_start_one_thread(running: Callable[[], int]) -> None:
    thread = MailThread(lambda: None)
    start = threading.Barrier(8)

    def first() -> None:
        start.wait()
        thread.wake()

    workers = [threading.Thread(target=first) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert running() == 1
    thread.stop()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(on_sqlite(tmp_path / "mail.sqlite3")) as office:
        yield office


def test_a_request_waits_for_no_mail_server(office: Office) -> None:
    """E07: asking for a mail takes no longer while the server hangs, and nothing is raised."""
    hangs = threading.Event()
    release = threading.Event()

    def hang() -> None:
        hangs.set()
        release.wait(SOON)

    thread = MailThread(hang)
    thread.wake()
    until(hangs.is_set)
    ada = office.person()
    started = time.monotonic()
    office.post("reset_password", ada)
    thread.wake()
    assert time.monotonic() - started < 1
    release.set()
    thread.stop()


@contextmanager
def away(office: Office, folder: Path) -> Iterator[None]:
    """Put something that is no database where the database was."""
    file, kept = folder / "mail.sqlite3", folder / "kept"
    office.accounts.database.engine().dispose()
    file.rename(kept)
    file.mkdir()
    yield
    office.accounts.database.engine().dispose()
    file.rmdir()
    kept.rename(file)


def test_it_outlives_a_database_that_is_away_and_says_so_once(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office.post("new_device", office.person())
    looks: list[None] = []

    def work() -> None:
        looks.append(None)
        deliver(office.accounts)

    thread = MailThread(work, every=0.02)
    with away(office, tmp_path):
        thread.wake()
        until_there_are(5, looks)
        assert len(caplog.records) == 1
    until(lambda: office.bag.sent)
    seen = len(looks)
    until_there_are(seen + 3, looks)
    thread.stop()
    assert len(office.bag.sent) == 1
    first, *others, last = [record.message for record in caplog.records]
    assert first.startswith("No mail is delivered for now. The database cannot be used (")
    assert last == "The database is back, and mail is delivered again."
    assert others == []


def test_a_mail_that_went_out_as_the_database_went_away_does_not_go_again(
    office: Office, tmp_path: Path
) -> None:
    """The lease is over long before the database is back."""
    office.post("new_device", office.person())
    gone = away(office, tmp_path)
    put_away = replace(office.accounts, mailer=Departing(office.bag, gone))
    with pytest.raises(Unavailable):
        deliver(put_away)
    office.wait(hours=1)
    with pytest.raises(Unavailable):
        deliver(put_away)
    gone.__exit__(None, None, None)
    assert deliver(put_away).sent == 0
    assert len(office.bag.sent) == 1
    assert [row.sent_at for row in office.rows()] == [office.now]


@dataclass
class Departing:
    """Sends a mail, and the database is away."""

    bag: Bag
    gone: AbstractContextManager[None]

    def send(self, message: Message) -> None:
        self.bag.send(message)
        self.gone.__enter__()


def in_a_child(office: Office, thread: MailThread, answer: Connection) -> None:
    thread.wake()
    until(lambda: all(row.sent_at for row in office.rows()))
    answer.send(len(office.bag.sent))
    thread.stop()


# Python warns of forking beside threads, from 3.12 on; servers do it all the same.
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_a_thread_of_its_own(office: Office) -> None:
    """A server that loads the app and then forks keeps no thread of the parent in its workers."""
    woken: list[None] = []

    def work() -> None:
        deliver(office.accounts)
        woken.append(None)

    thread = MailThread(work)
    thread.wake()
    until(lambda: woken)
    thread_is_idle = len(woken)
    office.post("new_device", office.person())
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    child = context.Process(target=in_a_child, args=(office, thread, there))
    child.start()
    assert here.poll(SOON)
    assert here.recv() == 1
    child.join(SOON)
    assert child.exitcode == 0
    assert len(woken) == thread_is_idle
    thread.stop()
