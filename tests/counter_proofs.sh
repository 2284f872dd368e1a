#!/usr/bin/env bash
# Proves that the proofs can fail: breaks one guard at a time in a scratch copy of the
# source, runs the test that is to notice, and demands that it fails.
#
#   tests/counter_proofs.sh            all of them
#   tests/counter_proofs.sh rank owner these only (names as in the table it prints)
#   tests/counter_proofs.sh --check    whether each guard stands where it would be broken
#
# The product has no switches for this; only the copy is changed. Each change must
# change something and must compile, or the proof counts as not given. Those marked
# postgres need TEST_DATABASE_URL, the one marked guest needs TEST_GUEST, and both are left
# out without it. Each costs a build of
# the crate (dependencies are taken over from target/), and those that use a rig
# minutes. Exit code 0: every broken guard was noticed.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# name | engine | test | file | sed expression
cases() {
    cat <<'CASES'
ack|any|rigs::kill|src/pipeline/inbox.rs|s/timeout(PATIENCE, batcher/timeout(Duration::ZERO, batcher/; s/_ => Intake::Unavailable/_ => taken/
seen|any|pipeline::a_duplicate_has_no_second_effect|src/pipeline/store/arrive.rs|s/unseen.remove(&arrival.seen))/unseen.remove(\&arrival.seen) || true)/
lease|postgres|rigs::two::a_server_that_sleeps|src/pipeline/store/finish.rs|s/contacts.lease_epoch = v.column2/contacts.lease_epoch >= v.column2/
recovery|any|rigs::kill|src/pipeline/store/recover.rs|s/set state = 'unknown', doubts = doubts + 1, due_at = sending_at + \$2/set state = 'queued', due_at = sending_at + $2 * 0/
retry|any|pipeline::an_unknown_send_is_settled|src/pipeline/sender/outcome.rs|/SendOutcome::Unknown/,/^        }/{s/Fate::Unknown {/Fate::Again {/;s/due_at: now + millis(PATIENCE)/code: None, due_at: now/}
policy|any|rigs::unknown|src/pipeline/settle.rs|s/Purpose::Chat if facts.doubts < 2/_ if facts.doubts < 2/
rank|any|pipeline::a_message_is_answered_and_its_statuses|src/pipeline/store/status.rs|s/state = case when rank < v.column4 then v.column3 else state end/state = v.column3/
owner|any|consent::no_bot_message_enters_sending|src/pipeline/admission.rs|s/facts.decided_under != facts.owner_epoch/facts.decided_under < 0/
opt_out|any|consent::no_marketing_enters_sending|src/pipeline/admission.rs|s/!is_marketing || marketing == Marketing::OptedIn/!is_marketing || marketing != Marketing::NotAsked/
order|any|pipeline::messages_of_one_contact|src/pipeline/store/claim.rs|s/(a.sent_at, &a.id).cmp(&(b.sent_at, &b.id))/(b.sent_at, \&b.id).cmp(\&(a.sent_at, \&a.id))/
overtaken|any|pipeline::a_reply_that_was_not_sent|src/pipeline/store/sending.rs|s/overtaken: row.get::<i64, _>(11) > 0/overtaken: row.get::<i64, _>(11) < 0/
breaker|any|rigs::outage|src/pipeline/breaker.rs|s/self.pauses > 0/self.pauses > 1_000/
power|guest|rigs::power|src/storage/engine.rs|s/"pragma synchronous = full"/"pragma synchronous = normal"/; s/("pragma synchronous", 2_i64)/("pragma synchronous", 1_i64)/
signature|any|webhook::only_a_body_with_its_own_signature|src/app/intake.rs|s/if !signature::verify(&self.secrets, signature, &body)/if signature.is_some() \&\& self.secrets.is_empty()/
ask_first|any|lib:orders::tests::submission::a_gateway_that_times_out|src/investing/orders/service/submit.rs|s/if matches!(submission, Submission::Asking | Submission::Parked) {/if matches!(submission, Submission::Parked) {/
under_way|any|lib:orders::tests::submission::a_call_that_may_be|src/investing/orders/service/submit.rs|s/ends.is_some_and(|ends| ends > self.now())/ends.is_some_and(|ends| ends < self.now())/
paused|any|lib:orders::tests::submission::an_investor_whose_money|src/investing/orders/service/submit.rs|s/if self.is_paused(&mut conn, contact).await? {/if self.is_paused(\&mut conn, contact).await? \&\& contact.to_string().is_empty() {/
lattice|any|lib:orders::state::|src/investing/orders/state.rs|s/(from, next) => next.rank() > from.rank(),/(from, next) => next.rank() != from.rank(),/
fifo|any|lib:lots::tests|src/investing/lots/book.rs|s/self.lots.front_mut()/self.lots.back_mut()/; s/self.lots.pop_front()/self.lots.pop_back()/
remainder|any|lib:commission::tests::the_parts_are_the_whole|src/investing/commission/split.rs|s/for at in by_loss.into_iter().take(odd) {/for at in by_loss.into_iter().take(odd.saturating_sub(1)) {/
gate|any|lib:tests::gatekeeper|src/investing/orders/service/gatekeeper.rs|s/Some(account) if why.is_empty() =>/Some(account) if why.len() < 100 =>/
posted|any|lib:ledger::tests::an_event_posted_twice|src/investing/ledger/store.rs|s/Some(stored) if stored.says_the_same(entry) => Ok(Posted::Already)/Some(_) => Ok(Posted::Already)/
grandfather|any|lib:tests::past::equity_of_before|src/investing/tax/year.rs|s/let cost = grandfathered.flatten().unwrap_or(part.cost);/let cost = part.cost;/
gap|any|lib:charts::tests::no_line|src/documents/course.rs|s/.get_days() <= STANDS)/.get_days() <= 10 * STANDS)/
CASES
}

if [ "${1:-}" = --check ]; then
    gone=0
    while IFS='|' read -r name _ _ file change; do
        if [ ! -f "$root/$file" ]; then
            printf '%s: there is no %s\n' "$name" "$file" >&2
            gone=1
            continue
        fi
        if sed -e "$change" "$root/$file" | cmp -s - "$root/$file"; then
            printf '%s: nothing to break in %s\n' "$name" "$file" >&2
            gone=1
        fi
    done < <(cases)
    exit $gone
fi

copy() {
    rm -rf "$scratch/source"
    mkdir -p "$scratch/source"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard |
        tar --null --files-from=- --create) | tar --extract --directory "$scratch/source"
}

# Dependencies need not be built again: hard links to what is there.
if [ -d "$root/target/debug" ]; then
    mkdir -p "$scratch/target"
    cp -al "$root/target/debug" "$scratch/target/debug"
fi
export CARGO_TARGET_DIR="$scratch/target" RUST_BACKTRACE=0

try() {
    local test=$1 file=$2 change=$3
    local where=(--test api)
    # Rules, books and dealing are tested beside their source.
    case $test in lib:*) where=(--lib) test=${test#lib:} ;; esac
    copy
    sed -i -e "$change" "$scratch/source/$file"
    if cmp -s "$root/$file" "$scratch/source/$file"; then
        echo "CHANGED NOTHING"
        return 1
    fi
    cd "$scratch/source" || return 1
    if ! cargo test --quiet "${where[@]}" --no-run >"$scratch/build.log" 2>&1; then
        echo "DOES NOT COMPILE: $(grep -m1 '^error' "$scratch/build.log")"
        return 1
    fi
    if cargo test --quiet "${where[@]}" "$test" -- --nocapture >"$scratch/run.log" 2>&1; then
        echo "NOBODY NOTICED"
        return 1
    fi
    if ! grep -q '^test result: FAILED' "$scratch/run.log"; then
        echo "THE TEST DID NOT RUN"
        return 1
    fi
    echo "noticed: $(grep -m1 -A1 'panicked at' "$scratch/run.log" | tail -1 | cut -c1-90)"
}

failed=0
printf '%-10s %-48s %s\n' guard test outcome
while IFS='|' read -r name engine test file change; do
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
        continue
    fi
    if [ "$engine" = postgres ] && [ -z "${TEST_DATABASE_URL:-}" ]; then
        printf '%-10s %-48s %s\n' "$name" "$test" "left out: needs TEST_DATABASE_URL"
        continue
    fi
    if [ "$engine" = guest ] && [ -z "${TEST_GUEST:-}" ]; then
        printf '%-10s %-48s %s\n' "$name" "$test" "left out: needs TEST_GUEST (see power_loss.sh)"
        continue
    fi
    outcome=$(try "$test" "$file" "$change") || failed=1
    printf '%-10s %-48s %s\n' "$name" "$test" "$outcome"
done < <(cases)
exit $failed
