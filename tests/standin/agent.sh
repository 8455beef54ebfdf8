#!/bin/sh
# One round of a whole agent, made from the vendor's documents alone: what waits for the host of
# $API/hosts/$ID is fetched, run with sh, and reported. It knows nothing of labfleet. The file
# $LOGIN holds one line for curl, `user = "ID:TOKEN"`: what is in a command line, all can read.
set -eu
host=$API/hosts/$ID
call() { curl --silent --show-error --fail-with-body --config "$LOGIN" "$@"; }
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

call "$host/currentruns?limit=1000" | jq -r '
    .results[] | .id as $run | .test_run_items[] | select(.status == "Awaiting Run")
    | "\($run) \(.sequence_number // .test_run_results[0].sequence_number) \(.automations[0].title)"
' | while read -r run number title; do
    item=$host/runs/$run/items/$number
    work=$(mktemp -d)
    call --output "$work/script.zip" "$item/script?agent=junit"
    unzip -q "$work/script.zip" -d "$work/script"
    started=$(now)
    if (cd "$work/script" && sh "$title") >"$work/said" 2>&1 </dev/null
    then status=Passed; else status=Failed; fi
    jq --null-input --arg status $status --arg started "$started" --arg finished "$(now)" \
        --arg title "$title" --rawfile said "$work/said" '{
            status: $status, date_started: $started, date_finished: $finished,
            test_run_results: [{status: $status, step: $title, actual_result: $said}]
        }' | call --request PATCH --json @- "$item" >"$work/answer"
    { echo '<log><![CDATA['; sed 's/]]>/]] >/g' "$work/said"; echo ']]></log>'; } >"$work/log.xml"
    call --form "log=@$work/log.xml" "$item/logs" >"$work/answer"
    { printf 'MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n'; cat "$work/said"; } \
        >"$work/report.mht"
    call --form "log=@$work/report.mht" "$item/report" >"$work/answer"
    rm -r "$work"
    echo "run $run, item $number: $status"
done
