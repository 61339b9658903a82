# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import json

from odoo import _, models
from odoo.exceptions import UserError

from ..models.contract_event_rows import SEMANTICS
from ..models.execution import OperationRefused, env_of_user
from ..models.field_values import as_text, field_values, needed_fields, roots_of

SAMPLES_MAX = 1000
SAMPLE_BYTES_MAX = 8 * 1024 * 1024
FIELD_KINDS = ("event", "delivery", "endpoint", "company", "partner", "record")


class ProbeSamples(models.AbstractModel):
    """What rules are tried on, as the contract shapes it: one pasted payload, or recorded events or deliveries."""

    _name = "bwt.webhook.probe.samples"
    _description = "Samples of a Webhook Probe"

    def _samples(self):
        """[(sample, the records that rules may read fields of)], before anything is edited: what the saved rules
        decided is read from them.
        """
        if self.source == "pasted":
            return [(self._pasted_sample(), {"company": self.handler_id.sudo().company_id})]
        if self.source == "saved":
            return self._saved_samples()
        count = min(max(self.recorded_count, 1), SAMPLES_MAX)
        model_name = "bwt.webhook.inbound.event" if self.direction == "inbound" else "bwt.webhook.outbound.delivery"
        # As the user: what he may not see is no sample.
        records = self.env[model_name].search(
            [("handler_id", "=", self.handler_id.id), ("state", "!=", "rejected")], limit=count
        )
        if not records:
            raise UserError(_("Nothing was recorded for this handler yet: paste a payload."))
        shape = self._event_sample if self.direction == "inbound" else self._delivery_sample
        samples, size = [], 0
        for record in records.sudo():
            sample = shape(record)
            size += len(sample["body_base64"]) + len(sample.get("response_body", ""))
            if samples and size > SAMPLE_BYTES_MAX:
                break
            samples.append((sample, roots_of(record)))
        return samples

    def _saved_samples(self):
        """Of test payloads: the chosen ones, else all of the handler that fit into a question."""
        saved = self.test_payload_ids or self.env["bwt.webhook.test.payload"].search(
            [("handler_id", "=", self.handler_id.id)], limit=SAMPLES_MAX
        )
        if not saved:
            raise UserError(_("There are no test payloads of this handler: save an event as one."))
        samples, size = [], 0
        for payload in saved.sudo():
            sample, roots = payload._sample()
            size += len(sample["body_base64"])
            if samples and size > SAMPLE_BYTES_MAX:
                break
            samples.append((sample, roots))
        return samples

    def _pasted_sample(self):
        sample = {
            "name": _("Pasted payload"),
            "phase": self.phase if self.direction == "outbound" else "event",
            "body_base64": _base64(self.payload),
            "headers": self._text_map("headers_json"),
            "query": self._text_map("query_json"),
        }
        return {**sample, **self._reply(self.response_status_code, self.response_body)}

    def _text_map(self, field):
        """A JSON object of names and texts, as typed by a person."""
        label = self._fields[field]._description_string(self.env)
        try:
            value = json.loads(self[field] or "{}")
        except ValueError as error:
            raise UserError(_("%(field)s: this is no JSON: %(error)s", field=label, error=error)) from error
        if not isinstance(value, dict):
            raise UserError(_("%(field)s: a JSON object of names and values is needed.", field=label))
        return {name: item if isinstance(item, str) else json.dumps(item) for name, item in value.items()}

    def _event_sample(self, event):
        sample = {
            "name": f"{event.name} #{event.id}",
            "phase": "event",
            "body_base64": base64.b64encode(event._raw_body()).decode(),
            "headers": json.loads(event.request_headers_json),
            "query": json.loads(event.query_json),
            "resolved_values": event.resolved_values_json,
            "semantics": {name: event[column] for name, column in SEMANTICS.items() if event[column]},
        }
        if event.state in ("received", "processing"):
            return sample
        if event.matched_inbound_rule_id:
            sample["recorded_rule_id"] = event.matched_inbound_rule_id.id
        recorded = event.rule_execution_ids[:1].action or event.matched_inbound_rule_id.action_type
        failed = "error" if event.failure_reason in ("rule_invalid", "payload_invalid") else None
        return {**sample, "recorded_action": failed or recorded or "none"}

    def _delivery_sample(self, delivery):
        sample = {
            "name": f"{delivery.name} #{delivery.id}",
            "phase": self.phase,
            "body_base64": _base64(delivery.payload_json),
            "headers": json.loads(delivery.request_headers_json),
            "context_values": delivery.context_values_json or "{}",
        }
        attempt = delivery.attempt_ids[:1]
        if self.phase == "response" and attempt:
            sample.update(self._reply(attempt.response_status_code, attempt.response_body))
            sample["response_headers"] = json.loads(attempt.response_headers_json or "{}")
        if not attempt:
            return sample
        rule = delivery.matched_outbound_rule_id
        if not rule or rule.phase != self.phase:
            return {**sample, "recorded_action": "none"}
        return {**sample, "recorded_action": rule.result_status, "recorded_rule_id": rule.id}

    def _reply(self, status_code, body):
        if self.direction != "outbound" or self.phase != "response":
            return {}
        reply = {"response_body": body or ""}
        return {**reply, "response_status_code": status_code} if 100 <= status_code <= 999 else reply

    def _field_values(self, roots):
        """What rules read of records, with the rights of whoever asks: only a system administrator sees what the
        handler's execution user sees.
        """
        handler = self.handler_id.sudo()
        user = self.env.user
        if handler.execution_user_id and user.has_group("base.group_system"):
            user = handler.execution_user_id
        try:
            env = env_of_user(self.env, user, handler.company_id)
        except OperationRefused as refused:
            env = refused
        return as_text(field_values(self._expressions(), roots, env))

    def _expressions(self):
        """What the workers said that the saved rules read, and what the edited ones name outside of templates."""
        wanted = set(needed_fields(self.handler_id.sudo()))
        for rules in self.handler_id._all_rules():
            for row in [*rules.condition_ids, *rules.lookup_ids, *rules.assignment_ids]:
                kind, _underscore, what = row.source_kind.rpartition("_")
                if what == "field" and kind in FIELD_KINDS:
                    wanted.add(f"{row.source_kind}:{row.source_expression}")
        return sorted(wanted)


def _base64(text):
    return base64.b64encode((text or "").encode()).decode()
