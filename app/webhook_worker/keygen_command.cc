// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <string>

#include "app/webhook_worker/commands.h"
#include "app/webhook_worker/exit_code.h"
#include "lib/secrets/private_key_file.h"
#include "lib/signing/sealed_secret.h"

namespace webhook::app {

int KeygenCommand(const std::string& out_path) {
  const signing::KeyPair pair = signing::GenerateKeyPair();
  const std::string problem = secrets::WritePrivateKeyFile(out_path, pair.private_key);
  if (!problem.empty()) {
    fmt::print(stderr, "webhook-worker: {}\n", problem);
    return kExitProblem;
  }
  fmt::print(
      "{0} holds a new private key. Its fingerprint:\n"
      "\n"
      "  {1}\n"
      "\n"
      "1. Let it belong to the worker's user, and keep a copy in a safe place: without it no\n"
      "   secret that Odoo sealed can be opened again.\n"
      "2. Name it in the configuration of every worker of the database, the same for all:\n"
      "     [secrets]\n"
      "     key_file = \"{0}\"\n"
      "   A key that it replaces goes into old_key_files until nothing is sealed to it.\n"
      "3. Restart the workers. In Odoo, as a system administrator, compare the fingerprint of\n"
      "   the key that waits (Webhooks > Configuration > Worker Public Keys) with the one above,\n"
      "   and confirm it.\n",
      out_path, signing::KeyFingerprint(pair.public_key));
  return kExitOk;
}

}  // namespace webhook::app
