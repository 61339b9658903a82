#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Verifies a signed request as its receivers do, each by its own documentation, with Python's hmac alone.

    verify_signature.py REQUEST.json    # {"style", "secret", "headers": {name: value}, "body": base64}

Exit code 0: the receiver would accept it."""

import base64
import hashlib
import hmac
import json
import sys


def hexadecimal(secret, message, digest=hashlib.sha256):
    return hmac.new(secret.encode(), message, digest).hexdigest()


def github(secret, headers, body):
    return hmac.compare_digest("sha256=" + hexadecimal(secret, body), headers["x-hub-signature-256"])


def github_sha1(secret, headers, body):
    return hmac.compare_digest("sha1=" + hexadecimal(secret, body, hashlib.sha1), headers["x-hub-signature"])


def stripe(secret, headers, body):
    """Every v1 of the header may be the one: that is how a secret is replaced there."""
    items = [item.split("=", 1) for item in headers["stripe-signature"].split(",")]
    [timestamp] = [value for name, value in items if name == "t"]
    expected = hexadecimal(secret, timestamp.encode() + b"." + body)
    return any(hmac.compare_digest(expected, value) for name, value in items if name == "v1")


def slack(secret, headers, body):
    base = b"v0:" + headers["x-slack-request-timestamp"].encode() + b":" + body
    return hmac.compare_digest("v0=" + hexadecimal(secret, base), headers["x-slack-signature"])


def shopify(secret, headers, body):
    expected = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected, headers["x-shopify-hmac-sha256"])


def sha512(secret, headers, body):
    """A receiver of our own making: method, URL, a header and the body, one a line."""
    message = b"\n".join([b"PUT", b"https://example.com/in?a=1", headers["x-tenant"].encode(), body])
    return hmac.compare_digest(hexadecimal(secret, message, hashlib.sha512), headers["x-signature"])


def standard(secret, headers, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, entry) for entry in headers["webhook-signature"].split(" "))


VERIFIERS = {f.__name__: f for f in (github, github_sha1, stripe, slack, shopify, sha512, standard)}


def main(path):
    with open(path, encoding="utf-8") as file:
        request = json.load(file)
    headers = {name.lower(): value for name, value in request["headers"].items()}
    body = base64.b64decode(request["body"], validate=True)
    return 0 if VERIFIERS[request["style"]](request["secret"], headers, body) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
