// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/confinement.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <vector>

namespace webhook::callback_host {
namespace {

std::vector<int> OpenDescriptors() {
  std::vector<int> found;
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return found;
  while (const dirent* entry = readdir(directory)) {
    const int fd = std::atoi(entry->d_name);  // "." and ".." are 0
    if (fd > STDERR_FILENO && fd != dirfd(directory)) found.push_back(fd);
  }
  closedir(directory);
  return found;
}

void CloseAllBut(int kept) {
  for (const int fd : OpenDescriptors()) {
    if (fd != kept) close(fd);
  }
  fcntl(kept, F_SETFD, FD_CLOEXEC);
}

}  // namespace

void ConfineThisProcess(int socket_fd) {
  CloseAllBut(socket_fd);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  std::ofstream("/proc/self/oom_score_adj") << "1000";
  signal(SIGTERM, SIG_IGN);
  signal(SIGINT, SIG_IGN);
}

}  // namespace webhook::callback_host
