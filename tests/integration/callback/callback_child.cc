// SPDX-License-Identifier: LGPL-3.0-or-later
// As `webhook-worker callback-host --fd N --library F…`, without the rest of the worker.
#include <string>
#include <vector>

#include "lib/callback_host/child.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  std::vector<std::string> libraries;
  int fd = -1;
  for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
    if (arguments[i] == "--fd") fd = std::stoi(arguments[i + 1]);
    if (arguments[i] == "--library") libraries.push_back(arguments[i + 1]);
  }
  return webhook::callback_host::RunCallbackHost(fd, libraries);
}
