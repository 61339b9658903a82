# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a delivery carries besides its headers: body modes, files, expiry. And how many workers there are."""

import base64

import pytest
from worker import HOUR_MS, Worker, now_ms, settlement

PDF = bytes(range(256)) * 3


@pytest.mark.parametrize(
    "mode, payload",
    [
        ("json", '{"a": 1.10, "a": 2}'),
        ("form_urlencoded", '{"a": {"b": [1, 2.50]}, "c": "ü"}'),
        ("multipart", '{"a": "1"}'),
        ("raw", '<?xml version="1.0"?>\r\n<a>ü€</a>\n'),
    ],
)
def test_a_body_comes_as_it_was_queued(target, worker, mode, payload):
    endpoint = target.add_endpoint(request_body_mode=mode)
    target.queue(endpoint, payload)
    row = worker.claim_one(endpoint)
    assert (row["request_body_mode"], row["payload"]) == (mode, payload)
    assert row.get("files", []) == []


def test_files_come_with_every_claim(target, worker):
    endpoint = target.add_endpoint(request_body_mode="multipart")
    files = [
        {"name": "invoice", "filename": "Rechnung ü.pdf", "content_type": "application/pdf", "content": PDF},
        {"name": "empty", "filename": "empty.txt", "content_type": "text/plain", "content": b""},
    ]
    target.queue(endpoint, '{"number": "1"}', files=files)
    told = [
        {**{name: file[name] for name in ("name", "filename", "content_type")},
         "content_base64": base64.b64encode(file["content"]).decode()}
        for file in files
    ]  # fmt: skip
    row = worker.claim_one(endpoint)
    assert row["files"] == told
    # The bytes are the delivery's own: a later attempt has the same.
    frozen = {"http_method": "post", "request_headers": {}, "payload": row["payload"]}
    worker.settle(settlement(row, "retry", "error", next_attempt_at_ms=now_ms() - 1000, frozen=frozen))
    again = worker.claim_one(endpoint)
    assert again["content_frozen"] and again["files"] == told


def test_an_expiry_comes_along(target, worker, endpoint):
    before = now_ms()
    target.queue(endpoint, expires_in=3600)
    row = worker.claim_one(endpoint)
    assert before + HOUR_MS <= row["expires_at_ms"] < now_ms() + HOUR_MS + 10_000
    target.queue(endpoint)
    assert "expires_at_ms" not in worker.claim_one(endpoint)


def test_what_has_expired_is_handed_out_for_its_end(target, worker, endpoint):
    [delivery_id] = target.queue(endpoint, expires_in=3600)
    target.edit(delivery_id, expires_at_ms=now_ms() - HOUR_MS)
    row = worker.claim_one(endpoint)
    assert row["expires_at_ms"] < now_ms()
    ended = settlement(row, "dead_letter", "dead_letter", failure_reason="expired", attempt=None)
    assert worker.settle_one(ended) == "applied"
    assert target.read(delivery_id)[0]["failure_reason"] == "expired"


def test_workers_are_told_how_many_they_are(target, worker):
    target.forget_workers()
    assert worker.claim({})["workers_alive"] == 1
    others = [Worker(target) for _number in range(2)]
    for other in others:
        other.hello()
    assert worker.claim({})["workers_alive"] == 3
    # A check registers nobody.
    Worker(target).hello(options={"check_only": True})
    assert worker.claim({})["workers_alive"] == 3
    target.forget_workers()
    assert others[0].claim({})["workers_alive"] == 1
