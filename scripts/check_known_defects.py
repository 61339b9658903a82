#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""tests/regressions/known_defects.toml: every number stands there once, with tests that exist or the reason why there
is none. Prints each offence, and exits 1 when there is one."""

import re
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests/regressions/known_defects.toml"
NUMBERS = {str(number) for number in range(1, 46)} | {"8b", "8c"} | {f"g{number}" for number in range(1, 12)}
# The name may be several literals in a row; what follows it are types, tags or the body.
CASE = re.compile(r'^\s*TEST_CASE(?:_TEMPLATE|_FIXTURE)?\((?:\s*\w+,)?\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')
FUNCTION = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)


@cache
def tests_of(path):
    """The names of the tests of a file."""
    file = ROOT / path
    text = file.read_text() if file.is_file() else ""
    if file.suffix == ".py":
        return set(FUNCTION.findall(text))
    return {re.sub(r"\\(.)", r"\1", "".join(LITERAL.findall(name))) for name in CASE.findall(text)}


def offences(defects):
    numbers = [defect.get("number") for defect in defects]
    for number in sorted(NUMBERS - set(numbers)):
        yield f"{number} is missing"
    for number in sorted({str(number) for number in numbers if numbers.count(number) > 1 or number not in NUMBERS}):
        yield f"{number} stands there twice, or is no number of a known defect"
    for defect in defects:
        number = defect.get("number")
        if not defect.get("was"):
            yield f"{number} does not say what was wrong"
        if not defect.get("tests") and not defect.get("not_yet"):
            yield f"{number} has neither tests nor the reason why there are none"
        for test in defect.get("tests", []):
            path, _colons, name = test.partition("::")
            if name not in tests_of(path):
                yield f"{number} names a test that does not exist: {test}"


def main():
    found = list(offences(tomllib.loads(TABLE.read_text())["defect"]))
    for offence in found:
        print(f"{TABLE.relative_to(ROOT)}: {offence}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
