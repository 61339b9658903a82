# SPDX-License-Identifier: LGPL-3.0-or-later
import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .common import WORKER_UID, WebhookCase


class WorkerPrivateKey:
    """The worker's side of sealing."""

    def __init__(self, private_bytes=None):
        self.private = (
            X25519PrivateKey.from_private_bytes(private_bytes) if private_bytes else X25519PrivateKey.generate()
        )
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.text = base64.b64encode(self.public).decode()

    def open(self, value, associated):
        """As schema/contract/README.md says, from the other side."""
        blob = base64.b64decode(value.removeprefix("sealed:1:"), validate=True)
        key_id, ephemeral, nonce, text = blob[:8], blob[8:40], blob[40:52], blob[52:]
        assert key_id == hashlib.sha256(self.public).digest()[:8]
        shared = self.private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        key = HKDF(SHA256(), 32, ephemeral + self.public, b"webhook-worker sealed secret 1").derive(shared)
        return ChaCha20Poly1305(key).decrypt(nonce, text, associated.encode()).decode()


class SecretCase(WebhookCase):
    """A confirmed key, and secrets made by the company's administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Secret = cls.env["bwt.webhook.secret"]
        cls.PublicKey = cls.env["bwt.webhook.worker.public.key"]
        cls.key = WorkerPrivateKey()
        cls.say_hello_with(cls.key)
        cls.confirm(cls.key)

    @classmethod
    def say_hello_with(cls, key):
        return cls.call("hello", **cls.hello_request(public_key=key.text))

    @classmethod
    def record_of(cls, key):
        return cls.PublicKey.search([("public_key", "=", key.text)])

    @classmethod
    def confirm(cls, key):
        cls.record_of(key).with_user(cls.system).action_confirm()

    def new_secret(self, value="planted-secret", purpose="bearer_token", user=None, **values):
        values = {"endpoint_id": self.endpoint.id, "purpose": purpose, "value": value, **values}
        return self.Secret.with_user(user or self.admin).create(values)

    def document(self, endpoint=None):
        answer = self.call("configuration", worker_uid=WORKER_UID)["configuration"]
        (values,) = (item for item in answer["endpoints"] if item["id"] == (endpoint or self.endpoint).id)
        return values

    def opened(self, secret, key=None):
        sealed = secret.sudo().sealed_value
        return (key or self.key).open(sealed, f"bwt.webhook.secret,{secret.id},{secret.purpose}")
