// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_demo/receiver/behaviour.h"

#include <algorithm>
#include <charconv>

#include "lib/base/random.h"

namespace webhook::demo {
namespace {

constexpr std::string_view kAcceptedBody = R"({"accepted":true})";
constexpr std::string_view kSlowPrefix = "/slow/";

// Not std::hash: a run must be repeatable with another standard library too. FNV-1a.
std::uint64_t Hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325U ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

Answer Status(int status) {
  Answer answer;
  answer.status = status;
  answer.body = status < 300 ? std::string(kAcceptedBody)
                             : R"({"error":"status )" + std::to_string(status) + R"( by design"})";
  return answer;
}

Answer After(base::Milliseconds delay) {
  Answer answer = Status(200);
  answer.delay = delay;
  return answer;
}

Answer Ends(Ending ending) {
  Answer answer = Status(200);
  answer.ending = ending;
  return answer;
}

Answer Unavailable() {
  Answer answer = Status(503);
  answer.retry_after_seconds = 1;
  return answer;
}

Answer Echo(const HttpRequest& request) {
  Answer answer;
  answer.body = request.body;
  const std::string_view type = request.Header("content-type");
  answer.content_type = type.empty() ? "application/octet-stream" : std::string(type);
  return answer;
}

Answer Bytes() {
  using namespace std::string_literals;
  Answer answer;
  answer.body =
      "{\"nul\":\"\0\",\"nul_escape\":\"\\u0000\",\"surrogate\":\"\\ud800\",\"invalid\":\""s +
      "\xff\xfe\xc3(\xed\xa0\x80\"}"s;
  return answer;
}

Answer Slow(std::string_view milliseconds) {
  std::int64_t delay = 0;
  const char* const end = milliseconds.data() + milliseconds.size();
  const auto [stop, error] = std::from_chars(milliseconds.data(), end, delay);
  if (error != std::errc() || stop != end || delay < 0) return Status(404);
  return After(std::min(base::Milliseconds(delay), kSlowReplyMax));
}

}  // namespace

Answer Behave(const HttpRequest& request, int try_number, const BehaviourOptions& options) {
  const std::string_view path = request.path;
  if (path == "/healthy") return Status(200);
  if (path == "/flaky") return Flaky(request.Header("webhook-id"), try_number, options);
  if (path == "/dead") return Status(500);
  if (path == "/gone") return Status(410);
  if (path == "/refusing") return Status(422);
  if (path == "/hang") return Ends(Ending::kNever);
  if (path == "/echo") return Echo(request);
  if (path == "/bytes") return Bytes();
  if (path.starts_with(kSlowPrefix)) return Slow(path.substr(kSlowPrefix.size()));
  return Status(404);
}

Answer Flaky(std::string_view webhook_id, int try_number, const BehaviourOptions& options) {
  base::SeededRandom random(Hash(webhook_id, options.seed) +
                            static_cast<std::uint64_t>(try_number));
  const double fate = random.NextFraction();
  const bool is_slow = random.NextFraction() < 0.05;
  if (try_number <= options.flaky_failures_max) {
    if (fate < 0.25) return Unavailable();
    if (fate < 0.375) return Ends(Ending::kReset);
    if (fate < 0.4375) return Ends(Ending::kResetMidway);
  }
  return is_slow ? After(kSlowReply) : Status(200);
}

}  // namespace webhook::demo
