# SPDX-License-Identifier: LGPL-3.0-or-later
"""What the worker must know of fields to coerce values: of those that a handler's rules name, as its execution user
sees them.
"""

from .execution import OperationRefused, execution_env

TYPES = {
    "boolean", "integer", "float", "monetary", "char", "text", "html", "date", "datetime", "selection", "many2one",
    "many2many", "one2many", "binary", "properties", "reference",
}  # fmt: skip
NEVER_WRITTEN = {"id", "create_uid", "create_date", "write_uid", "write_date", "display_name"}
ATTRIBUTES = ["type", "string", "relation", "selection", "size", "required"]


def field_metadata(handler, rules, allowed_models):
    """{model: {field: metadata}}; `rules` as the configuration document has them, `allowed_models` of a callback."""
    try:
        env = execution_env(handler.env, handler, handler.company_id)
    except OperationRefused:
        return {}  # nothing can be written without an execution user; the worker says so
    env = env(context={**env.context, "lang": "en_US"})
    wanted = {}
    for rule in rules:
        for path in rule_paths(rule):
            _note_path(env, wanted, rule["target_model"], path)
    for model_name in allowed_models:
        _note_writable(env, wanted, model_name)
    found = {model_name: _describe(env[model_name], names) for model_name, names in wanted.items()}
    return {model_name: fields for model_name, fields in found.items() if fields}


def rule_paths(rule):
    """The fields of the rule's target model that it names, each a list of steps."""
    if "target_model" not in rule:
        return
    for lookup in rule["lookups"]:
        yield lookup["field"].split(".")
    for assignment in rule["assignments"]:
        if assignment["scope"] == "field":
            # partner_id/id and partner_id/.id are spellings of a record's ids
            yield [step for step in assignment["target"].split("/") if step not in ("id", ".id")]


def _note_path(env, wanted, model_name, path):
    for name in path:
        if model_name not in env or name not in env[model_name]._fields:
            return
        wanted.setdefault(model_name, set()).add(name)
        model_name = env[model_name]._fields[name].comodel_name or ""


def _note_writable(env, wanted, model_name, deeper=True):
    """Every stored field that may be written, and those of the lines of its one2many fields."""
    if model_name not in env:
        return
    for name, field in env[model_name]._fields.items():
        if (field.store or field.inverse) and not is_readonly(field):
            wanted.setdefault(model_name, set()).add(name)
            if deeper and field.type == "one2many":
                _note_writable(env, wanted, field.comodel_name, deeper=False)


def is_readonly(field):
    """Never written by anybody: the UI's `readonly` does not count."""
    return field.name in NEVER_WRITTEN or bool(field.compute and not field.inverse and field.readonly)


def _describe(model, names):
    described = {}
    for name, info in model.fields_get(sorted(names), ATTRIBUTES).items():
        field = model._fields[name]
        meta = {"type": _type(info["type"]), "label": info["string"]}
        if info.get("required"):
            meta["required"] = True
        if is_readonly(field):
            meta["readonly"] = True
        if info.get("relation"):
            meta["relation"] = info["relation"]
        if isinstance(info.get("selection"), (list, tuple)) and info["type"] == "selection":
            meta["selection"] = [[str(key), str(label)] for key, label in info["selection"]]
        if info["type"] == "char" and field.size:
            meta["size"] = field.size
        described[name] = meta
    return described


def _type(name):
    return "integer" if name == "many2one_reference" else name if name in TYPES else "other"
