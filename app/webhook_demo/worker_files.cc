// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/worker_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "lib/net/file_descriptor.h"

namespace webhook::demo {
namespace {

constexpr const char* kWorker = "webhook-worker";

bool IsProgram(const std::filesystem::path& path) {
  return std::filesystem::is_regular_file(path) && access(path.c_str(), X_OK) == 0;
}

void WriteFile(const std::string& path, const std::string& text) {
  const net::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid() ||
      write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("the file " + path + " cannot be written");
  }
}

// A basic string of TOML.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string ConfigText(const WorkerAccess& access, const std::string& directory, int port) {
  return fmt::format(R"([odoo]
url = {}
database = {}
login = {}
api_key_file = {}

[worker]
name = "demo"
journal = {}
lease_seconds = 60
shutdown_grace_seconds = 15

[transport]
plain_http_allowed = true
allow = ["127.0.0.1/32:{}"]

[log]
file = {}
)",
                     Quoted(access.url), Quoted(access.database), Quoted(access.login),
                     Quoted(directory + "/api_key"), Quoted(directory + "/journal.sqlite"), port,
                     Quoted(directory + "/worker.log"));
}

}  // namespace

std::string FindWorker(const std::string& wanted) {
  if (!wanted.empty()) {
    if (IsProgram(wanted)) return wanted;
    throw std::runtime_error(wanted +
                             " is not a program: give --worker the path of webhook-worker");
  }
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (const auto& path : {here / kWorker, here.parent_path() / "webhook_worker" / kWorker}) {
    if (IsProgram(path)) return path;
  }
  throw std::runtime_error("there is no webhook-worker beside " + (here / "webhook-demo").string() +
                           ": build it (cmake --build build/release --target webhook-worker), or "
                           "give its path with --worker");
}

WorkerFiles WriteWorkerFiles(const TemporaryDirectory& directory, const WorkerAccess& access,
                             int receiver_port) {
  WriteFile(directory.File("api_key"), access.key + '\n');
  WriteFile(directory.File("worker.toml"), ConfigText(access, directory.path(), receiver_port));
  return {directory.File("worker.toml"), directory.File("worker.log")};
}

std::string LastLines(const std::string& path, int lines_max) {
  std::ifstream file(path);
  std::deque<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
    if (lines.size() > static_cast<std::size_t>(lines_max)) lines.pop_front();
  }
  std::string text;
  for (const std::string& line : lines) text += "  " + line + '\n';
  return text;
}

}  // namespace webhook::demo
