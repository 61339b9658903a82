# SPDX-License-Identifier: LGPL-3.0-or-later
"""How fast events become records, against the bars and against what Odoo's own ORM does on this machine just now."""

import time

import pytest
from inbound import Inbound, rule
from processes import wait_until

PARTNER = {"name": "payload:name", "ref": "payload:ref", "email": "payload:email", "city": "payload:city"}
RULES = {
    "created": rule("Partner", "create_record", "res.partner", assign=PARTNER),
    "updated": rule("Partner", "update_record", "res.partner", lookups={"ref": "payload:ref"}, assign=PARTNER),
}
# The same in one transaction, without anything of ours.
ORM = {
    "created": """
for batch in range(8):
    env['res.partner'].create([
        {'name': f'Orm {n}', 'ref': f'orm-{batch}-{n}', 'email': f'{n}@example.com', 'city': 'Orm'}
        for n in range(50)])
    env.cr.flush()
""",
    "updated": """
for n in range(400):
    env['res.partner'].search([('ref', '=', f'ref-{n}')], limit=2).write(
        {'name': f'Orm {n}', 'ref': f'ref-{n}', 'email': f'{n}@example.org', 'city': 'Orm'})
    env.cr.flush()
""",
}


def orm_per_second(database, what):
    database.run_code("x = 1")
    started = time.monotonic()
    database.run_code(ORM[what])
    return 400 / (time.monotonic() - started)


@pytest.mark.parametrize("what, bar", [("created", 600), ("updated", 220)])
def test_events_to_partners(database, make_worker, capsys, what, bar):
    """New values each. Asserted is half of the bar, or a third of the ORM's rate where that is lower: the machine may
    be busy, and modules on top of contacts make them slower.
    """
    total = 2000
    if what == "updated":
        database.call("res.partner", "create", vals_list=[
            {"name": f"Old {n}", "ref": f"ref-{n}"} for n in range(total)])
    database.sql("ANALYZE")
    orm = orm_per_second(database, what)
    inbound = Inbound(database, [RULES[what]])
    inbound.ingest(*({"ref": f"ref-{n}", "name": f"Name {n}", "email": f"{n}@example.com", "city": f"City {n}"}
                     for n in range(total)))  # fmt: skip
    database.sql("ANALYZE")
    worker = make_worker()
    started = time.monotonic()
    worker.start()
    wait_until(lambda: inbound.states() == {"done": total}, 120, lambda: f"{inbound.states()} {inbound.failures()}")
    seconds = time.monotonic() - started
    worker.stop()
    [[first, last]] = database.sql(
        "SELECT extract(epoch FROM min(processed_at)), extract(epoch FROM max(processed_at))"
        " FROM bwt_webhook_inbound_event")
    with capsys.disabled():
        print(f"\nspeed: {total} events -> res.partner {what} in {seconds:.1f} s from the worker's start"
              f" ({total / seconds:.0f}/s; bar {bar}/s); {total / max(float(last) - float(first), 1):.0f}/s between the"
              f" first and the last settlement; the ORM alone, in one process: {orm:.0f}/s")
    assert database.sql("SELECT count(*) FROM res_partner WHERE ref LIKE 'ref-%' AND name LIKE 'Name %'") == [[
        str(total)]]
    assert total / seconds >= min(bar / 2, orm / 3)
