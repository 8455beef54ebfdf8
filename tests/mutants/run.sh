#!/bin/sh
# Change the readers and the verdict in small ways, one at a time, and run the quick tests on each:
# a change that every test lets through shows what is not tested. One core is busy for minutes.
# Usage: run.sh [MODULE...], e.g. run.sh verdict formats.junit; without one all are taken.
set -eu
cd "$(dirname "$0")/../.."
env=.venv-mutants
work=$env/work

# An environment of its own: what mutmut brings along is no part of ours.
if ! cat tests/requirements.lock tests/mutants/requirements.lock | cmp -s - $env/locks; then
    echo "== environment: $env"
    "${PYTHON:-.venv/bin/python}" -m venv --clear $env
    for lock in tests/requirements.lock tests/mutants/requirements.lock; do
        $env/bin/python -m pip -qq --disable-pip-version-check --no-input install \
            --require-hashes -r $lock
    done
    cat tests/requirements.lock tests/mutants/requirements.lock >$env/locks
fi

# A copy, and a fresh one each time: mutmut keeps what it found, even where the tests are new.
rm -rf $work
mkdir $work
cp -R adapters orchestrator tests pyproject.toml $work
$env/bin/python tests/mutants/open_up.py $work/adapters

# Tests of the readers themselves, without those that start tools, try hundreds of documents or read
# large ones: a change has to cost a fraction of a second.
quick=$(grep -lE '^from adapters\.(formats|verdict|results|expected)' tests/adapters/test_*.py |
    grep -vE '_(real|size|properties)\.py$' | sed 's/.*/"&",/')
cat >>$work/pyproject.toml <<END

[tool.mutmut]
source_paths = ["adapters"]
only_mutate = ["adapters/verdict.py", "adapters/results.py", "adapters/expected.py", "adapters/formats/*"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "-k", "not memory and not bomb"]
pytest_add_cli_args_test_selection = ["tests/adapters/test_results.py", $quick]
also_copy = ["orchestrator", "tests"]
END

cd $work
for module; do
    set -- "$@" "adapters.$module.*"
    shift
done
if ! nice ../bin/mutmut run --max-children 1 "$@" >../log 2>&1; then
    tr '\r' '\n' <../log | grep -vE '^. (Generating|Listing|Running|[0-9]+/)' | tail -n 40
    exit 1
fi
../bin/mutmut results --all true | grep -v 'not checked' >../results

awk '
    { sub(/\.x_.*|\.xǁ.*/, "", $1); all[$1]++; of[$1, $2]++ }
    END {
        for (module in all) print module, all[module], of[module, "killed"] + 0, \
            of[module, "survived"] + 0, of[module, "timeout"] + 0, of[module, "no"] + 0
    }' ../results | LC_ALL=C sort | awk '
    BEGIN { printf "%-42s %8s %8s %8s %9s %8s\n", "module", "mutants", "killed", "survived", "timed out", "no test" }
    { printf "%-42s %8d %8d %8d %9d %8d\n", $1, $2, $3, $4, $5, $6; m += $2; k += $3; s += $4; t += $5; n += $6 }
    END { printf "%-42s %8d %8d %8d %9d %8d\n", "all", m, k, s, t, n }'
echo "== names: $env/results; one: cd $work && ../bin/mutmut show NAME"
