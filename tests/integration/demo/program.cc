// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/integration/demo/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/fakes/temporary_directory.h"

namespace webhook::demo {

Program::Program(const std::vector<std::string>& arguments, std::string output_file)
    : output_file_(std::move(output_file)) {
  std::vector<std::string> texts = {WEBHOOK_DEMO};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_file_.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const int error = posix_spawn(&pid_, WEBHOOK_DEMO, &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " WEBHOOK_DEMO);
}

Program::~Program() {
  if (pid_ < 0) return;
  Signal(SIGKILL);
  Wait();
}

void Program::Signal(int signal) const { kill(pid_, signal); }

int Program::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

std::string Program::Output() const { return FileText(output_file_); }

int RunDemo(const std::vector<std::string>& arguments, std::string& output) {
  const fakes::TemporaryDirectory directory;
  Program program(arguments, directory.File("output"));
  const int code = program.Wait();
  output = program.Output();
  return code;
}

std::string FileText(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace webhook::demo
