# SPDX-License-Identifier: LGPL-3.0-or-later
"""Payloads as text: what is kept exactly, what is refused, what is only shown because it can't be stored or sent."""

import json
import re
import uuid
from datetime import date, datetime

from odoo import fields

# The body and the headers of one delivery together: an answer to a worker must stay of a size that can be carried.
PAYLOAD_BYTES_MAX = 10 * 1024 * 1024
TEXTS = (str, bytes, bytearray, memoryview)
# In text: U+0000, which PostgreSQL does not store, and surrogates, which no UTF-8 has.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# In JSON text: the escapes that may stand for them (a surrogate's may also be half of a valid pair).
_SUSPECT_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class Unstorable(ValueError):
    """The payload holds U+0000 or half a surrogate pair. `visible` is the payload with them written visibly."""

    def __init__(self, visible):
        super().__init__("U+0000 or a lone surrogate")
        self.visible = visible


def visible(text):
    """The text with U+0000 and lone surrogates written as the six characters of their escape."""
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def encode(payload):
    """The exact body for a payload: text and bytes as they are, anything else serialised once, compact and ASCII.

    Unstorable when it cannot be stored or sent; ValueError when it is no JSON.
    """
    if isinstance(payload, TEXTS):
        text = _decoded(payload)
    else:
        try:
            text = json.dumps(payload, separators=(",", ":"), allow_nan=False, default=_default)
        except (TypeError, RecursionError) as error:
            raise ValueError(str(error)) from error
    if _UNSTORABLE.search(text):
        raise Unstorable(visible(text))
    value = _parse(text) if isinstance(payload, TEXTS) else None
    if _SUSPECT_ESCAPE.search(text) and not is_storable(_parse(text) if value is None else value):
        raise Unstorable(text)
    return text


def encode_raw(payload):
    """A body that need not be JSON: text, or bytes that are UTF-8, as they are. Errors as those of `encode`."""
    if not isinstance(payload, TEXTS):
        raise ValueError(f"a text is expected, not a value of type {type(payload).__name__}")
    text = _decoded(payload)
    if _UNSTORABLE.search(text):
        raise Unstorable(visible(text))
    return text


def _decoded(payload):
    if isinstance(payload, str):
        return str(payload)
    try:
        return bytes(payload).decode("utf-8")
    except UnicodeDecodeError:
        raise Unstorable(visible(bytes(payload).decode("utf-8", "backslashreplace"))) from None


def _default(value):
    """Odoo's spelling of times; everything else is for the caller to convert."""
    if isinstance(value, datetime):
        return fields.Datetime.to_string(value)
    if isinstance(value, date):
        return fields.Date.to_string(value)
    raise TypeError(f"a value of type {type(value).__name__} has no JSON form")


def decode(text):
    """What stored JSON says, for code that only looks at it."""
    return json.loads(text or "{}")


def _parse(text):
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def is_storable(value):
    """Whether a parsed value holds neither U+0000 nor half a surrogate pair, keys included. Not recursive."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            if _UNSTORABLE.search(item):
                return False
        elif isinstance(item, dict):
            todo.extend(item)
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
    return True


def with_visible_texts(value):
    """A parsed value with every text made storable."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): with_visible_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_visible_texts(item) for item in value]
    return value


class Spelled(float):
    """A number of a JSON text that remembers how it was written: 1.10 and 1e400 stay what they are."""

    def __new__(cls, text):
        number = super().__new__(cls, text)
        number.text = text
        return number


def encode_spelled(value):
    """JSON, with numbers as they were spelled."""
    mark = uuid.uuid4().hex
    text = json.dumps(_marked(value, mark), ensure_ascii=False)
    return re.sub(f'"{mark}([^"]*)"', r"\1", text)


def _marked(value, mark):
    if isinstance(value, Spelled):
        return mark + value.text
    if isinstance(value, dict):
        return {key: _marked(item, mark) for key, item in value.items()}
    return [_marked(item, mark) for item in value] if isinstance(value, list) else value
