// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/gateway.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/result.h"
#include "lib/base/uuid.h"
#include "lib/inbound/answers.h"
#include "lib/inbound/judge.h"
#include "lib/inbound/request_target.h"
#include "lib/inbound/said_seldom.h"

namespace webhook::inbound {

using base::Level;
using delivery::InboxAnswer;
using delivery::InboxItem;
using delivery::InboxVerdict;
using delivery::ReceivedHead;
using delivery::ReceivedRequest;
using delivery::ReceiverAnswer;
using Answer = std::function<void(ReceiverAnswer)>;

namespace {

constexpr std::chrono::seconds kSaidInterval{10};

bool Allows(const CompiledInbound& endpoint, std::string_view method) {
  if (method == "POST") return true;
  return method == "GET" && endpoint.endpoint.challenge == model::Challenge::kMetaHub;
}

const char* Allowed(const CompiledInbound& endpoint) {
  return Allows(endpoint, "GET") ? "GET, POST" : "POST";
}

// What is no number is the server's to refuse.
bool IsTooLarge(const ReceivedHead& head, std::size_t bytes_max) {
  return std::any_of(head.headers.begin(), head.headers.end(), [&](const auto& header) {
    if (!base::EqualsIgnoringCase(header.first, "content-length")) return false;
    std::uint64_t length = 0;
    const std::string& text = header.second;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), length);
    return read.ec == std::errc::result_out_of_range ||
           (read.ec == std::errc() && length > bytes_max);
  });
}

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

std::string Key(const std::string& source, const std::string& key) {
  return key.empty() ? "" : source + ':' + key;
}

InboxItem ItemOf(const model::IngestedEvent& event) {
  InboxItem item;
  item.event_uid = event.event_uid;
  item.endpoint_id = event.endpoint_id;
  item.identity_key = Key(event.identity_source, event.identity_key);
  if (event.replay_blocks) {
    item.replay_key = Key(event.replay_identity_source, event.replay_identity_key);
  }
  item.received_at = event.received_at;
  item.event_json = model::EncodeIngestedEvent(event);
  return item;
}

}  // namespace

// Shared with the inbox's answers, which may come when the gateway is gone.
struct Gateway::Impl : std::enable_shared_from_this<Gateway::Impl> {
  Impl(GatewayOptions given, base::Clock& its_clock, base::Random& its_random,
       base::EventLog& its_log, delivery::Inbox& its_inbox)
      : options(std::move(given)),
        public_url(WithoutSlash(options.public_url)),
        clock(its_clock),
        inbox(its_inbox),
        limits(options.source_limits),
        random(its_random),
        log(its_log),
        budget(options.rejections) {}

  GatewayBookPtr Book() {
    base::MutexLock lock(book_mutex);
    return book;
  }

  std::optional<ReceiverAnswer> Refusal(const ReceivedHead& head);
  const CompiledInbound* Find(const GatewayBookPtr& in, const ReceivedHead& head) const;
  void Receive(ReceivedRequest request, Answer done);
  RequestParts PartsOf(ReceivedRequest request) const;
  std::string MakeUid(base::WallTime now);
  void Store(const Accepted& accepted, Answer done);
  void OnStored(model::RecordId endpoint_id, const std::string& uid, const InboxAnswer& answer,
                const Answer& done);
  void Reject(const CompiledInbound& endpoint, const Rejected& rejected,
              const std::string& remote_address, const Answer& done);
  void Record(const Rejected& rejected, const std::string& remote_address);
  void Count(model::RecordId endpoint_id, RejectionCategory category);
  void SayNoRoom();
  void SayLimited(const std::string& remote_address);
  static void Tell(const std::function<void()>& whom) {
    if (whom) whom();
  }
  ReceiverAnswer Unavailable() {
    ++unavailable;
    return UnavailableAnswer();
  }

  const GatewayOptions options;
  const std::string public_url;
  base::Clock& clock;
  delivery::Inbox& inbox;
  SourceLimits limits;
  Listener listener;  // set before the first request

  base::Mutex book_mutex;
  GatewayBookPtr book WEBHOOK_GUARDED_BY(book_mutex);

  base::Mutex mutex;
  base::Random& random WEBHOOK_GUARDED_BY(mutex);
  base::EventLog& log WEBHOOK_GUARDED_BY(mutex);
  RejectionBudget budget WEBHOOK_GUARDED_BY(mutex);
  SaidSeldom no_room WEBHOOK_GUARDED_BY(mutex){kSaidInterval};
  SaidSeldom limited_said WEBHOOK_GUARDED_BY(mutex){kSaidInterval};

  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> duplicates = 0;
  std::atomic<std::uint64_t> rejected_count = 0;
  std::atomic<std::uint64_t> unknown = 0;
  std::atomic<std::uint64_t> limited = 0;
  std::atomic<std::uint64_t> unavailable = 0;
};

Gateway::Gateway(GatewayOptions options, base::Clock& clock, base::Random& random,
                 base::EventLog& log, delivery::Inbox& inbox)
    : impl_(std::make_shared<Impl>(std::move(options), clock, random, log, inbox)) {}

void Gateway::SetListener(Listener listener) { impl_->listener = std::move(listener); }

void Gateway::Publish(GatewayBookPtr book) {
  base::MutexLock lock(impl_->book_mutex);
  impl_->book = std::move(book);
}

std::optional<ReceiverAnswer> Gateway::OnHead(const ReceivedHead& head) {
  return impl_->Refusal(head);
}

void Gateway::OnRequest(ReceivedRequest request, Answer done) {
  impl_->Receive(std::move(request), std::move(done));
}

std::vector<model::RejectedCount> Gateway::TakeRejectedCounts() {
  base::MutexLock lock(impl_->mutex);
  return impl_->budget.TakeCounts();
}

GatewayCounts Gateway::counts() const {
  return {impl_->accepted, impl_->duplicates, impl_->rejected_count,
          impl_->unknown,  impl_->limited,    impl_->unavailable};
}

// ---- before the body

std::optional<ReceiverAnswer> Gateway::Impl::Refusal(const ReceivedHead& head) {
  const GatewayBookPtr now_book = Book();
  if (!now_book) return Unavailable();
  const CompiledInbound* endpoint = Find(now_book, head);
  if (endpoint == nullptr) {
    ++unknown;
    return NotFoundAnswer();
  }
  if (!Allows(*endpoint, head.method)) {
    ++rejected_count;
    return MethodAnswer(Allowed(*endpoint));
  }
  if (IsTooLarge(head, options.body_bytes_max)) {
    ++rejected_count;
    return TooLargeAnswer();
  }
  const auto wait = limits.Admit(head.remote_address, clock.SteadyNow());
  if (!wait) return std::nullopt;
  ++limited;
  SayLimited(head.remote_address);
  return LimitedAnswer(*wait);
}

const CompiledInbound* Gateway::Impl::Find(const GatewayBookPtr& in,
                                           const ReceivedHead& head) const {
  const auto path = EndpointPath(head.target);
  return path ? in->Find(std::string_view(*path)) : nullptr;
}

// ---- judging

// The book may be another one than when the head came.
void Gateway::Impl::Receive(ReceivedRequest request, Answer done) {
  const GatewayBookPtr now_book = Book();
  if (!now_book) return done(Unavailable());
  const CompiledInbound* endpoint = Find(now_book, request.head);
  if (endpoint == nullptr) {
    ++unknown;
    return done(NotFoundAnswer());
  }
  if (request.body.size() > options.body_bytes_max) {
    ++rejected_count;
    return done(TooLargeAnswer());
  }
  const Request parsed(PartsOf(std::move(request)));
  const base::WallTime now = parsed.parts().received_at;
  Judgement judgement = Judge(*endpoint, parsed, MakeUid(now), now);
  std::visit(
      base::Overloaded{
          [&](const Accepted& event) { Store(event, std::move(done)); },
          [&](const Rejected& why) { Reject(*endpoint, why, parsed.parts().remote_address, done); },
          [&](Challenged& challenged) { done(ChallengeAnswer(std::move(challenged))); },
      },
      judgement);
}

RequestParts Gateway::Impl::PartsOf(ReceivedRequest request) const {
  RequestParts parts;
  parts.method = std::move(request.head.method);
  parts.url = (public_url.empty() ? request.head.origin : public_url) + request.head.target;
  parts.headers = std::move(request.head.headers);
  parts.body = std::move(request.body);
  parts.remote_address = std::move(request.head.remote_address);
  parts.received_at = clock.Now();
  return parts;
}

std::string Gateway::Impl::MakeUid(base::WallTime now) {
  base::MutexLock lock(mutex);
  return base::MakeUuid7(now, random);
}

// ---- accepted

void Gateway::Impl::Store(const Accepted& event, Answer done) {
  inbox.Accept(ItemOf(event.event),
               [self = shared_from_this(), endpoint_id = event.event.endpoint_id,
                uid = event.event.event_uid, done = std::move(done)](const InboxAnswer& answer) {
                 self->OnStored(endpoint_id, uid, answer, done);
               });
}

void Gateway::Impl::OnStored(model::RecordId endpoint_id, const std::string& uid,
                             const InboxAnswer& answer, const Answer& done) {
  switch (answer.verdict) {
    case InboxVerdict::kStored: {
      ++accepted;
      {
        base::MutexLock lock(mutex);
        log.Write(Level::kDebug, "event.accepted", {{"event", uid}, {"endpoint_id", endpoint_id}});
      }
      done(AcceptedAnswer(uid));
      return Tell(listener.on_stored);
    }
    case InboxVerdict::kDuplicate: {
      ++duplicates;
      {
        base::MutexLock lock(mutex);
        log.Write(Level::kDebug, "event.duplicate",
                  {{"event", answer.event_uid}, {"endpoint_id", endpoint_id}});
      }
      done(AcceptedAnswer(answer.event_uid));
      return Tell(listener.on_counted);
    }
    case InboxVerdict::kNoRoom:
      SayNoRoom();
      return done(Unavailable());
  }
}

// ---- rejected

void Gateway::Impl::Reject(const CompiledInbound& endpoint, const Rejected& why,
                           const std::string& remote_address, const Answer& done) {
  const model::RecordId endpoint_id = endpoint.endpoint.id;
  if (why.category == RejectionCategory::kConfiguration) {
    ++unavailable;
    Count(endpoint_id, why.category);
  } else {
    ++rejected_count;
    const base::SteadyTime now = clock.SteadyNow();
    limits.NoteFailure(remote_address, now);
    bool recorded = false;
    {
      base::MutexLock lock(mutex);
      recorded = budget.Take(endpoint_id, why.category, now);
    }
    recorded ? Record(why, remote_address) : Tell(listener.on_counted);
  }
  done(RejectedAnswer(why.category, endpoint.endpoint.auth.mode));
}

// Nobody waits for it. The budget bounds the log as well.
void Gateway::Impl::Record(const Rejected& why, const std::string& remote_address) {
  const model::RecordId endpoint_id = why.event.endpoint_id;
  {
    base::MutexLock lock(mutex);
    log.Write(Level::kWarning, "request.rejected",
              {{"event", why.event.event_uid},
               {"endpoint_id", endpoint_id},
               {"category", Spelling(why.category)},
               {"remote_address", remote_address}});
  }
  InboxItem item = ItemOf(why.event);
  item.identity_key.clear();
  item.replay_key.clear();
  inbox.Accept(std::move(item), [self = shared_from_this(), endpoint_id,
                                 category = why.category](const InboxAnswer& answer) {
    if (answer.verdict != InboxVerdict::kNoRoom) return Tell(self->listener.on_stored);
    self->Count(endpoint_id, category);
  });
}

void Gateway::Impl::Count(model::RecordId endpoint_id, RejectionCategory category) {
  {
    base::MutexLock lock(mutex);
    budget.Count(endpoint_id, category);
  }
  Tell(listener.on_counted);
}

// ---- said now and then

void Gateway::Impl::SayNoRoom() {
  base::MutexLock lock(mutex);
  if (const auto kept = no_room.Note(clock.SteadyNow())) {
    log.Write(Level::kError, "inbox.no_room",
              {{"do", "senders are answered 503; make room on the disk, or raise inbox_bytes_max"},
               {"repeated", *kept}});
  }
}

void Gateway::Impl::SayLimited(const std::string& remote_address) {
  base::MutexLock lock(mutex);
  if (const auto kept = limited_said.Note(clock.SteadyNow())) {
    log.Write(Level::kWarning, "source.limited",
              {{"remote_address", remote_address}, {"repeated", *kept}});
  }
}

}  // namespace webhook::inbound
