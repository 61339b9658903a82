-- SPDX-License-Identifier: LGPL-3.0-or-later
-- Accepted events that Odoo does not have yet, the identities of accepted events, and the last configuration.

-- `sequence` is the order of acceptance. With a `set_aside_reason`: Odoo refuses it for good, kept for people. The JSON is
-- last, so that the small columns are read without it.
CREATE TABLE inbox (
  sequence INTEGER NOT NULL PRIMARY KEY,
  event_uid TEXT NOT NULL UNIQUE,
  endpoint_id INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL,
  set_aside_reason TEXT,
  event_json TEXT NOT NULL
) STRICT;

CREATE INDEX inbox_set_aside ON inbox (sequence) WHERE set_aside_reason IS NOT NULL;

-- What makes a request a duplicate of the event `event_uid`: its delivery identity, its replay identity; also of events
-- that are in Odoo already. `key_hash` is SHA-256: the key itself is nobody's business here. `number` is the order of
-- acceptance, so that the oldest ones are found without an index of their own. Not WITHOUT ROWID: a hash as the table's
-- order would spread every commit over as many pages as it has rows, at their full width.
CREATE TABLE identity (
  number INTEGER NOT NULL PRIMARY KEY,
  endpoint_id INTEGER NOT NULL,
  kind INTEGER NOT NULL CHECK (kind IN (1, 2)), -- 1 delivery, 2 replay
  key_hash BLOB NOT NULL,
  event_uid TEXT NOT NULL,
  accepted_at_ms INTEGER NOT NULL,
  duplicates_unreported INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX identity_key ON identity (endpoint_id, kind, key_hash);
-- Cheap: uids grow with time, so that it is written at its end.
CREATE INDEX identity_event ON identity (event_uid);
CREATE INDEX identity_duplicates ON identity (event_uid) WHERE duplicates_unreported > 0;

-- The answer to `configuration` as Odoo gave it: secrets are sealed in it.
CREATE TABLE snapshot (
  only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
  configuration_answer TEXT NOT NULL
) STRICT;
