# SPDX-License-Identifier: LGPL-3.0-or-later
"""What ingest locks and counts by SQL. Every statement takes its rows in the order of their ids, so that two gateways
that report the same wait for each other and never die of a deadlock.
"""

from collections import Counter

COUNT_MAX = 2147483647  # of a column of type integer
INGEST_LOCK = 0x62777431  # the name space of our advisory locks, "bwt1"


def lock_endpoints(cr, endpoint_ids):
    """Until the end of the transaction; what is read afterwards includes all that those before have committed."""
    if endpoint_ids:
        cr.execute(
            """
            SELECT pg_advisory_xact_lock(%s, id)
              FROM (SELECT id FROM unnest(%s::int[]) AS asked(id) ORDER BY id OFFSET 0) sorted
            """,
            [INGEST_LOCK, list(endpoint_ids)],
        )


def count_duplicates(cr, by_id, reported):
    """Adds to the first events: {id: count}, and what the gateway itself recognised, by event_uid."""
    by_uid = Counter()
    for item in reported:
        by_uid[item["event_uid"]] += item["count"]
    if not by_id and not by_uid:
        return
    cr.execute(
        """
        WITH added AS (
            SELECT id, sum(count) AS count FROM (
                SELECT id, count FROM unnest(%(ids)s::int[], %(id_counts)s::bigint[]) AS found(id, count)
                UNION ALL
                SELECT e.id, reported.count FROM unnest(%(uids)s::text[], %(uid_counts)s::bigint[])
                       AS reported(uid, count) JOIN bwt_webhook_inbound_event e ON e.event_uid = reported.uid
            ) both_kinds GROUP BY id
        ), locked AS MATERIALIZED (
            SELECT e.id FROM bwt_webhook_inbound_event e WHERE e.id IN (SELECT id FROM added)
             ORDER BY e.id FOR NO KEY UPDATE
        )
        UPDATE bwt_webhook_inbound_event e
           SET duplicate_count = least(coalesce(e.duplicate_count, 0) + added.count, %(most)s)
          FROM added, locked WHERE e.id = added.id AND e.id = locked.id
        """,
        {
            "ids": list(by_id),
            "id_counts": list(by_id.values()),
            "uids": list(by_uid),
            "uid_counts": list(by_uid.values()),
            "most": COUNT_MAX,
        },
    )


def count_rejected(cr, reported):
    """Adds to the counters of the endpoints. Unknown endpoints are ignored."""
    counts = Counter()
    for item in reported:
        counts[item["endpoint_id"], item["category"]] += item["count"]
    if not counts:
        return
    cr.execute(
        """
        INSERT INTO bwt_webhook_inbound_rejection AS r (endpoint_id, category, count, last_at)
        SELECT e.id, reported.category, least(reported.count, %(most)s), clock_timestamp() AT TIME ZONE 'UTC'
          FROM unnest(%(endpoint_ids)s::int[], %(categories)s::text[], %(counts)s::bigint[])
               AS reported(endpoint_id, category, count)
          JOIN bwt_webhook_inbound_endpoint e ON e.id = reported.endpoint_id
         ORDER BY e.id, reported.category
            ON CONFLICT (endpoint_id, category) DO UPDATE
           SET count = least(r.count::bigint + excluded.count, %(most)s), last_at = excluded.last_at
        """,
        {
            "endpoint_ids": [endpoint_id for endpoint_id, _category in counts],
            "categories": [category for _endpoint_id, category in counts],
            "counts": list(counts.values()),
            "most": COUNT_MAX,
        },
    )
