# SPDX-License-Identifier: LGPL-3.0-or-later
"""The shapes of the contract's requests: the JSON schemas in the folder `contract`, compiled to functions once.

They are copies of the project's `schema/contract/` (`scripts/check_schemas.py` compares them). A check is a function
of a value that raises Misfit. Only the words of JSON Schema that the contract uses are known.
"""

import json
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "contract"
_NOTES = {"description", "title"}


class Misfit(Exception):
    """What does not fit, and where."""

    def __init__(self, expectation):
        super().__init__(expectation)
        self.expectation, self.path = expectation, ""

    def below(self, step):
        """The same, seen from one level above. Paths are put together only when something is wrong."""
        self.path = f"/{step}{self.path}"
        return self

    def __str__(self):
        return f"{self.path or '/'}: {self.expectation}"


def definitions():
    """All definitions of the folder: they share one name space."""
    found = {}
    for path in sorted(FOLDER.glob("*.schema.json")):
        found.update(json.loads(path.read_text(encoding="utf-8"))["definitions"])
    return found


class Compiler:
    """Schemas to checks; each definition once."""

    def __init__(self, known):
        self.known, self.compiled = known, {}

    def definition(self, name):
        if name not in self.compiled:
            self.compiled[name] = self.check(self.known[name])
        return self.compiled[name]

    def check(self, schema):
        """A schema without `type` and `enum` takes anything."""
        checks = [self.check(part) for part in schema.get("allOf", ())]
        if "$ref" in schema:
            checks.append(self.definition(schema["$ref"].removeprefix("#/definitions/")))
        if "enum" in schema:
            checks.append(one_of(schema["enum"]))
        if "type" in schema:
            words = {word: value for word, value in schema.items() if word not in _NOTES | {"type", "allOf", "$ref"}}
            checks.append(getattr(self, f"_{schema['type']}")(**words))
        return checks[0] if len(checks) == 1 else every(checks)

    def _object(self, required=(), properties=None, additionalProperties=True):  # noqa: N803
        known = {name: self.check(schema) for name, schema in (properties or {}).items()}
        other = self.check(additionalProperties) if isinstance(additionalProperties, dict) else None

        def check(value):
            if not isinstance(value, dict):
                raise Misfit("an object is expected")
            for name in required:
                if name not in value:
                    raise Misfit(f"{name} is missing")
            for name, element in value.items():
                one = known.get(name, other)
                if one:
                    try:
                        one(element)
                    except Misfit as misfit:
                        raise misfit.below(name)
                elif not additionalProperties:
                    raise Misfit(f"there is no {name!r}")

        return check

    def _array(self, items=None, minItems=0, maxItems=None):  # noqa: N803
        item = self.check(items or {})

        def check(value):
            if not isinstance(value, list):
                raise Misfit("a list is expected")
            if maxItems is not None and len(value) > maxItems:
                raise Misfit(f"at most {maxItems} items are allowed")
            if len(value) < minItems:
                raise Misfit(f"at least {minItems} items are expected")
            for position, element in enumerate(value):
                try:
                    item(element)
                except Misfit as misfit:
                    raise misfit.below(position)

        return check

    def _string(self, pattern=None, maxLength=None, minLength=0):  # noqa: N803
        # In JSON Schema `$` is the end of the text; in Python also the place before a last line break.
        fits = re.compile(re.sub(r"\$$", r"\\Z", pattern)).search if pattern else None

        def check(value):
            if not isinstance(value, str):
                raise Misfit("a text is expected")
            if maxLength is not None and len(value) > maxLength:
                raise Misfit(f"at most {maxLength} characters are allowed")
            if len(value) < minLength:
                raise Misfit("must not be empty")
            if fits and not fits(value):
                raise Misfit(f"has not the form {pattern}")

        return check

    def _integer(self, minimum=None, maximum=None):
        limits = "" if minimum is None else f", at least {minimum}" if maximum is None else f", {minimum} to {maximum}"
        low, high = float("-inf") if minimum is None else minimum, float("inf") if maximum is None else maximum

        def check(value):
            if type(value) is not int or not low <= value <= high:
                raise Misfit(f"an integer is expected{limits}")

        return check

    def _boolean(self):
        def check(value):
            if not isinstance(value, bool):
                raise Misfit("true or false is expected")

        return check


def one_of(allowed):
    choices = frozenset(allowed)

    def check(value):
        if not isinstance(value, str) or value not in choices:
            raise Misfit(f"must be one of {', '.join(allowed)}")

    return check


def every(checks):
    def check(value):
        for one in checks:
            one(value)

    return check


_DEFINITIONS = definitions()
_compiler = Compiler(_DEFINITIONS)
REQUESTS = {
    name.removesuffix("_request"): _compiler.definition(name) for name in _DEFINITIONS if name.endswith("_request")
}
TIME_MS_MAX = _DEFINITIONS["time_ms"]["maximum"]  # Python knows no later year
