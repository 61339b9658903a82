#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes sealed_secret_vectors.json with another implementation than ours, of schema/contract/README.md, "Sealed
secrets". Keys and nonces are fixed here, so that the file comes out the same each time; a real one draws them anew.

    make_sealed_secret_vectors.py > sealed_secret_vectors.json
    make_sealed_secret_vectors.py open PRIVATE_KEY_BASE64 ASSOCIATED_DATA VALUE    # prints the secret"""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "sealed:1:"
INFO = b"webhook-worker sealed secret 1"


def fixed(label):
    """32 bytes that are the same each time."""
    return hashlib.sha256(b"sealed secret vectors: " + label.encode()).digest()


def public_bytes(private_key):
    return private_key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def content_key(shared, ephemeral_public, worker_public):
    return HKDF(hashes.SHA256(), 32, ephemeral_public + worker_public, INFO).derive(shared)


def seal(worker_public, associated_data, secret, ephemeral, nonce):
    ephemeral_public = public_bytes(ephemeral)
    key = content_key(ephemeral.exchange(X25519PublicKey.from_public_bytes(worker_public)), ephemeral_public,
                      worker_public)
    text = ChaCha20Poly1305(key).encrypt(nonce, secret.encode(), associated_data.encode())
    key_id = hashlib.sha256(worker_public).digest()[:8]
    return PREFIX + base64.b64encode(key_id + ephemeral_public + nonce + text).decode()


def open_sealed(worker, associated_data, value):
    assert value.startswith(PREFIX)
    data = base64.b64decode(value[len(PREFIX):], validate=True)
    worker_public = public_bytes(worker)
    assert data[:8] == hashlib.sha256(worker_public).digest()[:8], "sealed to another key"
    ephemeral_public, nonce, text = data[8:40], data[40:52], data[52:]
    key = content_key(worker.exchange(X25519PublicKey.from_public_bytes(ephemeral_public)), ephemeral_public,
                      worker_public)
    return ChaCha20Poly1305(key).decrypt(nonce, text, associated_data.encode()).decode()


def vector(number, secret, associated_data):
    private = fixed(f"worker {number}")
    worker = X25519PrivateKey.from_private_bytes(private)
    ephemeral = X25519PrivateKey.from_private_bytes(fixed(f"ephemeral {number}"))
    value = seal(public_bytes(worker), associated_data, secret, ephemeral, fixed(f"nonce {number}")[:12])
    assert open_sealed(worker, associated_data, value) == secret
    return {
        "private_key": base64.b64encode(private).decode(),
        "public_key": base64.b64encode(public_bytes(worker)).decode(),
        "fingerprint": hashlib.sha256(public_bytes(worker)).hexdigest(),
        "associated_data": associated_data,
        "secret": secret,
        "value": value,
    }


def main(arguments):
    if arguments[:1] == ["open"]:
        private, associated_data, value = arguments[1:]
        worker = X25519PrivateKey.from_private_bytes(base64.b64decode(private, validate=True))
        sys.stdout.write(open_sealed(worker, associated_data, value))
        return
    vectors = [
        vector(1, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "bwt.webhook.secret,1,signing"),
        vector(2, "", "bwt.webhook.secret,2,api_key"),
        vector(3, "Grüße – пароль – 秘密 – 🔑", "bwt.webhook.secret,2147483647,basic_password"),
        vector(4, "-----BEGIN PRIVATE KEY-----\n" + "QUJD" * 400 + "\n", "bwt.webhook.secret,4,client_key"),
        vector(5, "x" * 2000, "bwt.webhook.secret,5,oauth2_client_secret"),
    ]
    json.dump(vectors, sys.stdout, indent=1, ensure_ascii=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main(sys.argv[1:])
