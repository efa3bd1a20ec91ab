#!/bin/sh
# Runs test programs and adds up their lines: "ok NAME", "not ok NAME: why", "skip NAME: why".
# A program that ends otherwise than by 0 without a "not ok" line counts as one failure.
passed=0
failed=0
for program in "$@"; do
    echo "# ${program##*/}"
    output=$("$program" 2>&1)
    status=$?
    [ -n "$output" ] && printf '%s\n' "$output"
    passed=$((passed + $(printf '%s\n' "$output" | grep -c '^ok ')))
    bad=$(printf '%s\n' "$output" | grep -c '^not ok ')
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        echo "not ok ${program##*/}: ended with status $status"
        bad=1
    fi
    failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
