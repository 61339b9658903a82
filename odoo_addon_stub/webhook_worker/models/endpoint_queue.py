# SPDX-License-Identifier: LGPL-3.0-or-later
import json
import os
import time
import uuid
from datetime import timedelta, timezone

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import compat
from . import payload as payloads
from . import wake
from .contract_rows import EPOCH

PRIORITIES = {"1", "2", "3"}
IDENTITY_KEY_MAX = 512
LANE_MAX = 255
CONTEXT_BYTES_MAX = 65536


def uuid7():
    """A UUID whose first half is the time, so that the unique indexes over millions of them grow at one end."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


class OutboundEndpointQueue(models.Model):
    """Queueing: the one thing that business code does with an endpoint."""

    _inherit = "bwt.webhook.outbound.endpoint"

    @compat.private
    def queue_delivery(self, payload, **options):
        """Queues one delivery in the caller's transaction, and wakes the workers once that is committed.

        :param payload: a dict or list, serialised once; or text or bytes that are JSON already and are kept exactly.
            Forms are made of a dict or the text of an object; the body `raw` is text or bytes, sent exactly
        :param headers: a mapping of business headers, names to values; those whose value is None are left out
        :param identity_key: the same key again (in this endpoint) returns the delivery it made before
        :param lane: deliveries of one lane are sent one after the other, in the order of their commits. None: as the
            endpoint's `ordering` says; False: none
        :param record: the business record it is about
        :param context: a dict for the handler's rules (`context_key`), of CONTEXT_BYTES_MAX as JSON
        :param priority: '1' high, '2' normal, '3' low
        :param name: what to call it in lists
        :param files: of a multipart body: attachments or their ids, or dicts of `attachment` or `content` (bytes), and
            optionally `name` (of the form's field), `filename`, `content_type`. Copied at once
        :param expires_in: after so many seconds it is of no use, and becomes a dead letter instead of being sent
        :param expires_at: the same, as a time (UTC)
        :return: the delivery; a UserError when payload, headers and files are larger than PAYLOAD_BYTES_MAX
        """
        return self.queue_deliveries([{"payload": payload, **options}])

    @compat.private
    def queue_deliveries(self, requests):
        """`queue_delivery` for many: a list of dicts of its arguments; the deliveries in the same order.

        Any internal user's business code may queue, although only webhook users have rights on these models: the
        rows are created as superuser, after the checks of `_check_may_queue`, and of nothing else.
        """
        self.ensure_one()
        self._check_may_queue()
        endpoint = self.sudo()
        # Odoo's `_` takes the language from a local variable called `context`.
        requests = [
            {"context_values" if name == "context" else name: value for name, value in request.items()}
            for request in requests
        ]
        files_list = [self._files(request.pop("files", None)) for request in requests]
        values_list = [
            endpoint._delivery_values(**request, files=files) for request, files in zip(requests, files_list)
        ]
        wake.after_commit(self.env)
        return endpoint._create_deliveries(values_list, files_list).with_env(self.env)

    def _check_may_queue(self):
        """Internal users (and superuser code), on endpoints of their companies that take new work."""
        endpoint = self.sudo()
        if not self.env.su:
            if not self.env.user._is_internal():
                raise AccessError(_("Only internal users may queue webhook deliveries."))
            if endpoint.company_id not in self.env.user.company_ids:
                raise AccessError(_("The endpoint %(endpoint)s belongs to another company.", endpoint=endpoint.name))
        if endpoint.state != "active":
            raise UserError(
                _("The endpoint %(endpoint)s is not active: nothing can be queued on it.", endpoint=endpoint.name)
            )

    def _delivery_values(
        self,
        payload,
        headers=None,
        identity_key=None,
        lane=None,
        record=None,
        priority="2",
        name=None,
        context_values=None,
        files=(),
        expires_in=None,
        expires_at=None,
    ):
        """The row for one request. A payload that can't be stored or sent is a dead letter, never an exception."""
        if str(priority) not in PRIORITIES:
            raise ValidationError(_("The priority must be 1 (high), 2 (normal) or 3 (low)."))
        if record:
            record.ensure_one()
        identity_key, lane = self._storable(identity_key), self._lane(lane, record)
        if len(identity_key) > IDENTITY_KEY_MAX:
            raise ValidationError(_("An identity key has at most %s characters.", IDENTITY_KEY_MAX))
        if len(lane) > LANE_MAX:
            raise ValidationError(_("A lane's name has at most %s characters.", LANE_MAX))
        now = self.env.cr.now()
        values = {
            "name": self._storable(name) or f"{self.name} / {now:%Y-%m-%d %H:%M:%S}",
            "endpoint_id": self.id,
            "company_id": self.company_id.id,
            "handler_id": self.handler_id.id,
            "state": "queued",
            "delivery_uid": uuid7(),
            "http_method": self.http_method,
            "request_body_mode": self.request_body_mode,
            "queued_at": now,
            "next_attempt_at": now,
            "expires_at": self._expiry(expires_in, expires_at, now),
            "priority": str(priority),
            "lane": lane or False,
            "identity_key": identity_key or False,
        }
        if record:
            values.update(res_model=record._name, res_id=record.id)
        if context_values:
            values["context_values_json"] = self._context_text(context_values)
        values["request_headers_json"], headers_stored = self._headers_text(headers)
        values["payload_json"], payload_stored = self._payload_text(payload)
        self._check_size(values, files)
        if not (headers_stored and payload_stored):
            values.update(
                state="dead_letter",
                processed_at=now,
                next_attempt_at=False,
                failure_reason="payload_invalid",
                failure_message=self._unstorable_message(headers_stored),
            )
        return values

    @api.model
    def _storable(self, value):
        """A name, key or lane as text; an empty one for None and False."""
        return "" if value is None or value is False else payloads.visible(str(value))

    def _lane(self, lane, record):
        """The one asked for, else that of the endpoint's ordering: one for all, or one for each record."""
        if lane is None and self.ordering == "endpoint":
            return "endpoint"
        if lane is None and self.ordering == "record" and record:
            return f"{record._name},{record.id}"
        return self._storable(lane)

    @api.model
    def _expiry(self, seconds, moment, now):
        if seconds is None:
            if getattr(moment, "tzinfo", None):
                moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
            # The contract knows no time before 1970, and what expired, expired.
            return max(fields.Datetime.to_datetime(moment), EPOCH + timedelta(seconds=1)) if moment else False
        if moment or isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds <= 0:
            raise ValidationError(_("A delivery expires in a number of seconds above 0, or at a time; not both."))
        try:
            # The column keeps whole seconds: never before the time that was given.
            return (now + timedelta(seconds=seconds + 0.999999)).replace(microsecond=0)
        except OverflowError:
            return False

    def _check_size(self, values, files):
        size = sum(len(values[name].encode()) for name in ("payload_json", "request_headers_json"))
        size += sum(len(file.content) for file in files)
        if size > payloads.PAYLOAD_BYTES_MAX:
            raise UserError(
                _(
                    "The payload for %(endpoint)s has %(size)s bytes with its headers and files; at most %(limit)s are"
                    " allowed."
                    " Nothing was queued.",
                    endpoint=self.name,
                    size=size,
                    limit=payloads.PAYLOAD_BYTES_MAX,
                )
            )

    def _unstorable_message(self, headers_stored):
        if headers_stored:
            return _("The payload holds U+0000 or half a surrogate pair, shown here as an escape: that cannot be sent.")
        return _("The headers hold U+0000 or half a surrogate pair, shown here as an escape: that cannot be sent.")

    def _payload_text(self, payload):
        mode = self.request_body_mode
        try:
            text = payloads.encode_raw(payload) if mode == "raw" else payloads.encode(payload)
            if mode in ("form_urlencoded", "multipart") and not isinstance(payloads.decode(text), dict):
                raise ValidationError(
                    _("The payload for %(endpoint)s must be a dict: a form is made of it.", endpoint=self.name)
                )
            return text, True
        except payloads.Unstorable as error:
            return error.visible, False
        except ValueError as error:
            if mode == "raw":
                raise ValidationError(
                    _("The payload for %(endpoint)s is raw text: %(error)s", endpoint=self.name, error=error)
                ) from error
            raise ValidationError(
                _("The payload for %(endpoint)s is no JSON: %(error)s", endpoint=self.name, error=error)
            ) from error

    def _headers_text(self, headers):
        if not all(isinstance(name, str) and name for name in headers or {}):
            raise ValidationError(_("Header names must be texts."))
        texts = {name: str(value) for name, value in (headers or {}).items() if value is not None}
        stored = payloads.is_storable(texts)
        return json.dumps(texts if stored else payloads.with_visible_texts(texts)), stored

    def _context_text(self, values):
        try:
            if not isinstance(values, dict):
                raise ValueError(_("a dict is expected"))
            text = payloads.encode(values)
        except ValueError as error:
            raise ValidationError(
                _("The context for %(endpoint)s is no JSON object: %(error)s", endpoint=self.name, error=error)
            ) from error
        if len(text) > CONTEXT_BYTES_MAX:
            raise UserError(
                _(
                    "The context for %(endpoint)s is larger than %(max)s bytes.",
                    endpoint=self.name,
                    max=CONTEXT_BYTES_MAX,
                )
            )
        return text

    def _create_deliveries(self, values_list, files_list):
        """Creates what is new; a reserved identity key gives the delivery that reserved it."""
        deliveries = self.env["bwt.webhook.outbound.delivery"]
        keys = [values["identity_key"] for values in values_list if values["identity_key"]]
        known = self.env["bwt.webhook.identity.key"]._reserve(self, keys)
        seen, new, new_files = set(known), [], []
        for values, files in zip(values_list, files_list):
            key = values["identity_key"]
            if not key or key not in seen:
                new.append(values)
                new_files.append(files)
                seen.add(key)
        created = deliveries.create(new)
        for delivery, files in zip(created, new_files):
            if files:
                delivery._attach_files(files)
        created._freeze_field_values()
        fresh = {delivery.identity_key: delivery.id for delivery in created if delivery.identity_key}
        self.env["bwt.webhook.identity.key"]._assign(self, fresh)
        by_key, plain = {**known, **fresh}, iter(created.filtered(lambda delivery: not delivery.identity_key).ids)
        ids = [by_key[values["identity_key"]] if values["identity_key"] else next(plain) for values in values_list]
        dead = created.filtered(lambda delivery: delivery.state == "dead_letter")
        if dead:
            dead._on_dead_letter()
        return deliveries.browse(ids)

    @api.model
    def _check_access_admin(self):
        if not self.env.user.has_group("webhook_worker.group_webhooks_admin"):
            raise AccessError(_("Only a Webhooks Administrator may do that."))

    def action_queue_test(self, payload_text, headers=None, copies=1):
        """Queues deliveries by hand, for administrators; the ids."""
        self.ensure_one()
        self._check_access_admin()
        compat.check_access(self, "read")
        try:
            copies = max(1, min(int(copies), 1000))
        except (TypeError, ValueError):
            raise UserError(_("The number of copies must be a whole number.")) from None
        return self.queue_deliveries([{"payload": payload_text, "headers": headers}] * copies).ids
