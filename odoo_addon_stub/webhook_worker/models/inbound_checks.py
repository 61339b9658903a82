# SPDX-License-Identifier: LGPL-3.0-or-later
"""What an inbound endpoint needs to be active. Shape only: whether paths and secrets are any good, the worker says."""

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from .inbound_verification import LINES

# In the context while an endpoint's own change goes on, in which a line alone may look wrong. A caller by RPC has none.
_LATER = object()
AUTHENTICATION_SECRETS = {"basic": "basic_password", "bearer": "bearer_token", "api_key": "api_key"}


class InboundEndpoint(models.Model):
    """Checked when it is activated, and with every change of an active one, of its lines and of its secrets."""

    _name = "bwt.webhook.inbound.endpoint"
    _inherit = "bwt.webhook.inbound.endpoint"

    @api.model_create_multi
    def create(self, vals_list):
        later = self.with_context(webhook_configuration_checked=_LATER)
        return super(InboundEndpoint, later).create(vals_list).with_env(self.env)

    def write(self, vals):
        later = self.with_context(webhook_configuration_checked=_LATER)
        return super(InboundEndpoint, later).write(vals)

    def _check_configuration_now(self):
        """Unless it is checked later anyway."""
        if self.env.context.get("webhook_configuration_checked") is not _LATER:
            self.sudo()._check_configuration()

    @api.constrains(
        "state", "unverified_allowed", "delivery_identity_policy", "replay_identity_policy", "challenge",
        "authentication_mode", "authentication_username", "authentication_header_name", "signature_verification_mode",
        "signature_max_age_seconds", "signature_max_future_skew_seconds", "secret_ids", *LINES,
    )  # fmt: skip
    def _check_configuration(self):
        for endpoint in self.filtered(lambda endpoint: endpoint.state == "active"):
            problems = [
                *endpoint._verification_problems(),
                *endpoint._identity_problems(),
                *endpoint._signature_problems(),
                *endpoint._authentication_problems(),
            ]
            if problems:
                raise ValidationError(
                    _(
                        "%(endpoint)s cannot be active:\n%(problems)s",
                        endpoint=endpoint.name,
                        problems="\n".join(f"• {problem}" for problem in problems),
                    )
                )

    def _verification_problems(self):
        unverified = self.signature_verification_mode == "none" and self.authentication_mode == "none"
        if unverified and not self.unverified_allowed:
            yield _(
                "Whoever knows its address could send events. Choose a signature or an authentication, or tick Accept"
                " Unverified Requests."
            )

    def _identity_problems(self):
        for field in ("delivery_identity_policy", "replay_identity_policy"):
            if self[field] not in ("none", "body_sha256"):
                yield from self._value_problems(self[field], field)

    def _signature_problems(self):
        mode = self.signature_verification_mode
        if mode == "none":
            return
        yield from self._secret_problems("signing", "signature_verification_mode")
        if mode == "hmac":
            yield from self._value_problems("signature", "signature_verification_mode")
            if self.signature_max_age_seconds or self.signature_max_future_skew_seconds:
                yield from self._value_problems("signature_timestamp", "signature_max_age_seconds")

    def _authentication_problems(self):
        mode = self.authentication_mode
        if mode in AUTHENTICATION_SECRETS:
            yield from self._secret_problems(AUTHENTICATION_SECRETS[mode], "authentication_mode")
        for needing, field in (("basic", "authentication_username"), ("api_key", "authentication_header_name")):
            if mode == needing and not (self[field] or "").strip():
                yield _("%s must not be empty.", self._fields[field]._description_string(self.env))
        if self.challenge == "meta_hub":
            yield from self._secret_problems("challenge_token", "challenge")

    def _value_problems(self, semantic, field):
        """What is missing for a field's choice that takes the value with this meaning."""
        binding = self.semantic_binding_ids.filtered(lambda line: line.semantic_name == semantic)
        names = {
            "field": self._named(field),
            "meaning": dict(binding._fields["semantic_name"]._description_selection(self.env))[semantic],
        }
        if not binding:
            yield _(
                "%(field)s needs a value that means %(meaning)s: on the page Values, say which key it is under What the"
                " Values Mean.",
                **names,
            )
        elif binding.value_key not in self.source_ids.filtered("active").mapped("field_name"):
            yield _(
                "%(field)s needs the value %(key)s, which means %(meaning)s: on the page Values, add an active line"
                " with this key.",
                key=binding.value_key,
                **names,
            )

    def _secret_problems(self, purpose, field):
        now = fields.Datetime.now()
        valid = self.secret_ids.filtered(
            lambda secret: secret.purpose == purpose
            and (secret.sealed_value or secret.reference)
            and (not secret.expires_at or secret.expires_at > now)
        )
        if not valid:
            yield _(
                "%(field)s needs a secret: on the page Verification, add one for %(purpose)s.",
                field=self._named(field),
                purpose=dict(self.secret_ids._fields["purpose"]._description_selection(self.env))[purpose],
            )

    def _named(self, field):
        """Label and choice: Duplicate When: Same delivery ID."""
        label = self._fields[field]._description_string(self.env)
        if self._fields[field].type != "selection":
            return label
        return f"{label}: {dict(self._fields[field]._description_selection(self.env))[self[field]]}"
