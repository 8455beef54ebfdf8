#!/bin/sh
# Renew both lock files: hashes for every platform, no address and no name of any package server.
# uv's own uv.lock and pip's pylock.toml hold download addresses; this format does not.
set -eu
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    .venv/bin/python -m pip --quiet --disable-pip-version-check install uv
    uv=.venv/bin/uv
fi
export UV_PYTHON_DOWNLOADS=never

lock() { # EXTRA FILE
    "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --upgrade pyproject.toml --extra "$1" --output-file "$2"
    echo "== $2: $(grep -c '==' "$2") packages"
}

lock demo deploy/requirements.lock
lock dev tests/requirements.lock
