#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Every schema is valid draft 7, every reference leads somewhere, no definition is written twice; the addon's copies of
the contract are the contract. `--sync` copies it.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schema"
COPIES = ROOT / "odoo_addon_stub" / "webhook_worker" / "contract"


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def contract(folder):
    return {path.name: path.read_text() for path in folder.glob("*.schema.json")}


def sync():
    COPIES.mkdir(exist_ok=True)
    wanted = contract(SCHEMA / "contract")
    for name in contract(COPIES).keys() - wanted.keys():
        (COPIES / name).unlink()
    for name, text in wanted.items():
        (COPIES / name).write_text(text)


def main():
    if sys.argv[1:] == ["--sync"]:
        sync()
    offences = []
    if contract(SCHEMA / "contract") != contract(COPIES):
        offences.append(f"{COPIES.relative_to(ROOT)} is not a copy of schema/contract: run check_schemas.py --sync")
    definitions = {}
    for path in sorted((SCHEMA / "contract").glob("*.schema.json")):
        document = json.loads(path.read_text())
        Draft7Validator.check_schema(document)
        for name, definition in document["definitions"].items():
            if name in definitions:
                offences.append(f"{path.name}: {name} is defined in another file too")
            definitions[name] = definition
    for name, definition in definitions.items():
        for reference in references(definition):
            if reference.removeprefix("#/definitions/") not in definitions:
                offences.append(f"{name}: {reference} leads nowhere")
    for path in SCHEMA.glob("*.schema.json"):
        Draft7Validator.check_schema(json.loads(path.read_text()))
    print("\n".join(offences))
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
