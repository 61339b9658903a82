# SPDX-License-Identifier: LGPL-3.0-or-later
{
    "name": "Webhook Worker: test models",
    "summary": "A model with every type of field, callbacks and inherited fields for the end-to-end tests."
    " Never for production.",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["webhook_worker", "sale"],
    "data": ["security/ir.model.access.csv"],
    "installable": True,
}
