# SPDX-License-Identifier: LGPL-3.0-or-later
"""What Odoo says against what the receiver saw, delivery by delivery."""

from collections import defaultdict

TERMINAL = {"done", "dead_letter", "canceled"}


def all_terminal(database):
    return set(database.states()) <= TERMINAL


def disagreements(database, receiver, crashed=False):
    """Sentences; empty when every delivery's attempt rows are the receiver's requests, one to one. After a crash a
    request may have the row "interrupted", and such a row may be of a request that never left."""
    rows = defaultdict(list)
    for attempt in database.attempts():
        rows[attempt["delivery_id"][0]].append(attempt)
    requests = receiver.by_id()
    found = []
    for delivery in database.deliveries():
        sent = requests.get(delivery["delivery_uid"], [])
        attempts = rows[delivery["id"]]
        name = f"delivery {delivery['id']} ({delivery['state']})"
        if delivery["state"] not in TERMINAL:
            found.append(f"{name}: not ended")
        answers = sorted(entry["answered"] for entry in sent if isinstance(entry["answered"], int))
        replies = sorted(row["response_status_code"] for row in attempts if row["response_status_code"])
        unknown = [row for row in attempts if row["maybe_delivered"]]
        if len(sent) > len(replies) + len(unknown) or (not crashed and len(sent) != len(replies) + len(unknown)):
            found.append(f"{name}: {len(sent)} requests, {len(replies)} replies and {len(unknown)} unknown recorded")
        if not crashed and not set(replies) <= set(answers):
            found.append(f"{name}: recorded {replies}, the receiver answered {answers}")
        if delivery["state"] == "done" and not any(200 <= answer < 300 for answer in answers):
            found.append(f"{name}: done, but never accepted")
        if len({entry["body_sha256"] for entry in sent}) > 1:
            found.append(f"{name}: repeated with other bytes")
        if {entry["idempotency_key"] for entry in sent} - {delivery["delivery_uid"]}:
            found.append(f"{name}: another idempotency key")
        if delivery["attempt_count"] != len(attempts):
            found.append(f"{name}: attempt_count {delivery['attempt_count']}, rows {len(attempts)}")
    strangers = set(requests) - {delivery["delivery_uid"] for delivery in database.deliveries()}
    return found + [f"a request of no delivery: {uid}" for uid in strangers]
