"""What ./run, ./test and scripts/check share: which Python and which uv they take."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cli

ROOT = Path(cli.__file__).parent
NEEDED = ("sh", "cut", "dirname", "env", "mv", "rm", "sort", "tail")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for the PATH that has what every system has, and neither Python nor uv."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone, as far as setting up looks at it, in a folder with a space in its name."""
    folder = tmp_path / "my shop"
    (folder / "scripts").mkdir(parents=True)
    for name in ("run", "scripts/prepare.sh"):
        shutil.copy2(ROOT / name, folder / name)
    return folder


def script(path: Path, *lines: str) -> None:
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o755)


def python_of(version: tuple[int, int], path: Path) -> None:
    """This Python, taking itself for another version."""
    pretended = f"import sys; sys.version_info = (*{version!r}, 0, 'final', 0)"
    script(
        path,
        f'[ "$1" = --version ] && echo Python {version[0]}.{version[1]}.0 && exit',
        f'exec "{sys.executable}" -c "{pretended}; $2"',
    )


def found_python(programs: Path, **environment: str) -> str:
    done = subprocess.run(
        ["sh", "-c", f'. "{ROOT}/scripts/prepare.sh"; find_python; printf %s "$python"'],
        env={"PATH": str(programs), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_fitting_python_is_taken(programs: Path, version: tuple[int, int]) -> None:
    python_of(version, programs / "python3")
    assert found_python(programs) == "python3"


@pytest.mark.parametrize("version", [(3, 10), (3, 14)])
def test_unfitting_python_is_passed_by(programs: Path, version: tuple[int, int]) -> None:
    python_of(version, programs / "python3")
    assert not found_python(programs)
    python_of((3, 12), programs / "python3.12")
    assert found_python(programs) == "python3.12"


def test_python_named_by_the_environment_is_taken_first(programs: Path, tmp_path: Path) -> None:
    python_of((3, 12), programs / "python3")
    elsewhere = tmp_path / "another python"
    python_of((3, 13), elsewhere)
    assert found_python(programs, UV_PYTHON=str(elsewhere)) == str(elsewhere)
    # A version instead of a path is for uv to find.
    assert found_python(programs, UV_PYTHON="3.13") == "python3"


@pytest.mark.parametrize(
    ("version", "said"), [(None, "no Python at all"), ((3, 10), "Python 3.10.0")]
)
def test_without_a_fitting_python_it_says_what_to_do(
    programs: Path, project: Path, version: tuple[int, int] | None, said: str
) -> None:
    if version is not None:
        python_of(version, programs / "python3")
    done = subprocess.run(
        [project / "run"], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"needs Python 3.11, 3.12 or 3.13, and finds {said}." in done.stderr
    assert "apt install python3" in done.stderr
    assert f"UV_PYTHON=/path/to/python3.12 {project / 'run'}" in done.stderr
    assert not (project / ".venv").exists()


def test_abandoned_download_of_uv_is_cleared_away(programs: Path, project: Path) -> None:
    """Ctrl-C leaves one behind each time; that of another start may still be under way."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    abandoned = project / ".tools" / f"new-{ended.pid}"
    under_way = project / ".tools" / f"new-{os.getpid()}"
    abandoned.mkdir(parents=True)
    under_way.mkdir()
    # One that says it can make an environment, and cannot.
    script(programs / "python3", '[ "$1" = -c ]')

    done = subprocess.run(
        [project / "run"], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )

    assert "uv could not be installed from PyPI" in done.stderr
    assert list((project / ".tools").iterdir()) == [under_way]


WISHES = {
    "UV_DEFAULT_INDEX": "https://mirror.example/simple",
    "UV_INDEX_URL": "https://mirror.example/simple",
    "UV_EXCLUDE_NEWER": "2024-01-01",
    "UV_RESOLUTION": "lowest",
    "UV_NO_BINARY": "1",
    "UV_NO_EDITABLE": "1",
    "UV_PROJECT": "/elsewhere",
    "VIRTUAL_ENV": "/elsewhere",
    "PYTHONPATH": "/elsewhere",
}


def test_wishes_meant_for_other_projects_do_not_reach_uv(programs: Path, project: Path) -> None:
    """With a mirror configured, uv would call the lock file out of date and install nothing."""
    python_of((3, 12), programs / "python3")
    script(
        programs / "uv",
        '[ "$1" = --version ] && echo uv 99.0.0 && exit',
        "echo arguments: $*",
        "env",
        "exit 1",
    )
    kept = {"UV_PYTHON": "3.12", "UV_CACHE_DIR": "/cache", "UV_OFFLINE": "1"}

    done = subprocess.run(
        [project / "run"],
        env={"PATH": str(programs), **WISHES, **kept},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "arguments: sync --project" in done.stdout
    assert "--locked" in done.stdout
    reached = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    assert not WISHES.keys() & reached.keys()
    assert kept.items() <= reached.items()
    assert reached["UV_PROJECT_ENVIRONMENT"] == f"{project}/.venv"
    assert reached["UV_PYTHON_DOWNLOADS"] == "never"
    assert reached["UV_NO_CONFIG"] == "1"


@pytest.mark.parametrize(
    ("version", "enough"),
    [("0.5.31", False), ("0.7.22", False), ("0.8.0", True), ("0.10.2", True), ("1.0.0", True)],
)
def test_old_uv_is_not_used(programs: Path, project: Path, version: str, enough: bool) -> None:
    script(programs / "uv", f"echo uv {version}", '[ "$1" = --version ]')
    script(programs / "python3", '[ "$1" = -c ]')
    done = subprocess.run(
        [project / "run"], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )
    assert ("Getting uv" in done.stderr) is not enough
    assert ("The packages could not be installed" in done.stderr) is enough


def test_run_works_in_a_folder_that_was_moved(programs: Path, project: Path) -> None:
    """A script of the environment begins with the path of the Python it was installed with."""
    python_of((3, 12), programs / "python3")
    script(programs / "uv", '[ "$1" = --version ] && echo uv 99.0.0', "exit 0")
    environment = project / ".venv" / "bin"
    environment.mkdir(parents=True)
    (environment / "python").symlink_to(sys.executable)
    command = environment / "energy-flash"
    command.write_text("#!/gone/python\nimport sys\nprint('started', *sys.argv[1:])\n")
    command.chmod(0o755)

    done = subprocess.run(
        [project / "run", "--port", "0"],
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("started sandbox --port 0\n", "")
