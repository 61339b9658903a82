// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/worker_identity.h"

#include "lib/base/uuid.h"

namespace webhook::app {

namespace {
constexpr const char* kMetaWorkerUid = "worker.uid";
}

std::string WorkerUid(const delivery::JournalContents& contents, delivery::Journal& journal,
                      const base::Clock& clock, base::Random& random) {
  const auto found = contents.meta.find(kMetaWorkerUid);
  if (found != contents.meta.end()) return found->second;
  std::string uid = base::MakeUuid7(clock.Now(), random);
  journal.Append({delivery::MetaSet{kMetaWorkerUid, uid}}, [](bool) {});
  return uid;
}

}  // namespace webhook::app
