# Sourced by ./run, ./test and scripts/check, which set $root to the project's folder: finds uv, or
# gets it from PyPI into .tools/, and installs what uv.lock names into .venv/. POSIX sh; needs
# nothing but Python with its venv module, no root, and changes nothing outside the project's folder
# but uv's cache. UV_PYTHON names a Python that is to be used instead of the first fitting one.

UV_VERSION=0.13.9   # for those who have none
OLDEST_UV=0.8.0

fail() {
    printf '\n%s\n' "$*" >&2
    exit 1
}

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null
}

find_python() {
    for python in "${UV_PYTHON-}" python3 python3.13 python3.12 python3.11 python; do
        if command -v "$python" >/dev/null && fits "$python"; then
            return
        fi
    done
    python=
}

find_uv() {
    uv=$(command -v uv) && version=$(uv_version "$uv") &&
        [ "$(newer_of "$version" "$OLDEST_UV")" = "$version" ] && return
    uv=$root/.tools/uv-$UV_VERSION/bin/uv
    [ -x "$uv" ] && "$uv" --version >/dev/null 2>&1 && return
    [ -n "$python" ] || fail_without_python
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "\
Python's venv module is missing.
On Debian or Ubuntu: sudo apt install python3-venv"
    echo "Getting uv $UV_VERSION from PyPI into .tools/ …" >&2
    # Under a name of its own first: an interrupted download must not be taken for a finished one.
    fresh=$root/.tools/new-$$
    for abandoned in "$root"/.tools/new-*; do
        kill -0 "${abandoned##*-}" 2>/dev/null || rm -rf "$abandoned"
    done
    if ! "$python" -m venv "$fresh" ||
        ! PIP_USER=0 PIP_CERT=${PIP_CERT:-$certificates} "$fresh/bin/python" -m pip install \
            --quiet --disable-pip-version-check --no-input --only-binary :all: "uv==$UV_VERSION"
    then
        rm -rf "$fresh"
        fail "uv could not be installed from PyPI (see above). Is the network reachable?"
    fi
    rm -rf "$root/.tools/uv-$UV_VERSION"
    mv "$fresh" "$root/.tools/uv-$UV_VERSION"
}

uv_version() {
    "$1" --version 2>/dev/null | cut -d ' ' -f 2
}

newer_of() {
    # The newer of two versions.
    printf '%s\n%s\n' "$1" "$2" | sort -V | tail -n 1
}

fail_without_python() {
    found=$(python3 --version 2>/dev/null) || found="no Python at all"
    fail "\
Energy Flash needs Python 3.11, 3.12 or 3.13, and finds $found.
On Debian 12 or later, or Ubuntu 24.04: sudo apt install python3 python3-venv
Elsewhere: https://www.python.org/downloads/
One that is not on the PATH: UV_PYTHON=/path/to/python3.12 $0"
}

# prepare [OPTION OF uv sync …]
prepare() {
    # Another project's environment, and wishes for uv that are meant for others: a mirror or another
    # choice of versions, for one, would make uv call the lock file out of date.
    unset VIRTUAL_ENV PYTHONHOME PYTHONPATH \
        UV_PROJECT UV_WORKING_DIR UV_WORKING_DIRECTORY UV_CONFIG_FILE UV_FROZEN \
        UV_DEFAULT_INDEX UV_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_INDEX_STRATEGY \
        UV_RESOLUTION UV_PRERELEASE UV_FORK_STRATEGY UV_EXCLUDE_NEWER UV_NO_SOURCES \
        UV_NO_BINARY UV_NO_BUILD UV_NO_BUILD_ISOLATION UV_NO_EDITABLE \
        UV_NO_DEV UV_NO_DEFAULT_GROUPS UV_NO_INSTALL_PROJECT UV_NO_INSTALL_LOCAL
    export UV_PROJECT_ENVIRONMENT="$root/.venv" UV_PYTHON_DOWNLOADS=never UV_NO_CONFIG=1
    # The system's list of authorities, where it has one, knows a company's own too.
    certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
    [ -s "$certificates" ] || certificates=
    find_python
    find_uv
    if [ -z "$python" ] && ! "$uv" python find '>=3.11,<3.14' >/dev/null 2>&1; then
        fail_without_python
    fi
    if [ -x "$root/.venv/bin/energy-flash" ]; then
        set -- --quiet "$@"
    else
        echo "Installing what Energy Flash needs into .venv/ (once; less than a minute) …" >&2
        set -- --compile-bytecode "$@"
    fi
    sync_environment "$@" || fail "The packages could not be installed (see above)."
}

sync_environment() {
    if [ -n "$certificates" ]; then
        SSL_CERT_FILE=$certificates "$uv" sync --project "$root" --locked --extra charts "$@"
    else
        "$uv" sync --project "$root" --locked --extra charts "$@"
    fi
}
