-- SPDX-License-Identifier: LGPL-3.0-or-later
-- The outbox: what this worker asked for, sent and owes Odoo. `sequence` is the order of recording, one count for all
-- tables.

-- Claim tokens whose rows are not all settled and acknowledged.
CREATE TABLE outbox_claim (
  claim_token TEXT NOT NULL PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that may have left and have no settlement yet.
CREATE TABLE outbox_intent (
  delivery_id INTEGER NOT NULL,
  lease_token TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  attempt_uid TEXT NOT NULL,
  settlement_uid TEXT NOT NULL,
  http_method TEXT NOT NULL,
  target_url TEXT NOT NULL,
  started_at_ms INTEGER NOT NULL,
  PRIMARY KEY (delivery_id, lease_token)
) STRICT, WITHOUT ROWID;

-- Settlements that Odoo has not acknowledged. With a `set_aside_reason`: Odoo refuses it for good, kept for people.
-- A rowid table, because the JSON can be large.
CREATE TABLE outbox_settlement (
  sequence INTEGER NOT NULL PRIMARY KEY,
  settlement_uid TEXT NOT NULL UNIQUE,
  delivery_id INTEGER NOT NULL,
  lease_token TEXT NOT NULL,
  settlement_json TEXT NOT NULL,
  set_aside_reason TEXT
) STRICT;

-- Facts about the database, for example its fingerprint.
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
