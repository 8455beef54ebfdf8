#!/bin/sh
# Install the real tools that the suite drives, from Debian's packages and npm's. Without root or
# without apt: say what is missing and which tests that leaves out. Quick when all is there.
set -eu

# what proves it is there | Debian package | what runs with it
TOOLS='
javac|default-jdk-headless|runs of JUnit and TestNG
/usr/share/java/junit-platform-console-standalone.jar|junit5|runs of JUnit through its console launcher
/usr/share/java/junit4.jar|junit4|runs of JUnit 4 by the vintage engine
/usr/share/java/testng.jar|testng|runs of TestNG
mvn|maven|runs of Maven projects
/usr/share/java/surefire-junit-platform.jar|libsurefire-java|tests in Maven projects, without a network
/usr/share/maven-repo/org/apache/maven/plugins/maven-compiler-plugin|libmaven-compiler-plugin-java|Maven projects
/usr/share/maven-repo/org/apache/maven/plugins/maven-resources-plugin|libmaven-resources-plugin-java|Maven projects
ant|ant|runs of Ant projects
/usr/share/ant/lib/ant-junitlauncher.jar|ant-optional|JUnit in Ant projects
nunit-console|nunit-console|runs of NUnit 2 on Mono
/usr/lib/cli/nunit.framework-2.6.3|libnunit-cil-dev|compiling tests for NUnit 2
mcs|mono-mcs|compiling tests for NUnit 2
chromedriver|chromium-driver|Selenium in a real browser
xvfb-run|xvfb|Selenium in a browser with a window
xauth|xauth|Selenium in a browser with a window
promtool|prometheus|checks of metrics, alert rules and the scrape configuration
chromium|chromium|opening the made MHT report in a browser, and Selenium
curl|curl|the documented workflow with the stand-in, and an agent of shell
jq|jq|the same
zip|zip|the same
unzip|unzip|the same
npm|npm|fetching the Selenium client
xmllint|libxml2-utils|the measure beside which the readers are timed
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

# The client is no Debian package; its lock file says which one it must be, byte for byte.
bring_selenium() {
    folder=tests/selenium
    [ ! $folder/node_modules -nt $folder/package-lock.json ] || return 0
    echo "== tools: fetching the Selenium client"
    npm ci --silent --no-audit --no-fund --prefix $folder && touch $folder/node_modules
}

missing=$(missing_tools)
if [ -n "$missing" ]; then
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
fi
bring_selenium || leave_out "the Selenium client could not be fetched"
echo "== tools: all there"
