#!/bin/sh
# Change the readers and the verdict in small ways, one at a time, and run the quick tests on each:
# a change that every test lets through shows what is not tested. One core is busy for minutes.
# Usage: run.sh [GROUP...], a group being verdict, shared, a dialect as it is called in
# adapters/formats, or tables; without one all of them are taken.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
env=$root/.venv-mutants
work=$env/work
[ $# -gt 0 ] || set -- verdict shared junit nunit testng tclogx trx xunit tables

# An environment of its own: what mutmut brings along is no part of ours.
if ! cat tests/requirements.lock tests/mutants/requirements.lock | cmp -s - "$env/locks"; then
    echo "== environment: .venv-mutants"
    "${PYTHON:-.venv/bin/python}" -m venv --clear "$env"
    for lock in tests/requirements.lock tests/mutants/requirements.lock; do
        "$env/bin/python" -m pip -qq --disable-pip-version-check --no-input install \
            --require-hashes -r $lock
    done
    cat tests/requirements.lock tests/mutants/requirements.lock >"$env/locks"
fi

# A copy, and a fresh one each time: mutmut keeps what it found, even where the tests are new.
fresh_copy() {
    rm -rf "$work"
    mkdir "$work"
    cp -R adapters orchestrator tests pyproject.toml "$work"
}

# Prints a group's sources, then its tests, both as items of TOML lists. Tests that start tools, try
# hundreds of documents or read large ones are left out: a change has to cost a fraction of a second.
sources_of() {
    case $1 in
    verdict) set -- adapters/verdict.py adapters/results.py adapters/expected.py ;;
    shared) set -- adapters/formats/*.py ;;
    *) set -- "adapters/formats/$1/*" ;;
    esac
    printf '"%s",' "$@"
}
tests_of() {
    case $1 in
    verdict) words='verdict|results|expected' ;;
    shared | junit) words='junit_xml|formats|environment|soapui|doctype|readers_limit' ;;
    trx) words="trx|cppunit|formats|readers_limit|environment" ;;
    *) words="$1|readers_limit|environment" ;;
    esac
    grep -lE '^from adapters( import ADAPTERS|\.(formats|verdict|expected))' tests/adapters/test_*.py |
        grep -E "test_\w*($words)" | grep -vE '_(real|size|properties|command|outcome)\.py$' |
        sed 's/.*/"&",/'
}

run_group() {
    fresh_copy
    "$env/bin/python" tests/mutants/open_up.py "$work/adapters"
    cat >>"$work/pyproject.toml" <<END

[tool.mutmut]
source_paths = ["adapters"]
only_mutate = [$(sources_of "$1")]
pytest_add_cli_args = [
    "-p", "no:cacheprovider",
    "-k", "not memory and not bomb and not too_many_cases_are and not very_many and not more_cases",
]
pytest_add_cli_args_test_selection = [$(tests_of "$1")]
also_copy = ["orchestrator", "tests"]
END
    cd "$work"
    if ! nice ../bin/mutmut run --max-children 1 >../log 2>&1; then
        tr '\r' '\n' <../log | grep -vE '^. (Generating|Listing|Running|[0-9]+/)' | tail -n 40
        exit 1
    fi
    ../bin/mutmut results --all true >"../results-$1"
    for name in $(awk '!/: killed/ { sub(":", "", $1); print $1 }' "../results-$1"); do
        ../bin/mutmut show "$name"
    done >"../survivors-$1"
    cd "$root"
    awk '
        { sub(/\.x_.*|\.xǁ.*/, "", $1); all[$1]++; of[$1, $2]++ }
        END {
            for (m in all) printf "%-40s %7d mutants %7d killed %5d survived %3d timed out %3d no test\n", \
                m, all[m], of[m, "killed"], of[m, "survived"], of[m, "timeout"], of[m, "no"]
        }' "$env/results-$1" | LC_ALL=C sort
}

for group in "$@"; do
    echo "== $group"
    if [ "$group" = tables ]; then
        fresh_copy
        (cd "$work" && nice ../bin/python "$root/tests/mutants/tables.py")
    else
        run_group "$group"
    fi
done
echo "== what survived: .venv-mutants/survivors-GROUP"
