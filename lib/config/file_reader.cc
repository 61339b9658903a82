// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/file_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace webhook::config {
namespace {

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

FileError LastError() { return {std::generic_category().message(errno)}; }

base::Result<FileText, FileError> ReadFile(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(path);  // never blocks: a pipe without a writer reads as empty
  if (file.number() < 0) return LastError();
  struct stat status {};
  if (fstat(file.number(), &status) != 0) return LastError();
  FileText text;
  text.mode = status.st_mode & 07777U;
  text.bytes.resize(bytes_max + 1);
  std::size_t size = 0;
  while (size < text.bytes.size()) {
    const ssize_t count = read(file.number(), &text.bytes[size], text.bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return LastError();
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > bytes_max) return FileError{fmt::format("more than {} bytes", bytes_max)};
  text.bytes.resize(size);
  return text;
}

}  // namespace

FileReader SystemFileReader() { return ReadFile; }

}  // namespace webhook::config
