// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/callback_host/slot.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <limits>

#include "lib/base/text.h"
#include "lib/callback/answer_json.h"
#include "lib/callback/json_members.h"
#include "lib/callback/sdk_version.h"
#include "lib/callback_host/results.h"

namespace webhook::callback_host {
namespace {

using base::Level;
using delivery::CallbackResult;
using model::Value;
using News = ChildLink::News;

constexpr base::Milliseconds kPauseMin{100};
constexpr int kDoublingsMax = 20;

Level LevelOf(std::int64_t number) {
  constexpr std::array kLevels = {Level::kDebug, Level::kInfo, Level::kWarning, Level::kError};
  return kLevels[static_cast<std::size_t>(std::clamp<std::int64_t>(number, 0, 3))];
}

std::vector<std::string> TextsOf(const Value& message, std::string_view key) {
  std::vector<std::string> texts;
  const Value* list = message.Find(key);
  if (list == nullptr || list->list() == nullptr) return texts;
  for (const Value& item : *list->list()) {
    if (item.text() != nullptr) texts.push_back(*item.text());
  }
  return texts;
}

void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

Slot::Slot(const SlotParts& parts, bool try_at_once)
    : parts_(parts), wake_(std::make_shared<WakeEvent>()) {
  thread_ = std::thread([this, try_at_once] { Run(try_at_once); });
}

Slot::~Slot() { thread_.join(); }

bool Slot::IsCanceled() const { return call_number_ != 0 && call_number_ <= parts_.canceled_up_to; }

void Slot::Run(bool try_at_once) {
  BlockSignals();
  if (try_at_once) {
    EnsureStarted(parts_.clock.SteadyNow() + parts_.options.start_timeout);
    parts_.known.SetTried();
  }
  while (const auto call = parts_.queue.Take(Pause())) RunCall(call);
  EndProcess();
}

void Slot::RunCall(const std::shared_ptr<PendingCall>& call) {
  call_number_ = call->sequence;
  CallbackResult result = ResultOfCall(*call);
  call_number_ = 0;
  call->Finish(parts_.strand, std::move(result));
}

CallbackResult Slot::ResultOfCall(PendingCall& call) {
  const std::string& name = call.call.callback;
  callback_ = base::PrintableText(name, 128);
  quota_.Reset();
  if (IsCanceled()) return Stopping(callback_);
  const std::string problem = EnsureStarted(
      std::min(call.deadline, parts_.clock.SteadyNow() + parts_.options.start_timeout));
  if (IsCanceled()) return Stopping(callback_);
  if (!problem.empty()) {
    if (parts_.clock.SteadyNow() >= call.deadline) return NeverRun(call.call);
    return NotStarted(callback_, problem);
  }
  if (!Send(call)) return NoAnswer(callback_, "what it should be given is longer than 16 MiB");
  CallbackResult result = Converse(call, callback_);
  if (result.ok()) crashes_in_a_row_ = 0;
  return result;
}

bool Slot::Send(const PendingCall& call) {
  const auto left =
      std::max(call.deadline - parts_.clock.SteadyNow(), base::Milliseconds(0)).count();
  return link_->Send(Value::ObjectOf({{"type", Value::Text("call")},
                                      {"call", Value::Integer(++last_number_)},
                                      {"callback", Value::Text(call.call.callback)},
                                      {"context", Value::Text(call.call.context_json)},
                                      {"remaining_ms", Value::Integer(left)}}));
}

// Until the reply. Whatever else ends it ends the process too: nobody knows what it is at.
CallbackResult Slot::Converse(PendingCall& call, const std::string& name) {
  while (true) {
    Value message;
    std::string why;
    switch (link_->Wait(call.deadline, message, why)) {
      case News::kTimeout:
        EndProcess();
        return DeadlineOver(call.call);
      case News::kClosed: {
        ++crashes_in_a_row_;
        return Crashed(name, EndProcess());
      }
      case News::kRubbish:
        EndProcess();
        return NoAnswer(name, why);
      case News::kWoken:
        if (IsCanceled()) {
          EndProcess();
          return Stopping(name);
        }
        SendAnswers(call);
        break;
      case News::kMessage: {
        const std::string type = TypeOf(message);
        std::int64_t number = 0;
        const Value* reply = message.Find("reply");
        if (type == "log") {
          OnLogMessage(message);
        } else if (type == "ask") {
          Ask(call, message);
        } else if (type == "reply" && reply != nullptr &&
                   callback::ReadWhole(message, "call", last_number_, last_number_, number)) {
          return ResultOf(name, callback::DecodeReply(*reply));
        } else {
          EndProcess();
          return NoAnswer(name, "its process sent a message that makes no sense");
        }
        break;
      }
    }
  }
}

void Slot::Ask(PendingCall& call, const Value& message) {
  std::int64_t number = 0;
  std::string question;
  // One that cannot be read is not answered: the callback waits in vain and meets its deadline.
  if (!callback::ReadWhole(message, "number", 0, std::numeric_limits<std::int64_t>::max(),
                           number) ||
      !callback::ReadText(message, "question", question)) {
    return;
  }
  call.Ask(parts_.strand, number, std::move(question), wake_);
}

void Slot::SendAnswers(PendingCall& call) {
  for (PendingCall::Answer& answer : call.TakeAnswers()) {
    Value message = Value::ObjectOf({{"type", Value::Text("answer")},
                                     {"number", Value::Integer(answer.number)},
                                     {"reply", Value::Text(std::move(answer.reply_json))}});
    if (link_->Send(message)) continue;
    message.Set("reply", Value::Text(R"({"error": "the answer is too long"})"));
    link_->Send(message);
  }
}

std::string Slot::EnsureStarted(base::SteadyTime deadline) {
  if (process_ && !process_->HasEnded()) return "";
  if (process_) EndProcess();
  auto started = ChildProcess::Start(parts_.options.program, parts_.options.libraries);
  std::string problem;
  if (started.ok()) {
    process_ = std::move(started).value();
    link_ = std::make_unique<ChildLink>(*process_, *wake_, parts_.clock,
                                        [this](std::string_view bytes) { OnOutput(bytes); });
    problem = WaitUntilReady(deadline);
  } else {
    problem = started.error();
  }
  if (problem.empty() || IsCanceled()) return problem;
  ++crashes_in_a_row_;
  parts_.log.Write(Level::kError, "callback.process_not_started", {{"why", problem}});
  return problem;
}

std::string Slot::WaitUntilReady(base::SteadyTime deadline) {
  while (true) {
    Value message;
    std::string why;
    const News news = link_->Wait(deadline, message, why);
    if (news == News::kMessage && TypeOf(message) == "ready") {
      std::int64_t version = 0;
      if (callback::ReadWhole(message, "sdk_version", callback::kSdkVersion, callback::kSdkVersion,
                              version)) {
        Learn(message);
        return "";
      }
      EndProcess();
      return "the program is of another version than this worker";
    }
    if (news == News::kTimeout) {
      EndProcess();
      return "it did not get ready in time; a library may not get through its initialisers";
    }
    if (news == News::kClosed) return EndProcess();
    if (news == News::kWoken && IsCanceled()) {
      EndProcess();
      return "the worker stops";
    }
    if (news == News::kRubbish) {
      EndProcess();
      return why;
    }
  }
}

void Slot::Learn(const Value& ready) {
  KnownCallbacks::Known known{TextsOf(ready, "callbacks"), TextsOf(ready, "problems")};
  const std::vector<std::string> problems = known.problems;
  const std::size_t count = known.names.size();
  parts_.log.Write(Level::kDebug, "callback.process_started",
                   {{"pid", process_->pid()}, {"callbacks", count}});
  if (!parts_.known.Set(std::move(known))) return;
  for (const std::string& problem : problems) {
    parts_.log.Write(Level::kError, "callback.library_refused", {{"why", problem}});
  }
}

// How it ended. Its last words come first.
std::string Slot::EndProcess() {
  if (!process_) return "";
  const std::string how = process_->End();
  link_->DrainOutput();
  if (const std::string rest = output_.Rest(); !rest.empty()) WriteOutput(rest);
  parts_.log.Write(Level::kDebug, "callback.process_ended",
                   {{"pid", process_->pid()}, {"callback", callback_}, {"how", how}});
  link_.reset();
  process_.reset();
  return how;
}

void Slot::OnLogMessage(const Value& message) {
  std::int64_t level = 0;
  std::string text;
  if (!callback::ReadWhole(message, "level", 0, 3, level) ||
      !callback::ReadText(message, "text", text) || !MayWrite()) {
    return;
  }
  const std::string printable = base::PrintableText(text, kLineBytesMax);
  parts_.log.Write(LevelOf(level), "callback.log", {{"callback", callback_}, {"text", printable}});
}

void Slot::OnOutput(std::string_view bytes) {
  for (const std::string& line : output_.Append(bytes)) WriteOutput(line);
}

void Slot::WriteOutput(const std::string& line) {
  if (!MayWrite()) return;
  const std::string printable = base::PrintableText(line, kLineBytesMax);
  parts_.log.Write(Level::kInfo, "callback.output", {{"callback", callback_}, {"text", printable}});
}

bool Slot::MayWrite() {
  const LineQuota::Verdict verdict = quota_.Next();
  if (verdict == LineQuota::Verdict::kSayThatMoreFollow) {
    parts_.log.Write(Level::kWarning, "callback.log_cut_off",
                     {{"callback", callback_}, {"lines", kLinesPerCallMax}});
  }
  return verdict == LineQuota::Verdict::kWrite;
}

base::Milliseconds Slot::Pause() const {
  if (crashes_in_a_row_ == 0) return base::Milliseconds(0);
  const int doublings = std::min(crashes_in_a_row_ - 1, kDoublingsMax);
  return std::min(kPauseMin * (1 << doublings), parts_.options.pause_max);
}

}  // namespace webhook::callback_host
