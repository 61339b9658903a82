#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Every schema is valid draft 7, every reference leads somewhere, no definition is written twice; presets say what an
inbound endpoint of the contract can; the addon's copies of contract and presets are the same. `--sync` copies them.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schema"
ADDON = ROOT / "odoo_addon_stub" / "webhook_worker"
# Folder of the schema and its copy in the addon, and what is copied.
COPIED = ((SCHEMA / "contract", ADDON / "contract", "*.schema.json"), (SCHEMA / "presets", ADDON / "presets", "*.json"))


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def texts(folder, pattern):
    return {path.name: path.read_text() for path in folder.glob(pattern)}


def sync():
    for source, copy, pattern in COPIED:
        copy.mkdir(exist_ok=True)
        wanted = texts(source, pattern)
        for name in texts(copy, pattern).keys() - wanted.keys():
            (copy / name).unlink()
        for name, text in wanted.items():
            (copy / name).write_text(text)


def with_ids(node):
    """A preset's endpoint has no ids; the contract wants one of each line."""
    if isinstance(node, dict):
        return {name: with_ids(value) for name, value in node.items()}
    if isinstance(node, list):
        return [{"id": 1, **with_ids(item)} if isinstance(item, dict) else item for item in node]
    return node


def preset_offences(definitions):
    schema = {"$ref": "#/definitions/inbound_endpoint", "definitions": definitions}
    record = {"id": 1, "path": "x", "name": "x", "company_id": 1, "state": "draft", "retry_policy_id": 1}
    known = definitions["inbound_endpoint"]["properties"].keys() - record.keys()
    for path in sorted((SCHEMA / "presets").glob("*.json")):
        preset = json.loads(path.read_text())
        if preset["name"] != path.stem:
            yield f"{path.name}: its name is {preset['name']}"
        for member in preset["endpoint"].keys() - known:
            yield f"{path.name}: the endpoint has no {member}"
        for error in Draft7Validator(schema).iter_errors({**record, **with_ids(preset["endpoint"])}):
            yield f"{path.name}: {error.json_path}: {error.message}"


def main():
    if sys.argv[1:] == ["--sync"]:
        sync()
    offences = []
    for source, copy, pattern in COPIED:
        if texts(source, pattern) != texts(copy, pattern):
            offences.append(
                f"{copy.relative_to(ROOT)} is not a copy of {source.relative_to(ROOT)}: run check_schemas.py --sync")
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
    offences += preset_offences(definitions)
    for path in SCHEMA.glob("*.schema.json"):
        Draft7Validator.check_schema(json.loads(path.read_text()))
    print("\n".join(offences))
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
