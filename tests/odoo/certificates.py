# SPDX-License-Identifier: LGPL-3.0-or-later
"""Certificates for tests, made by openssl: an authority, servers and clients."""

import ssl
import subprocess


class Authority:
    def __init__(self, folder, name="Test authority"):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.key, self.certificate = folder / "ca.key", folder / "ca.pem"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                      self.key, "-out", self.certificate, "-days", "30", "-subj", f"/CN={name}")

    def issue(self, name, address="127.0.0.1"):
        """(certificate file, key file) of a server at the address, or of a client."""
        key, request, certificate = (self.folder / f"{name}.{suffix}" for suffix in ("key", "csr", "pem"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=IP:{address}\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                      "-out", request, "-subj", f"/CN={name}")
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                      "-out", certificate, "-days", "30", "-extfile", extensions)
        return certificate, key

    def server_context(self, name="server", asks_for_client=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue(name))
        if asks_for_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.certificate)
        return context

    @staticmethod
    def _openssl(*arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
