#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""The rules of the tree that no compiler checks: who may include whom, what only one file may call, how long a file
may be, that every test runs. Prints each offence as file:line: what, and exits 1 when there is one."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPDX = "SPDX-License-Identifier: LGPL-3.0-or-later"

# Folder: the folders of ours that its files may include. `lib` never includes `rpc`, nothing includes `app`.
MAY_INCLUDE = {
    "lib/base": {"lib/base"},
    "lib/model": {"lib/base", "lib/model"},
    "lib/rules": {"lib/base", "lib/model", "lib/rules"},
    "lib/signing": {"lib/base", "lib/signing"},
    "lib/callback": {"lib/base", "lib/model", "lib/rules", "lib/callback"},
    "lib/callback_host": {"lib/base", "lib/model", "lib/callback", "lib/delivery", "lib/callback_host"},
    "lib/delivery": {"lib/base", "lib/model", "lib/rules", "lib/signing", "lib/callback", "lib/delivery"},
    "lib/inbound": {"lib/base", "lib/model", "lib/rules", "lib/signing", "lib/delivery", "lib/inbound"},
    "lib/journal": {"lib/base", "lib/model", "lib/signing", "lib/delivery", "lib/journal"},
    "lib/net": {"lib/base", "lib/delivery", "lib/net"},
    "lib/secrets": {"lib/base", "lib/model", "lib/signing", "lib/delivery", "lib/secrets"},
    "lib/config": {"lib/base", "lib/delivery", "lib/net", "lib/config"},
    "lib/observe": {"lib/base", "lib/observe"},
    "rpc": {"lib/base", "lib/model", "lib/delivery", "rpc"},
    "rpc/embedded": {"lib/base", "lib/model", "lib/delivery", "rpc/embedded"},
    "app": {"lib/base", "lib/model", "lib/rules", "lib/signing", "lib/callback", "lib/callback_host", "lib/delivery",
            "lib/journal", "lib/net", "lib/secrets", "lib/config", "lib/observe", "lib/inbound", "rpc",
            "rpc/embedded", "app"},
}
# The double is for tests and the demo: the worker does not contain it.
NOT_IN_WORKER = {"rpc/embedded"}
# Made by the build.
GENERATED = {"contract_schemas.h"}
# Of lib/delivery, adapters see the ports only.
PORTS_ONLY = {"lib/journal", "lib/net", "lib/secrets", "lib/config", "lib/callback_host", "rpc"}

# Pattern: (the files that may hold it, what to use instead).
BANNED = {
    r"\b(system_clock|steady_clock)::now\b": ({"lib/base/clock.cc"}, "take a base::Clock"),
    r"\b(s?rand|random_device|mt19937)\b\s*[({]": (set(), "take a base::Random"),
    r"\bsleep_(for|until)\b|\busleep\s*\(": (set(), "wait on a condition or on the strand"),
    r"\.detach\s*\(\)": (set(), "own the thread and join it"),
    r"\babort\s*\(\)|\b_?exit\s*\(\d": ({"lib/base/assert.cc"}, "throw, or return a value; only main exits"),
    r"\bcatch\s*\(\s*\.\.\.\s*\)": ({"app/webhook_worker/main.cc", "lib/callback/dispatch.cc"},
                                    "catch what you expect"),
    r"\bstd::regex\b": ({"rpc/embedded/shapes.cc"}, "RE2: linear time"),  # the double's own schemas, short texts
    r"#include\s*<SQLiteCpp/": ("lib/journal/", "only the journal knows SQLite"),
    r"#include\s*<spdlog/": ("lib/observe/", "take a base::EventLog"),
    r"#include\s*<toml": ("lib/config/", "only the configuration knows TOML"),
}
LINES_MAX = 400
TEST_LINES_MAX = 650  # a list of cases may be longer than code that one must understand
# Longer than the limit today. The number may only go down; a file that got short enough leaves the list.
LINES_MAX_NOW = {}


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in sorted(set(listed.splitlines())) if (ROOT / line).is_file()]


def folder_of(path, known):
    """The longest known folder that holds the path, or None."""
    return max((folder for folder in known if path.startswith(folder + "/")), key=len, default=None)


class Offences:
    def __init__(self):
        self.lines = []

    def add(self, path, line, what):
        self.lines.append(f"{path.relative_to(ROOT)}:{line}: {what}")


def check_includes(path, lines, offences):
    name = str(path.relative_to(ROOT))
    folder = folder_of(name, MAY_INCLUDE)
    if folder is None:
        return
    for number, line in enumerate(lines, 1):
        found = re.match(r'#include "([^"]+)"', line)
        if not found:
            continue
        target = folder_of(found[1], MAY_INCLUDE)
        if found[1] in GENERATED:
            continue
        if target is None:
            offences.add(path, number, f"{found[1]}: include files of ours by their path from the root")
        elif target not in MAY_INCLUDE[folder]:
            offences.add(path, number, f"{folder} must not include {target}")
        elif folder in PORTS_ONLY and target == "lib/delivery" and "/ports/" not in found[1]:
            offences.add(path, number, f"{folder} sees only the ports of lib/delivery")
        elif name.startswith("app/webhook_worker/") and target in NOT_IN_WORKER:
            offences.add(path, number, "the worker does not contain the double")


def check_banned(path, lines, offences):
    name = str(path.relative_to(ROOT))
    if name.startswith("tests/"):
        return
    for pattern, (allowed, instead) in BANNED.items():
        if name in allowed if isinstance(allowed, set) else name.startswith(allowed):
            continue
        for number, line in enumerate(lines, 1):
            if re.search(pattern, line.split("//")[0]):
                offences.add(path, number, f"{line.strip()[:60]}: {instead}")


def check_length(path, lines, offences):
    name = str(path.relative_to(ROOT))
    limit = LINES_MAX_NOW.get(name, TEST_LINES_MAX if "tests/" in name else LINES_MAX)
    if len(lines) > limit:
        offences.add(path, len(lines), f"{len(lines)} lines; at most {limit}: is it one thing?")
    if name in LINES_MAX_NOW and len(lines) <= LINES_MAX:
        offences.add(path, len(lines), "is short enough now: take it out of LINES_MAX_NOW")


def check_spdx(path, lines, offences):
    if not any(SPDX in line for line in lines[:2]):
        offences.add(path, 1, f"the first line, or the one after #!, says {SPDX}")


def check_tests(offences):
    """Every test program source is in a CMakeLists.txt beside it, every Python test is found by its name."""
    for path in tracked("tests/**/*_test.cc"):
        listed = (path.parent / "CMakeLists.txt")
        if not listed.is_file() or path.name not in listed.read_text():
            offences.add(path, 1, "no CMakeLists.txt beside it runs this test")
    skip = re.compile(r"doctest::(skip|may_fail)|pytest\.mark\.(skip|xfail)|pytest\.skip\(|unittest\.skip|skipTest\(|"
                      r"^\s*//\s*TEST_CASE")
    for path in tracked("tests", "odoo_addon_stub"):
        if path.suffix not in {".cc", ".h", ".py"}:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if skip.search(line):
                offences.add(path, number, "a test that does not run: mend it or delete it")


def main():
    offences = Offences()
    for path in tracked("*.cc", "*.h"):
        lines = path.read_text().splitlines()
        for check in (check_includes, check_banned, check_length, check_spdx):
            check(path, lines, offences)
    for path in tracked("*.py", "*.sh", "*.cmake", "CMakeLists.txt", "*/CMakeLists.txt"):
        lines = path.read_text().splitlines()
        if lines:
            check_spdx(path, lines, offences)
            check_length(path, lines, offences)
    check_tests(offences)
    print("\n".join(offences.lines))
    return 1 if offences.lines else 0


if __name__ == "__main__":
    sys.exit(main())
