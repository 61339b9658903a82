-- A copy for tests must not reach production's receivers, nor answer to production's workers.
UPDATE bwt_webhook_outbound_endpoint SET paused = true;
UPDATE bwt_webhook_inbound_endpoint SET paused = true;
-- What a worker was doing belongs to the original: it waits here, like everything queued, behind its paused endpoint.
UPDATE bwt_webhook_outbound_delivery
   SET state = CASE WHEN attempt_count > attempt_base THEN 'error' ELSE 'queued' END,
       lease_token = NULL, lease_expires_at = NULL, worker_id = NULL
 WHERE state = 'processing';
UPDATE bwt_webhook_inbound_event
   SET state = CASE WHEN attempt_count > 0 THEN 'error' ELSE 'received' END,
       lease_token = NULL, lease_expires_at = NULL, worker_id = NULL
 WHERE state = 'processing';
DELETE FROM bwt_webhook_lane_lease;
DELETE FROM bwt_webhook_probe;
-- Requests that production accepted, with their senders' credentials: production has them too.
DELETE FROM bwt_webhook_inbound_intake;
-- What production's secrets were sealed to, and they themselves, stay with production.
UPDATE bwt_webhook_secret SET sealed_value = NULL;
DELETE FROM bwt_webhook_worker_public_key;
UPDATE bwt_webhook_worker SET wake_address = NULL, last_seen_at = NULL;
-- The copy asks for a confirmation of its own.
UPDATE bwt_webhook_ledger SET configuration_revision = configuration_revision + 1, alarm_message = NULL, alarm_since = NULL;
DELETE FROM res_users_apikeys
 WHERE user_id IN (SELECT res_id FROM ir_model_data
                    WHERE module = 'webhook_worker' AND name = 'user_webhook_worker' AND model = 'res.users');
