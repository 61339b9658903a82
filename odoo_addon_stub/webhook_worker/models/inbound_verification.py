# SPDX-License-Identifier: LGPL-3.0-or-later
"""How requests to an inbound endpoint are verified, read and told apart. The worker does it; Odoo keeps what to do."""

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ..compat import constraint

# Members of the contract with their defaults, which are left out; the field has the same name.
PLAIN_DEFAULTS = {
    "payload_contract": "json_object",
    "delivery_identity_policy": "delivery_id",
    "replay_identity_policy": "none",
    "replay_blocks": False,
    "ordered": False,
    "challenge": False,
}
AUTH_FIELDS = {
    "mode": "authentication_mode",
    "username": "authentication_username",
    "header_name": "authentication_header_name",
}
AGE_FIELDS = {
    "age_seconds_max": "signature_max_age_seconds",
    "future_skew_seconds_max": "signature_max_future_skew_seconds",
}
HMAC_FIELDS = {
    "digest": "signature_digest_algorithm",
    "encoding": "signature_encoding",
    "prefix": "signature_prefix",
    "joiner": "signature_message_joiner",
    "timestamp_format": "signature_timestamp_format",
}
VERIFICATION_FIELDS = {"mode": "signature_verification_mode", **AGE_FIELDS, **HMAC_FIELDS}
LINES = {"source_ids": "sources", "semantic_binding_ids": "semantic_bindings", "signature_part_ids": "parts"}
LINES_MAX = {"source_ids": 200, "signature_part_ids": 20}
NETWORKS_MAX = 200
NETWORK_CHARS_MAX = 64


def lines(model, string, **options):
    """The lines of one kind, inactive ones too: the form shows them, and they are copied."""
    return fields.One2many(
        f"bwt.webhook.inbound.endpoint.{model}",
        "endpoint_id",
        string=string,
        copy=True,
        context={"active_test": False},
        **options,
    )


class InboundEndpoint(models.Model):
    """Verification, values and identity of an endpoint's requests."""

    _name = "bwt.webhook.inbound.endpoint"
    _inherit = "bwt.webhook.inbound.endpoint"

    payload_contract = fields.Selection(
        [
            ("json_object", "A JSON object"),
            ("json_value", "Any JSON value"),
            ("form", "A form"),
            ("text", "Text or XML"),
            ("any", "Anything"),
        ],
        string="Body Must Be",
        required=True,
        default="json_object",
        tracking=True,
    )
    delivery_identity_policy = fields.Selection(
        [
            ("delivery_id", "Same delivery ID"),
            ("idempotency_key", "Same idempotency key"),
            ("body_sha256", "Same body"),
        ],
        string="Duplicate When",
        required=True,
        default="delivery_id",
        tracking=True,
        help="A duplicate is answered like the first one, and makes no event.",
    )
    replay_identity_policy = fields.Selection(
        [("none", "Never"), ("event_id", "Same event ID"), ("idempotency_key", "Same idempotency key")],
        string="Replay When",
        required=True,
        default="none",
        tracking=True,
        help="Another delivery of an event that is known: it is linked to the first one.",
    )
    replay_blocks = fields.Boolean(
        string="Replays Make No Event", tracking=True, help="A replay counts as a duplicate instead of being linked."
    )
    challenge = fields.Selection(
        [
            ("slack_url_verification", "Slack: url_verification"),
            ("meta_hub", "Meta: hub.challenge"),
            ("microsoft_validation_token", "Microsoft: validationToken"),
        ],
        tracking=True,
        help="How the sender asks, when it is set up, whether the address is ours. The worker answers.",
    )
    allowed_networks = fields.Text(
        string="Allowed Senders", tracking=True, help="Addresses or networks, one a line. Empty: all."
    )
    authentication_mode = fields.Selection(
        [
            ("none", "None"),
            ("basic", "User name and password"),
            ("bearer", "Bearer token"),
            ("api_key", "API key in a header"),
        ],
        string="Authentication",
        required=True,
        default="none",
        tracking=True,
    )
    authentication_username = fields.Char(string="User Name", size=255, tracking=True)
    authentication_header_name = fields.Char(string="Key's Header", size=128, default="X-Api-Key", tracking=True)
    signature_verification_mode = fields.Selection(
        [("none", "None"), ("standard_webhooks", "Standard Webhooks"), ("hmac", "HMAC")],
        string="Signature",
        required=True,
        default="none",
        tracking=True,
    )
    signature_digest_algorithm = fields.Selection(
        [("sha1", "SHA-1"), ("sha256", "SHA-256"), ("sha512", "SHA-512")],
        string="Digest",
        required=True,
        default="sha256",
        tracking=True,
    )
    signature_encoding = fields.Selection(
        [("hex", "Hexadecimal"), ("base64", "Base64")], string="Encoding", required=True, default="hex", tracking=True
    )
    signature_prefix = fields.Char(
        string="Prefix", size=64, tracking=True, help="Taken off each signature that has it: sha256=, v0=."
    )
    signature_message_joiner = fields.Char(
        string="Parts Joined with", size=16, trim=False, tracking=True, help="Between the signed parts."
    )
    signature_timestamp_format = fields.Selection(
        [("unix", "Unix seconds"), ("unix_ms", "Unix milliseconds"), ("iso8601", "ISO 8601")],
        string="Timestamp",
        required=True,
        default="unix",
        tracking=True,
    )
    signature_max_age_seconds = fields.Integer(
        string="Maximal Age", default=300, tracking=True, help="Of the signature's timestamp. 0: not checked."
    )
    signature_max_future_skew_seconds = fields.Integer(
        string="Maximal Skew",
        default=300,
        tracking=True,
        help="How far ahead the sender's clock may be. 0: not checked.",
    )
    unverified_allowed = fields.Boolean(
        string="Accept Unverified Requests",
        tracking=True,
        help="Without a signature and an authentication, whoever knows the address can send events.",
    )
    source_ids = lines("source", "Values")
    semantic_binding_ids = lines("semantic.binding", "Meanings")
    secret_ids = fields.One2many("bwt.webhook.secret", "inbound_endpoint_id", string="Secrets", copy=False)
    signature_part_ids = lines("signature.part", "Signed Parts", help="None: the body.")

    _age_range = constraint(
        "CHECK (signature_max_age_seconds >= 0 AND signature_max_future_skew_seconds >= 0)",
        "The maximal age and skew of a signature must not be negative.",
    )

    def _networks(self):
        return [line.strip() for line in (self.allowed_networks or "").splitlines() if line.strip()]

    # ---- shape

    @api.constrains(*LINES_MAX)
    def _check_line_counts(self):
        for endpoint in self:
            for field, lines_max in LINES_MAX.items():
                if len(endpoint[field]) > lines_max:
                    raise ValidationError(
                        _(
                            "%(endpoint)s: at most %(max)s lines are allowed in %(field)s.",
                            endpoint=endpoint.name,
                            max=lines_max,
                            field=endpoint._fields[field]._description_string(self.env),
                        )
                    )

    @api.constrains("allowed_networks")
    def _check_networks(self):
        for endpoint in self:
            networks = endpoint._networks()
            if len(networks) > NETWORKS_MAX or any(len(network) > NETWORK_CHARS_MAX for network in networks):
                raise ValidationError(
                    _(
                        "%(endpoint)s: the allowed senders are at most %(max)s addresses or networks, one a line.",
                        endpoint=endpoint.name,
                        max=NETWORKS_MAX,
                    )
                )

    # ---- contract

    def _contract_values(self):
        values = super()._contract_values()
        values.update({name: self[name] for name, default in PLAIN_DEFAULTS.items() if self[name] != default})
        if networks := self._networks():
            values["allowed_networks"] = networks
        if self.authentication_mode != "none":
            values["auth"] = self._auth_values()
        if self.signature_verification_mode != "none":
            values["verification"] = self._verification_values()
        if sources := self._active_lines("source_ids", "field_name", "candidate_sequence", "sequence"):
            values["sources"] = sources
        if bindings := self._active_lines("semantic_binding_ids", "semantic_name"):
            values["semantic_bindings"] = bindings
        return {**values, **self.secret_ids._contract_list()}

    def _active_lines(self, field, *order):
        found = self[field].filtered("active") if "active" in self[field]._fields else self[field]
        return [line._contract_values() for line in found.sorted(lambda line: [line[name] for name in (*order, "id")])]

    def _auth_values(self):
        member = {"basic": "username", "api_key": "header_name"}.get(self.authentication_mode)
        value = member and (self[AUTH_FIELDS[member]] or "").strip()
        return {"mode": self.authentication_mode, **({member: value} if value else {})}

    def _verification_values(self):
        values = {"mode": self.signature_verification_mode}
        values.update({member: self[field] for member, field in AGE_FIELDS.items()})
        if self.signature_verification_mode == "hmac":
            values.update({member: self[field] for member, field in HMAC_FIELDS.items() if self[field]})
            if parts := self._active_lines("signature_part_ids", "sequence"):
                values["parts"] = parts
        return values
