#!/bin/sh
# Build the image and use it as a careful site would: read-only root, a numeric user, no capability,
# limits on memory and processes. Wait for /livez, read /metrics through promtool, stop, and print the
# exit code and how long the stop took. Fails unless each step does as it should.
#
# Settings, all from the environment:
#   ENGINE     docker | podman     default: whichever is there
#   LOCAL_BASE 1: make the base image here from Debian's packages (mmdebstrap, buildah, podman, runc as
#              root); for places that reach no image registry, also inside a container
#   WORK       where LOCAL_BASE keeps base and image storage; default /tmp/labfleet-image
#   COMMAND    what the container does; default: demo
#   DONE_LINE  what its log says when there is nothing left to do; default: the demo's summary
#   PORT       port of /livez and /metrics on loopback; default 9464
#   BUILD_ONLY 1: stop after the build and the check of what was built
set -eu
cd "$(dirname "$0")/.."

WORK=${WORK:-/tmp/labfleet-image}
COMMAND=${COMMAND:-demo}
DONE_LINE=${DONE_LINE-items ended as they had to}
PORT=${PORT:-9464}
NAME=labfleet-try-$$
IMAGE=localhost/labfleet:try

say() { printf '== %s\n' "$*"; }
fail() { printf 'try_image: %s\n' "$*" >&2; exit 1; }
need() { for tool; do command -v "$tool" >/dev/null || fail "$tool is missing"; done; }

# buildah in chroot isolation, podman over runc and plain copies as storage: the combination that works
# inside another container, where crun, overlay mounts and raised limits are refused.
use_local_base() {
    need mmdebstrap buildah podman runc
    mkdir -p "$WORK"
    cat >"$WORK/storage.conf" <<CONF
[storage]
driver = "vfs"
graphroot = "$WORK/graph"
runroot = "$WORK/run"
CONF
    export CONTAINERS_STORAGE_CONF="$WORK/storage.conf" BUILDAH_ISOLATION=chroot
    [ -e "$WORK/base.tar" ] || {
        say "base: Debian with python3, venv and tini"
        mmdebstrap --quiet --variant=minbase \
            --include=python3,python3-venv,ca-certificates,tini bookworm "$WORK/base.tar"
    }
    buildah images -q localhost/base:bookworm >/dev/null 2>&1 || {
        layer=$(buildah from scratch)
        buildah add -q "$layer" "$WORK/base.tar" /
        buildah commit -q --rm "$layer" localhost/base:bookworm >/dev/null
    }
    # The certificates of this machine, for a mirror behind a private authority.
    build() {
        buildah bud --format docker --isolation chroot --network host --quiet \
            -v /etc/ssl/certs:/etc/ssl/certs:ro --build-arg BASE=localhost/base:bookworm "$@" >/dev/null
    }
    engine() { podman --runtime runc --cgroup-manager=cgroupfs "$@"; }
    LIMITS="--ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --no-healthcheck"
}

use_engine() {
    ENGINE=${ENGINE:-$(command -v docker || command -v podman || true)}
    [ -n "$ENGINE" ] || fail "neither docker nor podman is here; as root on Debian: LOCAL_BASE=1 make image"
    build() { "$ENGINE" build --quiet "$@" >/dev/null; }
    engine() { "$ENGINE" "$@"; }
    LIMITS=
}

lock_down() { # ARGUMENTS OF run...
    # shellcheck disable=SC2086  # a list of options
    engine run --name "$NAME" --network host $LIMITS --read-only --tmpfs /tmp \
        --cap-drop all --security-opt no-new-privileges --memory 768m --pids-limit 256 \
        --env "LABFLEET_WEB__HOST=127.0.0.1" --env "LABFLEET_WEB__PORT=$PORT" "$@"
}

fetch() { # PATH
    python3 -c 'import sys, urllib.request as u
sys.stdout.buffer.write(u.build_opener(u.ProxyHandler({})).open(sys.argv[1], timeout=5).read())' \
        "http://127.0.0.1:$PORT/$1"
}

give_up() { # MESSAGE
    engine logs "$NAME" 2>&1 | tail -n 20 >&2
    fail "$1"
}

# Wait for a COMMAND to succeed, as long as the container runs.
wait_until() { # MESSAGE COMMAND...
    message=$1
    shift
    tries=0
    until "$@" >/dev/null 2>&1; do
        [ "$(engine inspect --format '{{.State.Running}}' "$NAME")" = true ] || give_up "it ended by itself"
        tries=$((tries + 1))
        [ $tries -lt 240 ] || give_up "$message within two minutes"
        sleep 0.5
    done
}

is_done() { engine logs "$NAME" 2>&1 | grep -F "$DONE_LINE"; }

clean_up() {
    status=$?
    trap - EXIT
    engine rm --force --volumes "$NAME" >/dev/null 2>&1 || true
    exit $status
}

[ "${LOCAL_BASE:-}" = 1 ] && use_local_base || use_engine
trap clean_up EXIT INT TERM

say "build"
build --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)" --tag "$IMAGE" .
say "check: packages import, the user is numeric, only the volume and /tmp can be written"
lock_down --rm --entrypoint sh "$IMAGE" -euc '
    python -c "import adapters.base, orchestrator.cli"
    [ "$(id -u):$(id -g)" = 10001:10001 ]
    for folder in / /opt/labfleet /etc/labfleet; do
        if touch $folder/x 2>/dev/null; then echo "$folder can be written" >&2; exit 1; fi
    done
    touch /tmp/x "$HOME/x"' || fail "the image is not as it should be"
[ "${BUILD_ONLY:-}" != 1 ] || exit 0

need promtool
# Otherwise another labfleet would answer for the one in the container.
! fetch livez >/dev/null 2>&1 || fail "something answers on port $PORT already: PORT=... make image"
say "run: $COMMAND"
# shellcheck disable=SC2086  # a command with its arguments
lock_down --detach "$IMAGE" $COMMAND >/dev/null
wait_until "/livez did not answer" fetch livez
[ -z "$DONE_LINE" ] || wait_until "its log does not say '$DONE_LINE'" is_done
[ -z "$DONE_LINE" ] || say "its log says: $(is_done)"
metrics=$(fetch metrics)
printf '%s\n' "$metrics" | promtool check metrics || give_up "promtool finds fault with /metrics"
series=$(printf '%s\n' "$metrics" | grep -c '^labfleet_') || give_up "/metrics holds nothing of labfleet"
say "live; promtool accepts /metrics, which holds $series series"

began=$(date +%s%N)
engine stop --time 60 "$NAME" >/dev/null
took=$((($(date +%s%N) - began) / 1000000))
code=$(engine inspect --format '{{.State.ExitCode}}' "$NAME")
say "stopped after $took ms with exit code $code"
[ "$code" = 0 ] || give_up "the stop was not clean"
