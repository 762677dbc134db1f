# shellcheck shell=bash disable=SC2154
# What the benchmarks share; to be sourced. The caller sets `program` and `scratch` (a folder of its own).

# instructions NAME ARGUMENT...: instructions of a run of the program, by callgrind; its summary goes to $scratch/NAME.json.
instructions() {
    local name=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" --json "$scratch/$name.json" \
        >"$scratch/$name.console" 2>"$scratch/$name.callgrind" || {
        cat "$scratch/$name.callgrind" >&2
        return 1
    }
    sed -n 's/.*Collected : //p' "$scratch/$name.callgrind"
}

# figure NAME KEY: the first number of that key in $scratch/NAME.json.
figure() {
    grep -o "\"$2\": *[0-9.e+-]*" "$scratch/$1.json" | head -n 1 | grep -o '[0-9.e+-]*$'
}

# instructions_per_unit KEY LENGTH SHORT LONG ARGUMENT...: instructions by which a run with LENGTH=LONG exceeds one with
# LENGTH=SHORT, a unit; so start-up does not count. KEY is the number in the summary that counts units, or says itself by
# how many units the runs differ. The two runs go at the same time.
instructions_per_unit() {
    local key=$1 length=$2 short=$3 long=$4
    shift 4
    instructions short "$@" --set "$length=$short" >"$scratch/short" &
    local other=$!
    instructions long "$@" --set "$length=$long" >"$scratch/long" || {
        wait "$other"
        return 1
    }
    wait "$other" || return 1
    local units=$key
    if [[ ! $key =~ ^[0-9]+$ ]]; then
        units=$(($(figure long "$key") - $(figure short "$key")))
    fi
    awk -v ir="$(($(<"$scratch/long") - $(<"$scratch/short")))" -v units="$units" 'BEGIN { printf "%.1f\n", ir / units }'
}
