// SPDX-License-Identifier: LGPL-3.0-or-later
// Runs another program to its end: implementations that are not ours check what ours made.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace webhook::fakes {

struct ProgramResult {
  int exit_code = -1;  // -1: it did not end by itself
  std::string output;  // standard output and standard error
};

// The arguments are the program's as they are: no shell looks into them.
inline ProgramResult RunProgram(const std::vector<std::string>& arguments) {
  std::string command;
  for (const std::string& argument : arguments) {
    command += '\'';
    for (const char c : argument) command += c == '\'' ? std::string("'\\''") : std::string(1, c);
    command += "' ";
  }
  FILE* const program = popen((command + "2>&1").c_str(), "r");
  if (program == nullptr) throw std::runtime_error("cannot run " + command);
  ProgramResult result;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), program)) {
    result.output.append(buffer.data(), count);
  }
  const int status = pclose(program);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

}  // namespace webhook::fakes
