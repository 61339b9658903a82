# SPDX-License-Identifier: LGPL-3.0-or-later
"""Content that somebody on the way cannot hold: it ends visibly and holds nobody up."""

import hashlib

from ledger_check import all_terminal
from processes import wait_until


def test_a_payload_that_postgresql_refuses_is_a_visible_dead_letter(database, receiver, make_worker):
    endpoint = database.endpoint("payload", receiver.url, "/healthy")
    worker = make_worker().start()
    for payload in (r"{'text': 'a\u0000b'}", r"{'text': 'a\ud800b'}", r"'{\"text\": \"a\\u0000b\"}'",
                    r"'{\"text\": \"a\\ud800b\"}'", "{'text': 'good'}"):
        database.queue(endpoint, 1, payload)
    wait_until(lambda: all_terminal(database), 30, database.states)
    assert worker.stop() == 0
    assert database.states() == {"dead_letter": 4, "done": 1}
    dead = database.deliveries([["state", "=", "dead_letter"]])
    assert {row["failure_reason"] for row in dead} == {"payload_invalid"}
    assert all(r"\u0000" in row["payload_json"] or r"\ud800" in row["payload_json"] for row in dead)
    assert len(receiver.ledger()) == 1


def test_a_reply_that_postgresql_refuses_is_stored_visibly(database, receiver, make_worker):
    bad = database.endpoint("bytes", receiver.url, "/bytes")
    good = database.endpoint("good", receiver.url, "/healthy")
    database.queue(bad, 5)
    database.queue(good, 5)
    worker = make_worker().start()
    wait_until(lambda: database.states() == {"done": 10}, 30, database.states)
    assert worker.stop() == 0
    replies = {row["response_body"] for row in database.attempts()}
    assert any(r"\u0000" in reply for reply in replies)


def test_the_body_is_what_was_queued_byte_for_byte(database, receiver, make_worker):
    texts = ['{"b":1, "a":  2.50}', '{"amount":10000000000000000.10}',
             '{"name":"Gr\u00fc\u00df \u20ac \U0001f600"}', '[1,[2,[3]]]']
    endpoint = database.endpoint("exact", receiver.url, "/echo")
    for text in texts:
        database.queue(endpoint, 1, ascii(text))
    worker = make_worker().start()
    wait_until(lambda: database.states() == {"done": len(texts)}, 30, database.states)
    assert worker.stop() == 0
    wanted = {hashlib.sha256(text.encode()).hexdigest() for text in texts}
    assert {entry["body_sha256"] for entry in receiver.ledger()} == wanted


def test_a_gone_and_a_refusing_receiver_are_dead_letters_at_once(database, receiver, make_worker):
    database.queue(database.endpoint("gone", receiver.url, "/gone"), 2)
    database.queue(database.endpoint("refusing", receiver.url, "/refusing"), 2)
    worker = make_worker().start()
    wait_until(lambda: database.states() == {"dead_letter": 4}, 30, database.states)
    assert worker.stop() == 0
    assert sorted(row["failure_reason"] for row in database.deliveries()) == [
        "endpoint_gone", "endpoint_gone", "http_status", "http_status"]


def test_an_internal_address_is_refused_unless_the_operator_allows_it(database, receiver, make_worker):
    database.queue(database.endpoint("internal", receiver.url, "/healthy"), 1)
    worker = make_worker(transport__allow=[]).start()
    wait_until(lambda: database.states() == {"dead_letter": 1}, 30, database.states)
    assert worker.stop() == 0
    assert database.deliveries()[0]["failure_reason"] == "address_refused"
    assert receiver.ledger() == []
