# SPDX-License-Identifier: LGPL-3.0-or-later
"""Nothing that was answered 202 is lost: kill -9 under load, Odoo away, a full disk, another host. Each 202 is exactly
one event and exactly one record in a real Odoo."""

import http.client
import itertools
import json
import random
import subprocess
import threading
import time
from collections import Counter

from gateway import (
    PRESET_SECRETS,
    Sender,
    contact_handler,
    events,
    free_port,
    gateway_worker,
    open_endpoint,
    preset_endpoint,
    signed,
    states,
    wait_for_gateway,
    wait_for_path,
)
from inbound import new_handler, partners, rule
from processes import wait_until

JSON = {"Content-Type": "application/json"}


class Load:
    """Threads that send numbered events and note each answer. What got no answer is sent again, as senders do, until it
    has one; `accepted` maps numbers to the uid that was answered.
    """

    def __init__(self, port, path, threads=8, secret=None, pause=0.0):
        self.port, self.path, self.secret, self.pause = port, path, secret, pause
        self.numbers = itertools.count()
        self.accepted, self.statuses, self.lost = {}, Counter(), 0
        self.stopping, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _n in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive()

    def run(self):
        sender = Sender(self.port, timeout=20)
        while not self.stopping.is_set():
            with self.lock:
                number = next(self.numbers)
            self.send_until_answered(sender, number)
            time.sleep(self.pause)
        sender.close()

    def send_until_answered(self, sender, number):
        """Gives up only when the test is over; then nothing was promised."""
        body = json.dumps({"ref": f"load-{number}", "name": f"Load {number}"}).encode()
        headers = signed("standard_webhooks", self.secret, body) if self.secret else JSON
        while not self.stopping.is_set():
            try:
                status, answer = sender.post(self.path, body, headers)
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.lost += 1
                time.sleep(0.05)
                continue
            with self.lock:
                self.statuses[status] += 1
                if status == 202:
                    self.accepted[number] = answer["event_id"]
                    return
            assert status == 503, (status, answer)
            time.sleep(0.2)


def records_per_ref(database):
    return Counter(partner["ref"] for partner in partners(database, [["ref", "=like", "load-%"]], ["ref"]))


def agree(database, endpoint_id, load):
    """What the sender was told against what Odoo has."""
    rows = events(database, endpoint_id)
    uids = {row["event_uid"] for row in rows}
    assert len(uids) == len(rows)
    missing = {number: uid for number, uid in load.accepted.items() if uid not in uids}
    assert not missing, f"{len(missing)} answered 202 and lost, of {len(load.accepted)}: {list(missing.items())[:5]}"
    records = records_per_ref(database)
    assert {count for count in records.values()} <= {1}, [ref for ref, count in records.items() if count > 1][:5]
    assert not {f"load-{number}" for number in load.accepted} - set(records)


def settled(database, endpoint_id, load, seconds):
    """All that was accepted is processed; what got no answer may be there too."""
    wait_until(lambda: set(states(database, endpoint_id)) == {"done"}
               and states(database, endpoint_id)["done"] >= len(load.accepted), seconds,
               lambda: f"{states(database, endpoint_id)} of {len(load.accepted)}")


def test_kill_9_fifty_times_under_load(database, make_worker, programs, tmp_path, capsys):
    port = free_port()
    worker = gateway_worker(make_worker, programs, database, tmp_path, port=port)
    endpoint_id = preset_endpoint(database, "standard_webhooks", "hooks", PRESET_SECRETS["standard_webhooks"],
                                  contact_handler(database))
    wait_for_path(port, "hooks")
    seed = random.randrange(1 << 32)
    randomly = random.Random(seed)
    with Load(port, "hooks", secret=PRESET_SECRETS["standard_webhooks"]) as load:
        for _round in range(50):
            before = len(load.accepted)
            wait_until(lambda: len(load.accepted) >= before + 20, 60, lambda: f"seed {seed}")  # noqa: B023
            time.sleep(randomly.random() * 0.15)
            worker.kill()
            worker.start()
        load.stop()
    settled(database, endpoint_id, load, 180)
    agree(database, endpoint_id, load)
    assert load.lost >= 50, "nobody noticed the kills"
    with capsys.disabled():
        print(f"\n50 x kill -9 (seed {seed}): {len(load.accepted)} answered 202, {load.lost} without an answer, 0 lost")


def test_odoo_away_for_a_minute_under_load(database, make_worker, programs, tmp_path, sandbox, capsys):
    """Also a worker that is started meanwhile accepts: it knows the configuration of before."""
    port = free_port()
    worker = gateway_worker(make_worker, programs, database, tmp_path, port=port)
    endpoint_id = preset_endpoint(database, "standard_webhooks", "hooks", PRESET_SECRETS["standard_webhooks"],
                                  contact_handler(database))
    wait_for_path(port, "hooks")
    with Load(port, "hooks", threads=4, secret=PRESET_SECRETS["standard_webhooks"], pause=0.02) as load:
        wait_until(lambda: len(load.accepted) >= 50, 30, "it begins")
        sandbox.stop_odoo()
        try:
            before = len(load.accepted)
            time.sleep(30)
            worker.kill()
            worker.start()
            time.sleep(30)
            during = len(load.accepted) - before
        finally:
            sandbox.start_odoo()
        started = time.monotonic()
        load.stop()
    settled(database, endpoint_id, load, 120)
    caught_up = time.monotonic() - started
    agree(database, endpoint_id, load)
    assert during >= 500, f"only {during} were accepted while Odoo was away"
    assert set(load.statuses) == {202}
    with capsys.disabled():
        print(f"\nOdoo away 60 s: {during} accepted meanwhile, all processed {caught_up:.0f} s after it was back")


def test_a_full_disk(database, make_worker, programs, tmp_path):
    """503 with Retry-After, then recovery without a restart; a small file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk], check=True)
    try:
        worker = gateway_worker(make_worker, programs, database, tmp_path, gateway__inbox=str(disk / "inbox.sqlite"),
                                gateway__disk_free_bytes_min=0)
        endpoint_id = open_endpoint(database, "full", contact_handler(database))
        port = worker.gateway_port
        wait_for_path(port, "full")
        filler = disk / "filler"
        subprocess.run(["dd", "if=/dev/zero", f"of={filler}", "bs=4k"], capture_output=True)  # until it is full
        with Load(port, "full", threads=4) as load:
            wait_until(lambda: load.statuses[503] >= 5, 60, lambda: load.statuses)
            sender = Sender(port)
            assert sender.post("full", b'{"ref": "load-x", "name": "x"}', JSON)[0] == 503
            assert int(sender.answer_headers["retry-after"]) >= 1
            filler.unlink()
            accepted = len(load.accepted)
            wait_until(lambda: len(load.accepted) >= accepted + 50, 60, lambda: load.statuses)
            load.stop()
        settled(database, endpoint_id, load, 90)
        agree(database, endpoint_id, load)
        assert worker.stop() == 0
    finally:
        for left in list(disk.iterdir()):
            left.unlink()
        subprocess.run(["umount", "-l", disk], check=True)


def test_the_budget_is_back_pressure(database, make_worker, programs, tmp_path, sandbox):
    """Odoo is away for long: the inbox takes its budget, not more, and memory does not grow."""
    worker = gateway_worker(make_worker, programs, database, tmp_path, gateway__inbox_bytes_max=16_777_216)
    endpoint_id = open_endpoint(database, "budget")
    port = worker.gateway_port
    wait_for_path(port, "budget")
    sandbox.stop_odoo()
    try:
        uids, status, number = set(), 202, 0
        while status == 202:
            number += 1
            body = json.dumps({"n": number, "text": "x" * 200_000}).encode()
            status, answer = Sender(port).post("budget", body, JSON)
            uids |= {answer["event_id"]} if status == 202 else set()
            assert number < 1000
        assert status == 503 and len(uids) >= 20
        assert (tmp_path / "worker.inbox.sqlite").stat().st_size < 20_000_000
    finally:
        sandbox.start_odoo()
    wait_until(lambda: states(database, endpoint_id) == {"done": len(uids)}, 90, lambda: states(database, endpoint_id))
    assert Sender(port).post("budget", b'{"n": 0}', JSON)[0] == 202


def test_twenty_thousand_and_a_fifth_again(database, make_worker, programs, tmp_path, capsys):
    """20,000 distinct events, 20 % of them twice, over two gateways: exactly 20,000 events, the rest is counted."""
    total, again = 20_000, 4_000
    workers = [gateway_worker(make_worker, programs, database, tmp_path, "one")]
    ports = [workers[0].gateway_port, free_port()]
    second = make_worker("two", gateway__listen=f"127.0.0.1:{ports[1]}", gateway__source_requests_per_second_max=0,
                         gateway__inbox=str(tmp_path / "two.inbox.sqlite")).start()
    wait_for_gateway(ports[1])
    endpoint_id = open_endpoint(database, "many")
    for port in ports:
        wait_for_path(port, "many")
    numbers = list(range(total)) + random.sample(range(total), again)
    random.shuffle(numbers)
    accepted, lock = {}, threading.Lock()

    def send(mine, port):
        sender = Sender(port)
        for number in mine:
            status, answer = sender.post("many", json.dumps({"n": number}).encode(), JSON)
            assert status == 202, answer
            with lock:
                accepted.setdefault(number, set()).add(answer["event_id"])

    started = time.monotonic()
    threads = [threading.Thread(target=send, args=(numbers[n::16], ports[n % 2])) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started
    assert len(accepted) == total
    wait_until(lambda: states(database, endpoint_id) == {"done": total}, 240, lambda: states(database, endpoint_id))

    def duplicates():
        return int(database.sql("SELECT sum(duplicate_count) FROM bwt_webhook_inbound_event"
                                f" WHERE endpoint_id = {endpoint_id}")[0][0])

    wait_until(lambda: duplicates() == again, 30, duplicates)
    uids = {event["event_uid"] for event in all_events(database, endpoint_id)}
    assert len(uids) == total and all(known & uids for known in accepted.values())
    with capsys.disabled():
        print(f"\n24,000 requests in {seconds:.0f} s over two gateways: {total} events, {again} counted as duplicates")
    for worker in [*workers, second]:
        assert worker.stop() == 0


def all_events(database, endpoint_id):
    return [{"event_uid": uid} for [uid] in database.sql(
        f"SELECT event_uid FROM bwt_webhook_inbound_event WHERE endpoint_id = {endpoint_id}")]


def test_an_inbox_moves_to_another_host(database, make_worker, programs, tmp_path, sandbox):
    """Accepted while Odoo is away; the host is given up, its inbox is taken to another one."""
    first = gateway_worker(make_worker, programs, database, tmp_path, "first")
    endpoint_id = open_endpoint(database, "move", contact_handler(database))
    wait_for_path(first.gateway_port, "move")
    sandbox.stop_odoo()
    try:
        answers = [Sender(first.gateway_port).post("move", json.dumps(
            {"ref": f"load-{n}", "name": f"Load {n}"}).encode(), JSON) for n in range(50)]
        assert {status for status, _answer in answers} == {202}
        first.kill()
        exported = tmp_path / "inbox.export"
        done = subprocess.run([first.program, "journal", "export", exported, "--config", first.config],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and "50" in done.stdout, done.stdout + done.stderr
        assert exported.stat().st_mode & 0o077 == 0
    finally:
        sandbox.start_odoo()
    port = free_port()
    second = make_worker("second", gateway__listen=f"127.0.0.1:{port}",
                         gateway__inbox=str(tmp_path / "second.inbox.sqlite"))
    for _twice in range(2):
        done = subprocess.run([second.program, "journal", "import", exported, "--config", second.config],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    second.start()
    wait_until(lambda: states(database, endpoint_id) == {"done": 50}, 60, lambda: states(database, endpoint_id))
    assert {event["event_uid"] for event in events(database, endpoint_id)} == {
        answer["event_id"] for _status, answer in answers}
    assert set(records_per_ref(database).values()) == {1} and len(records_per_ref(database)) == 50
    # The second host knows the identities too: a sender that comes again is told the first uid.
    wait_for_gateway(port)
    assert Sender(port).post("move", b'{"ref": "load-7", "name": "Load 7"}', JSON) == answers[7]
    assert second.stop() == 0


def test_a_poisonous_event_holds_nobody_up(database, make_worker, programs, tmp_path):
    """An addon refuses one event: it is alone in the end, visible, and kept beside the worker."""
    worker = gateway_worker(make_worker, programs, database, tmp_path)
    endpoint_id = open_endpoint(database, "poison", contact_handler(database))
    wait_for_path(worker.gateway_port, "poison")
    database.sql("ALTER TABLE bwt_webhook_inbound_event ADD CONSTRAINT no_poison"
                 " CHECK (octet_length(request_body_raw) < 6000)")
    sender, uids = Sender(worker.gateway_port), []
    for number in range(60):
        payload = {"ref": f"load-{number}", "name": "x" * 6000 if number == 30 else f"Load {number}"}
        status, answer = sender.post("poison", json.dumps(payload).encode(), JSON)
        assert status == 202
        uids.append(answer["event_id"])
    wait_until(lambda: states(database, endpoint_id) == {"done": 59, "rejected": 1}, 90,
               lambda: states(database, endpoint_id))
    rows = events(database, endpoint_id, ["event_uid", "state", "rejection_category", "rejection_reason"])
    [bad] = [event for event in rows if event["state"] == "rejected"]
    assert bad["event_uid"] == uids[30] and bad["rejection_category"] == "poison" and bad["rejection_reason"]
    told = "SELECT inbox_set_aside_count FROM bwt_webhook_worker WHERE inbox_set_aside_count > 0"
    wait_until(lambda: database.sql(told), 60, "hello tells of it")


def test_events_of_an_ordered_endpoint_are_processed_in_order(database, make_worker, programs, tmp_path):
    """One record that every event overwrites: each sees the one before."""
    seen = rule("Order", "create_record", "res.partner", assign={"name": "payload:name", "ref": "payload:ref"})
    worker = gateway_worker(make_worker, programs, database, tmp_path)
    endpoint_id = open_endpoint(database, "ordered", new_handler(database, "ordered", rules=[seen]), ordered=True)
    wait_for_path(worker.gateway_port, "ordered")
    sender = Sender(worker.gateway_port)
    for number in range(60):
        assert sender.post("ordered", json.dumps({"ref": f"load-{number}", "name": "n"}).encode(), JSON)[0] == 202
    wait_until(lambda: states(database, endpoint_id) == {"done": 60}, 60, lambda: states(database, endpoint_id))
    refs = [partner["ref"] for partner in partners(database, [["ref", "=like", "load-%"]], ["ref"])]
    assert refs == [f"load-{number}" for number in range(60)]
