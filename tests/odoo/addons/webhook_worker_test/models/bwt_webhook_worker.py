# SPDX-License-Identifier: LGPL-3.0-or-later
import json

from psycopg2 import errors

from odoo import api, models
from odoo.exceptions import AccessDenied, AccessError, LockError, MissingError, UserError, ValidationError
from odoo.sql_db import PoolError

RAISED = {
    "user": (UserError, "This cannot be done."),
    "validation": (ValidationError, "claim: limit: 5000 is more than 1000"),
    "access": (AccessError, "You are not a member of the group Webhook Worker."),
    "missing": (MissingError, "Record does not exist or has been deleted."),
    "denied": (AccessDenied, "Access Denied"),
    "zero": (ZeroDivisionError, "division by zero"),
    "typeerror": (TypeError, "object of type 'int' has no len()"),
    "serialization": (errors.SerializationFailure, "could not serialize access due to concurrent update"),
    "pool": (PoolError, "The Connection Pool Is Full"),
    "lock": (LockError, "Cannot grab a lock on records, try again later."),
    "multiline": (UserError, "First line\nsecond line of the sentence"),
    "fake_traceback": (ValueError, 'Traceback-like\n  File "x", line 1\nodoo.exceptions.AccessError: fake'),
}
QUERIES = {
    "column": "SELECT nonsense FROM bwt_webhook_worker",
    "table": "SELECT 1 FROM bwt_webhook_nonsense",
    "shutdown": "SELECT pg_terminate_backend(pg_backend_pid())",
}
VALUES = {"none": None, "number": 5, "object": {"a": 1}}


class BwtWebhookWorker(models.Model):
    _inherit = "bwt.webhook.worker"

    @api.model
    def echo(self, request):
        """Answer the request's text as it arrived (tests/conformance/rpc)."""
        self._check_test_caller()
        return json.dumps({"echo": request})

    @api.model
    def fail(self, request):
        """Fail in the way that the request names (tests/unit/rpc/golden/record.py)."""
        self._check_test_caller()
        if request in RAISED:
            exception, message = RAISED[request]
            raise exception(message)
        if request in QUERIES:
            self.env.cr.execute(QUERIES[request])
        if request == "keyerror":
            return self.env["bwt.webhook.nonsense"]
        if request == "attribute":
            return self.nonsense
        return VALUES.get(request)

    def _check_test_caller(self):
        check = getattr(self, "_check_worker", None)
        if check:
            check()
