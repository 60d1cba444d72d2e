#!/bin/sh
# Make the virtual environment in the folder $2 with the interpreter $1, or leave a working one alone.
# Called by the Makefile. Needs nothing but Python 3.11 or newer and, where its `ensurepip` is split off, any pip.
set -eu
python=$1
venv=$2

fail() {
    printf 'make setup: %s\n' "$1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail "expected a Python 3.11 or newer, found no '$python': install one, or name it with PYTHON=/path/to/python3.11"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "expected Python 3.11 or newer, '$python' is $("$python" -c 'import platform; print(platform.python_version())'): name another with PYTHON=/path/to/python3.11"

if "$venv/bin/python" -c 'import pip' >/dev/null 2>&1; then
    exit 0
fi
rm -rf "$venv"
if "$python" -c 'import ensurepip' >/dev/null 2>&1; then
    exec "$python" -m venv "$venv"
fi
# Debian keeps ensurepip in a package of its own; a pip found anywhere can serve the new environment from outside.
"$python" -m venv --without-pip "$venv"
for pip in "$python" python3; do
    if "$pip" -m pip --disable-pip-version-check --python "$venv/bin/python" install --quiet pip; then
        exit 0
    fi
done 2>/dev/null
rm -rf "$venv"
fail "'$python' can make no virtual environment (it lacks ensurepip, and no pip of version 22.3 or newer was found): on Debian or Ubuntu run 'apt-get install python3-venv', or name another interpreter with PYTHON="
