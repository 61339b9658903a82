# SPDX-License-Identifier: LGPL-3.0-or-later
"""Sealing: what only a worker with the private key can open. The form is in `schema/contract/README.md`."""

import base64
import binascii
import hashlib
import os
import re

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PREFIX = "sealed:1:"
KEY_BYTES = 32
KEY_ID_BYTES = 8
_INFO = b"webhook-worker sealed secret 1"
_NONCE_BYTES = 12
_TAG_BYTES = 16


def decode_public_key(text):
    """The bytes of a public key, or ValueError."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{KEY_BYTES} bytes are expected")
    return key


def fingerprint(public_key):
    """SHA-256 of the key, in hexadecimal groups of four: for people to compare."""
    return grouped(hashlib.sha256(public_key).hexdigest())


def grouped(digits):
    return " ".join(re.findall(".{1,4}", digits))


def key_id(public_key):
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES]


def key_id_of(value):
    """Of a sealed value: the id of the key that it was sealed to. None when it has not that form."""
    if not value.startswith(PREFIX):
        return None
    try:
        blob = base64.b64decode(value.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return blob[:KEY_ID_BYTES] if len(blob) >= KEY_ID_BYTES + KEY_BYTES + _NONCE_BYTES + _TAG_BYTES else None


def seal(public_key, secret, associated, ephemeral=None, nonce=None):
    """Seals the text `secret` to the bytes of a public key, bound to the text `associated`.

    `ephemeral` (an X25519 private key) and `nonce` are for comparing with vectors only: they must be fresh.
    ValueError for a key that is none.
    """
    ephemeral = ephemeral or X25519PrivateKey.generate()
    nonce = nonce or os.urandom(_NONCE_BYTES)
    own_public = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public_key))
    key = HKDF(algorithm=SHA256(), length=32, salt=own_public + public_key, info=_INFO).derive(shared)
    text = ChaCha20Poly1305(key).encrypt(nonce, secret.encode(), associated.encode())
    return PREFIX + base64.b64encode(key_id(public_key) + own_public + nonce + text).decode()
