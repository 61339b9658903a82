# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a Python callback may raise to say why an event or a delivery is refused for good.

Each class has the category that the event shows, and the HTTP status that the gateway answers where it is the one who
finds the same wrong. A callback that returns None, or anything but the results of `webhook_done()` and its like, makes
a dead letter as well; a UserError or any other exception is tried again on the retry policy's schedule.
"""

from odoo.exceptions import ValidationError


class WebhookValidationError(ValidationError):
    """The event or delivery does not hold what it must."""

    rejection_category = "validation"
    http_status_code = 400


class WebhookPayloadValidationError(WebhookValidationError):
    """The payload has another shape than expected."""

    rejection_category = "payload"


class WebhookSignatureValidationError(WebhookValidationError):
    """The signature is missing or wrong."""

    rejection_category = "signature"
    http_status_code = 403


class WebhookFreshnessValidationError(WebhookSignatureValidationError):
    """The timestamp lies outside the allowed window."""

    rejection_category = "freshness"


class WebhookProcessingConfigurationError(WebhookValidationError):
    """The handler or endpoint is not configured as it must be."""

    rejection_category = "configuration"
