-- SPDX-License-Identifier: LGPL-3.0-or-later
-- Events are claimed and settled as deliveries are; a delivery and an event may have the same id.

ALTER TABLE outbox_claim ADD COLUMN job_kind TEXT NOT NULL DEFAULT 'delivery';
ALTER TABLE outbox_settlement ADD COLUMN job_kind TEXT NOT NULL DEFAULT 'delivery';

-- What a handler made of the content, so that a crash does not change what later attempts send.
ALTER TABLE outbox_intent ADD COLUMN frozen_json TEXT NOT NULL DEFAULT '';
