#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Every schema is valid draft 7, every reference leads somewhere, no definition is written twice."""

import json
import sys
from pathlib import Path

from jsonschema import Draft7Validator

SCHEMA = Path(__file__).resolve().parent.parent / "schema"


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def main():
    offences = []
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
