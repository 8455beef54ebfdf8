#!/bin/sh
# Install the real tools that the suite drives, from Debian's packages. Without root or without apt:
# say what is missing and which tests that leaves out. Quick when everything is there.
set -eu

# what proves it is there | Debian package | what runs with it
TOOLS='
javac|default-jdk-headless|runs of JUnit and TestNG
/usr/share/java/junit-platform-console-standalone.jar|junit5|runs of JUnit through its console launcher
promtool|prometheus|checks of metrics, alert rules and the scrape configuration
chromium|chromium|opening the made MHT report in a browser
'

missing_tools() {
    printf '%s' "$TOOLS" | while IFS='|' read -r proof package use; do
        [ -z "$proof" ] || [ -e "$proof" ] || command -v "$proof" >/dev/null ||
            printf '%s|%s\n' "$package" "$use"
    done
}

# Fails in CI, where a test that is left out is a test that nobody runs.
leave_out() {
    echo "== tools: $1; tests left out:"
    missing_tools | sed 's/\(.*\)|\(.*\)/     \2 (package \1)/'
    [ "${CI:-}" != true ] || exit 1
    exit 0
}

# The tools are for our tests: no service of theirs may start, neither now nor at the next boot.
install_quietly() {
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@" || return 1
    case " $* " in
    *" prometheus "*) [ ! -d /run/systemd/system ] || systemctl --quiet disable prometheus ;;
    esac
}

missing=$(missing_tools)
if [ -z "$missing" ]; then
    echo "== tools: all there"
    exit 0
fi
[ "$(id -u)" = 0 ] || leave_out "not root, so nothing is installed (sudo make tools does)"
command -v apt-get >/dev/null || leave_out "no apt-get here"

packages=$(printf '%s\n' "$missing" | cut -d'|' -f1 | tr '\n' ' ')
log=$(mktemp)
echo "== tools: installing $packages"
# What counts is not what apt-get says but whether the tools are there afterwards.
# shellcheck disable=SC2086  # a list of package names
install_quietly $packages >"$log" 2>&1 || tail -n 5 "$log"
rm -f "$log"
[ -z "$(missing_tools)" ] || leave_out "apt-get did not bring all"
