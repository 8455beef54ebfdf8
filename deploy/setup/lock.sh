#!/bin/sh
# Renew the lock files: hashes for every platform, no address and no name of any package server.
# uv's own uv.lock and pip's pylock.toml hold download addresses; this format does not.
set -eu
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    .venv/bin/python -m pip --quiet --disable-pip-version-check install uv
    uv=.venv/bin/uv
fi
export UV_PYTHON_DOWNLOADS=never

lock() { # FILE WHAT...
    lock=$1
    shift
    "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --upgrade "$@" --output-file "$lock"
    echo "== $lock: $(grep -c '==' "$lock") packages"
}

lock deploy/requirements.lock pyproject.toml --extra demo
lock tests/requirements.lock pyproject.toml --extra dev
# It is installed beside the one before.
lock tests/mutants/requirements.lock tests/mutants/requirements.in \
    --constraints tests/requirements.lock
