# SPDX-License-Identifier: LGPL-3.0-or-later
{
    "name": "Webhook Worker: test methods",
    "summary": "Echo and failures for the conformance tests of the worker's protocol clients. Never for production.",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["webhook_worker"],
    "installable": True,
}
