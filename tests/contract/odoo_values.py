# SPDX-License-Identifier: LGPL-3.0-or-later
"""The addon's fields behind the members of the contract's inbound_endpoint."""

AUTH = {"mode": "authentication_mode", "username": "authentication_username",
        "header_name": "authentication_header_name"}  # fmt: skip
VERIFICATION = {
    "mode": "signature_verification_mode", "digest": "signature_digest_algorithm", "encoding": "signature_encoding",
    "prefix": "signature_prefix", "joiner": "signature_message_joiner",
    "timestamp_format": "signature_timestamp_format",
    "age_seconds_max": "signature_max_age_seconds", "future_skew_seconds_max": "signature_max_future_skew_seconds",
}  # fmt: skip
SOURCE = {"key": "field_name", "tier": "candidate_sequence", "normalize": "normalize_mode", "hash": "hash_algorithm"}
BINDING = {"semantic": "semantic_name", "key": "value_key"}
EXPRESSIONS = {"header": "header_name", "header_param": "header_name", "payload_path": "payload_path",
               "query_parameter": "query_parameter_name", "literal": "literal_value"}  # fmt: skip


def inbound_values(members):
    """What makes an endpoint of which the contract tells these members."""
    values = dict(members)
    values.update(_renamed(values.pop("auth", {}), AUTH))
    verification = dict(values.pop("verification", {}))
    parts = verification.pop("parts", ())
    values.update(_renamed(verification, VERIFICATION))
    values["signature_part_ids"] = [_line(part, {}, place) for place, part in enumerate(parts)]
    values["source_ids"] = [_line(item, SOURCE, place) for place, item in enumerate(values.pop("sources", ()))]
    values["semantic_binding_ids"] = [[0, 0, _renamed(item, BINDING)] for item in values.pop("semantic_bindings", ())]
    if "allowed_networks" in values:
        values["allowed_networks"] = "\n".join(values["allowed_networks"])
    return values


def _renamed(members, names):
    return {names.get(name, name): value for name, value in members.items()}


def _line(member, names, place):
    """The command that makes a source or a signature part."""
    line = _renamed(member, {**names, "kind": "source_kind", "parameter": "header_param_name"})
    if "expression" in line:
        line[EXPRESSIONS[line["source_kind"]]] = line.pop("expression")
    return [0, 0, {**line, "sequence": place}]
