# SPDX-License-Identifier: LGPL-3.0-or-later
"""How an endpoint's requests are signed, and how the worker shows who it is. Secrets are records of their own."""

from odoo import Command, _, api, fields, models
from odoo.exceptions import ValidationError

# What the receivers of well-known services check; choosing one fills the form, and nothing else knows of it. Those that
# compare the header as a whole take one signature only.
PRESETS = {
    "github": {
        "signature_header_name": "X-Hub-Signature-256",
        "signature_prefix": "sha256=",
        "signature_sign_with": "newest",
    },
    "stripe": {
        "signature_header_name": "Stripe-Signature",
        "signature_prefix": "v1=",
        "signature_header_template": "t={timestamp},{signatures}",
        "parts": [("timestamp", False), ("raw_body", False)],
    },
    "shopify": {
        "signature_header_name": "X-Shopify-Hmac-Sha256",
        "signature_encoding": "base64",
        "signature_sign_with": "newest",
    },
    "slack": {
        "signature_header_name": "X-Slack-Signature",
        "signature_prefix": "v0=",
        "signature_joiner": ":",
        "signature_timestamp_header_name": "X-Slack-Request-Timestamp",
        "signature_sign_with": "newest",
        "parts": [("literal", "v0"), ("timestamp", False), ("raw_body", False)],
    },
}
PRESET_DEFAULTS = {
    "signature_mode": "hmac",
    "signature_digest": "sha256",
    "signature_encoding": "hex",
    "signature_prefix": False,
    "signature_header_template": "{signatures}",
    "signature_joiner": ".",
    "signature_timestamp_header_name": False,
    "signature_timestamp_format": "unix",
    "signature_sign_with": "all",
}
# What each mode needs besides its secret.
REQUIRED = {
    "signature_mode": {"hmac": ("signature_header_name", "signature_header_template")},
    "auth_mode": {
        "basic": ("auth_username",),
        "api_key": ("auth_header_name",),
        "oauth2_client_credentials": ("oauth2_token_url", "oauth2_client_id"),
    },
}
PEM_CHARS_MAX = {"client_certificate_pem": 65536, "ca_certificate_pem": 262144}
PARTS_MAX = 20


class SignaturePart(models.Model):
    """One part of what is signed; they are joined in their order."""

    _name = "bwt.webhook.outbound.endpoint.signature.part"
    _inherit = "bwt.webhook.configuration.mixin"
    _description = "Part of the Signature of an Outbound Webhook Endpoint"
    _order = "sequence, id"
    _rec_name = "kind"
    _fixed_fields = ("endpoint_id",)

    endpoint_id = fields.Many2one("bwt.webhook.outbound.endpoint", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10, required=True)
    kind = fields.Selection(
        [
            ("raw_body", "Body, as it is sent"),
            ("timestamp", "Timestamp"),
            ("webhook_id", "Webhook id"),
            ("http_method", "HTTP method"),
            ("request_url", "URL"),
            ("header", "Header"),
            ("literal", "Literal"),
        ],
        string="Part",
        required=True,
        default="raw_body",
    )
    value = fields.Char(size=255, help="The header's name, or the literal.")

    @api.constrains("kind", "value", "endpoint_id")
    def _check_value(self):
        self.endpoint_id._check_signature_parts()
        for part in self:
            if part.kind in ("header", "literal") and not part.value:
                raise ValidationError(
                    _("%s: a part of the signature needs its header's name, or its literal.", part.endpoint_id.name)
                )

    def _contract_values(self):
        self.ensure_one()
        named = self.kind in ("header", "literal")
        return {"kind": self.kind, **({"value": self.value} if named else {})}


class OutboundEndpoint(models.Model):
    """Signature, authentication and TLS of an endpoint."""

    _name = "bwt.webhook.outbound.endpoint"
    _inherit = "bwt.webhook.outbound.endpoint"

    signature_preset = fields.Selection(
        [("github", "Like GitHub"), ("stripe", "Like Stripe"), ("shopify", "Like Shopify"), ("slack", "Like Slack")],
        string="Fill in",
        store=False,
        help="Fills the fields below with what receivers of this kind check.",
    )
    signature_mode = fields.Selection(
        [("none", "None"), ("standard_webhooks", "Standard Webhooks"), ("hmac", "HMAC")],
        string="Signature",
        required=True,
        default="none",
        tracking=True,
    )
    signature_digest = fields.Selection(
        [("sha1", "SHA-1"), ("sha256", "SHA-256"), ("sha512", "SHA-512")],
        string="Digest",
        required=True,
        default="sha256",
        tracking=True,
    )
    signature_encoding = fields.Selection(
        [("hex", "Hexadecimal"), ("base64", "Base64")], string="Encoding", required=True, default="hex", tracking=True
    )
    signature_prefix = fields.Char(string="Prefix", size=64, help="Before each signature: sha256=, v1=.", tracking=True)
    signature_header_name = fields.Char(string="Signature Header", size=128, default="X-Signature", tracking=True)
    signature_header_template = fields.Char(
        string="Header's Value",
        size=255,
        default="{signatures}",
        help="{signatures} are separated by commas; {timestamp} is possible too: t={timestamp},{signatures}",
        tracking=True,
    )
    signature_joiner = fields.Char(
        string="Joined with", size=16, default=".", trim=False, help="Between the parts.", tracking=True
    )
    signature_timestamp_header_name = fields.Char(
        string="Timestamp Header", size=128, help="Empty: the timestamp has no header of its own.", tracking=True
    )
    signature_timestamp_format = fields.Selection(
        [("unix", "Unix seconds"), ("unix_ms", "Unix milliseconds"), ("iso8601", "ISO 8601")],
        string="Timestamp",
        required=True,
        default="unix",
        tracking=True,
    )
    signature_sign_with = fields.Selection(
        [("all", "All valid secrets"), ("newest", "The newest secret")],
        string="Signed with",
        required=True,
        default="all",
        help="While a secret is being replaced. Receivers that compare the header as a whole take one signature only.",
        tracking=True,
    )
    signature_part_ids = fields.One2many(
        "bwt.webhook.outbound.endpoint.signature.part",
        "endpoint_id",
        string="What Is Signed",
        copy=True,
        help="None: the body.",
    )

    auth_mode = fields.Selection(
        [
            ("none", "None"),
            ("basic", "User name and password"),
            ("bearer", "Bearer token"),
            ("api_key", "API key in a header"),
            ("oauth2_client_credentials", "OAuth 2 client credentials"),
        ],
        string="Authentication",
        required=True,
        default="none",
        tracking=True,
    )
    auth_username = fields.Char(string="User Name", size=255, tracking=True)
    auth_header_name = fields.Char(string="Key's Header", size=128, default="X-Api-Key", tracking=True)
    oauth2_token_url = fields.Char(string="Token URL", size=4096, tracking=True)
    oauth2_client_id = fields.Char(string="Client ID", size=255, tracking=True)
    oauth2_scope = fields.Char(string="Scope", size=1000, tracking=True)
    oauth2_audience = fields.Char(string="Audience", size=1000, tracking=True)
    oauth2_client_authentication = fields.Selection(
        [("header", "In the header (basic)"), ("body", "In the body")],
        string="Client Authentication",
        required=True,
        default="header",
        tracking=True,
    )
    client_certificate_pem = fields.Text(
        string="Client Certificate", help="PEM, with its chain. Its private key belongs under Secrets."
    )
    ca_certificate_pem = fields.Text(
        string="Trusted Authorities", help="PEM. Instead of those that the worker trusts, for this endpoint."
    )

    @api.onchange("signature_preset")
    def _onchange_signature_preset(self):
        preset = dict(PRESETS.get(self.signature_preset) or {})
        if preset:
            parts = preset.pop("parts", [("raw_body", False)])
            self.update({**PRESET_DEFAULTS, **preset})
            self.signature_part_ids = [
                Command.clear(),
                *(
                    Command.create({"sequence": 10 * place, "kind": kind, "value": value})
                    for place, (kind, value) in enumerate(parts, 1)
                ),
            ]

    # ---- shape

    @api.constrains(*REQUIRED, *(field for modes in REQUIRED.values() for names in modes.values() for field in names))
    def _check_security_fields(self):
        for endpoint in self:
            for mode_field, modes in REQUIRED.items():
                for field in modes.get(endpoint[mode_field], ()):
                    if not (endpoint[field] or "").strip():
                        raise ValidationError(
                            _(
                                "%(endpoint)s: %(field)s must not be empty with %(mode)s.",
                                endpoint=endpoint.name,
                                field=endpoint._fields[field]._description_string(self.env),
                                mode=dict(endpoint._fields[mode_field]._description_selection(self.env))[
                                    endpoint[mode_field]
                                ],
                            )
                        )

    @api.constrains(*PEM_CHARS_MAX)
    def _check_certificates(self):
        for endpoint in self:
            for field, chars_max in PEM_CHARS_MAX.items():
                text = endpoint[field] or ""
                label = endpoint._fields[field]._description_string(self.env)
                if "PRIVATE KEY" in text:
                    raise ValidationError(
                        _(
                            "%(field)s: a private key is no certificate. Add it under Secrets, as the client"
                            " certificate's key, where it is sealed.",
                            field=label,
                        )
                    )
                if len(text) > chars_max:
                    raise ValidationError(_("%(field)s is longer than %(max)s characters.", field=label, max=chars_max))

    @api.constrains("signature_part_ids")
    def _check_signature_parts(self):
        for endpoint in self:
            if len(endpoint.signature_part_ids) > PARTS_MAX:
                raise ValidationError(
                    _("%(endpoint)s: at most %(max)s parts can be signed.", endpoint=endpoint.name, max=PARTS_MAX)
                )

    # ---- contract

    def _contract_values(self):
        values = super()._contract_values()
        if self.signature_mode != "none":
            values["signature"] = self._signature_values()
        if self.auth_mode != "none":
            values["auth"] = self._auth_values()
        if tls := self._present({field: self[field] for field in PEM_CHARS_MAX}):
            values["tls"] = tls
        return values

    @api.model
    def _present(self, values):
        return {key: value.strip() for key, value in values.items() if value and value.strip()}

    def _signature_values(self):
        values = {"mode": self.signature_mode, "sign_with": self.signature_sign_with}
        if self.signature_mode == "hmac":
            values.update(
                digest=self.signature_digest,
                encoding=self.signature_encoding,
                joiner=self.signature_joiner or "",
                timestamp_format=self.signature_timestamp_format,
                parts=[part._contract_values() for part in self.signature_part_ids] or [{"kind": "raw_body"}],
                **self._present(
                    {
                        "prefix": self.signature_prefix,
                        "header_name": self.signature_header_name,
                        "header_template": self.signature_header_template,
                        "timestamp_header_name": self.signature_timestamp_header_name,
                    }
                ),
            )
        return values

    def _auth_values(self):
        mode = self.auth_mode
        values = {}
        if mode == "basic":
            values["username"] = self.auth_username
        elif mode == "api_key":
            values["header_name"] = self.auth_header_name
        elif mode == "oauth2_client_credentials":
            values.update(
                token_url=self.oauth2_token_url,
                client_id=self.oauth2_client_id,
                scope=self.oauth2_scope,
                audience=self.oauth2_audience,
                client_authentication=self.oauth2_client_authentication,
            )
        return {"mode": mode, **self._present(values)}
