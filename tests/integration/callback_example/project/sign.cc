// SPDX-License-Identifier: LGPL-3.0-or-later
// Prints the Standard Webhooks signature of a body: acme_sign SECRET ID UNIX_SECONDS BODY.
#include <cstdio>
#include <string>

#include "lib/delivery/request_builder.h"
#include "lib/rules/path.h"
#include "lib/signing/standard_webhooks.h"

int main(int argc, char** argv) {
  using namespace webhook;
  if (argc != 5) return 64;
  const auto key = signing::ParseSigningKey(base::Secret(argv[1]));
  if (!key) return 65;
  const signing::SignedMessage message{argv[2], std::stoll(argv[3]), argv[4]};
  const std::string signature = signing::SignStandardWebhook({*key}, message);
  // The request that the worker would send.
  model::Endpoint endpoint;
  endpoint.target_hostname = "https://shop.example.com";
  endpoint.target_path = "/hooks";
  model::Delivery delivery;
  delivery.delivery_uid = argv[2];
  delivery.http_method = "post";
  delivery.payload = argv[4];
  const auto request =
      delivery::BuildRequest(endpoint, delivery::CompiledEndpoint(), delivery, base::WallTime(),
                             {.user_agent = "acme", .response_bytes_max = 0});
  const auto body = model::ParseJson(argv[4]);
  const auto path = rules::ParsePath("test");
  if (!request.ok() || !body.ok() || !path.ok()) return 65;
  std::printf("%s %s %s %s\n", request.value().method.c_str(), request.value().url.c_str(),
              signature.c_str(), model::DumpJson(rules::Find(path.value(), body.value())).c_str());
}
