// SPDX-License-Identifier: LGPL-3.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

#include "app/webhook_demo/commands.h"
#include "app/webhook_demo/sender/http_post.h"
#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/signing/standard_webhooks.h"

namespace webhook::demo {
namespace {

using Micros = std::chrono::microseconds;

// What one connection saw.
struct Seen {
  std::map<int, int> by_status;
  std::vector<Micros> times;
  std::exception_ptr failure;
};

// {"type":"demo.numbered","number":7,"ref":"demo-7","name":"Demo 7","text":"xxx…"}
std::string Body(int number, int bytes) {
  std::string body = fmt::format(
      R"({{"type":"demo.numbered","number":{0},"ref":"demo-{0}","name":"Demo {0}","text":")",
      number);
  const auto missing = std::max<std::ptrdiff_t>(0, bytes - std::ssize(body) - 2);
  body.append(static_cast<std::size_t>(missing), 'x');
  return body + "\"}";
}

class Sending {
 public:
  explicit Sending(const SendCommandOptions& options)
      : options_(options), target_(ParsePostTarget(options.url)) {
    auto key = signing::ParseSigningKey(base::Secret(options.secret));
    if (!key) throw std::runtime_error("the secret must be whsec_ or whsk_ and base64");
    keys_.push_back(std::move(*key));
  }

  std::vector<Seen> Run() {
    std::vector<Seen> seen(static_cast<std::size_t>(options_.connections));
    std::vector<std::thread> threads;
    threads.reserve(seen.size());
    for (Seen& one : seen) threads.emplace_back([this, &one] { RunConnection(one); });
    for (std::thread& thread : threads) thread.join();
    return seen;
  }

 private:
  void RunConnection(Seen& seen) {
    try {
      HttpPost connection(target_);
      for (int number = next_++; number < options_.count; number = next_++) {
        SendOne(connection, number, seen);
      }
    } catch (const std::runtime_error&) {
      seen.failure = std::current_exception();
    }
  }

  void SendOne(HttpPost& connection, int number, Seen& seen) {
    const std::string body = Body(number, options_.bytes);
    const std::string id = fmt::format("msg_demo_{}_{}", run_, number);
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.Now()).time_since_epoch();
    const std::string signature = signing::SignStandardWebhook(keys_, {id, now.count(), body});
    const base::SteadyTime started = clock_.SteadyNow();
    const int status = connection.Send({{"Content-Type", "application/json"},
                                        {"webhook-id", id},
                                        {"webhook-timestamp", std::to_string(now.count())},
                                        {"webhook-signature", signature}},
                                       body);
    seen.times.push_back(std::chrono::duration_cast<Micros>(clock_.SteadyNow() - started));
    ++seen.by_status[status];
  }

  const SendCommandOptions options_;
  const PostTarget target_;
  const base::SystemClock clock_;
  const std::int64_t run_ = clock_.Now().time_since_epoch().count();
  std::vector<signing::SigningKey> keys_;
  std::atomic<int> next_{0};
};

double Milliseconds(const std::vector<Micros>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return static_cast<double>(sorted[at].count()) / 1000;
}

void Report(const std::vector<Seen>& seen, double seconds) {
  std::map<int, int> by_status;
  std::vector<Micros> times;
  for (const Seen& one : seen) {
    for (const auto& [status, count] : one.by_status) by_status[status] += count;
    times.insert(times.end(), one.times.begin(), one.times.end());
  }
  std::sort(times.begin(), times.end());
  std::string statuses;
  for (const auto& [status, count] : by_status) {
    statuses += fmt::format("{}\"{}\":{}", statuses.empty() ? "" : ",", status, count);
  }
  fmt::print(
      R"({{"accepted":{},"by_status":{{{}}},"seconds":{:.3f},"per_second":{:.1f},"p50_ms":{:.3f},"p99_ms":{:.3f},"max_ms":{:.3f}}})"
      "\n",
      by_status[202], statuses, seconds, static_cast<double>(times.size()) / seconds,
      Milliseconds(times, 0.5), Milliseconds(times, 0.99), Milliseconds(times, 1));
}

}  // namespace

int SendCommand(const SendCommandOptions& options) {
  const base::SystemClock clock;
  Sending sending(options);
  const base::SteadyTime started = clock.SteadyNow();
  const std::vector<Seen> seen = sending.Run();
  const std::chrono::duration<double> seconds = clock.SteadyNow() - started;
  Report(seen, seconds.count());
  for (const Seen& one : seen) {
    if (one.failure) std::rethrow_exception(one.failure);
  }
  return 0;
}

}  // namespace webhook::demo
