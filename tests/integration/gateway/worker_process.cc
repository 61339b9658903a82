// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/integration/gateway/worker_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace webhook::gateway_test {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

WorkerProcess::WorkerProcess(const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment) {
  std::vector<std::string> texts = {WEBHOOK_WORKER};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = Environment(environment);
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  const int error = posix_spawn(&pid_, WEBHOOK_WORKER, &actions, nullptr, Pointers(texts).data(),
                                Pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  lines_ = fdopen(ends[0], "r");
  if (error != 0) throw std::runtime_error("cannot start " WEBHOOK_WORKER);
}

WorkerProcess::~WorkerProcess() {
  if (pid_ >= 0) {
    Signal(SIGKILL);
    Wait();
  }
  fclose(lines_);
}

bool WorkerProcess::ReadLine(std::string& line) {
  char* buffer = nullptr;
  std::size_t size = 0;
  const ssize_t length = getline(&buffer, &size, lines_);
  if (length > 0) line.assign(buffer, static_cast<std::size_t>(length));
  free(buffer);
  if (length > 0) output_ += line;
  return length > 0;
}

std::string WorkerProcess::WaitFor(const std::string& part) {
  std::string line;
  while (ReadLine(line)) {
    if (line.find(part) != std::string::npos) return line;
  }
  FAIL("the worker ended without saying " << part << ":\n" << output_);
  return "";
}

void WorkerProcess::Signal(int signal) const { kill(pid_, signal); }

int WorkerProcess::Wait() {
  std::string line;
  while (ReadLine(line)) continue;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string ValueOf(const std::string& line, const std::string& key) {
  const std::size_t start = line.find(" " + key + "=");
  if (start == std::string::npos) return "";
  const std::size_t value = start + key.size() + 2;
  return line.substr(value, line.find_first_of(" \n", value) - value);
}

}  // namespace webhook::gateway_test
