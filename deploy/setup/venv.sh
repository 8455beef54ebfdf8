#!/bin/sh
# Bring .venv to what one lock file says. Usage: [PYTHON=python3.12] venv.sh LOCKFILE
# An existing environment is brought up in place, which is quick; `make clean` starts it afresh.
set -eu
lock=$1

say() { printf '%s\n' "$*" >&2; }

# Prints the first interpreter that is new enough and can make environments.
find_python() {
    found=
    # An interpreter that was named is the one to use; python3 may be an old one beside a newer.
    candidates=${PYTHON:-python3}
    [ "$candidates" != python3 ] ||
        candidates="python3 python3.14 python3.13 python3.12 python3.11"
    for python in $candidates; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        found=$python
        # Debian ships venv without ensurepip until python3-venv is installed.
        "$python" -c 'import ensurepip, venv' 2>/dev/null || continue
        printf '%s\n' "$python"
        return
    done
    if [ -n "$found" ]; then
        say "python3-venv is missing for $found: apt-get install python3-venv"
    elif version=$("${PYTHON:-python3}" --version 2>&1); then
        say "labfleet needs Python 3.11 or newer; ${PYTHON:-python3} is $version." \
            "Name another one: make PYTHON=/path/to/python3"
    else
        say "labfleet needs Python 3.11 or newer with venv, and ${PYTHON:-python3} does not run:" \
            "apt-get install python3 python3-venv"
    fi
    return 1
}

# A moved checkout has scripts that point to the old place.
usable() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 &&
        grep -qF "$(pwd -P)/.venv" .venv/bin/activate
}

if ! usable; then
    python=$(find_python)
    say "== environment: .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

say "== packages: $lock, by hash"
# Twice quiet: errors only. Warnings of the machine's own pip settings are not about us.
pip() { .venv/bin/python -m pip -qq --disable-pip-version-check --no-input "$@"; }
pip install --require-hashes -r "$lock"
# The lock covers all but ourselves; pip fetches the build backend into a place of its own.
pip install --no-deps --editable .
