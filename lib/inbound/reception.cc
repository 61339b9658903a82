// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/reception.h"

#include <atomic>
#include <utility>

#include "lib/base/assert.h"

namespace webhook::inbound {

using base::Level;

namespace {

// Counts are reported so much later, together.
constexpr base::Milliseconds kCountsDelay{5000};

}  // namespace

// Many threads tell; the strand is asked to look once until it has looked.
struct Reception::News {
  std::atomic<bool> stored = false;
  std::atomic<bool> counted = false;
  bool is_over = false;  // the reception is gone; read on the strand
};

Reception::Reception(ReceptionOptions options, const delivery::EnginePorts& ports,
                     delivery::Inbox* inbox, Gateway* gateway)
    : options_(std::move(options)),
      strand_(ports.strand),
      clock_(ports.clock),
      log_(ports.log),
      secrets_(ports.secrets),
      inbox_(inbox),
      gateway_(gateway),
      queue_(options_.ingest, ports,
             {.is_ordered = [this](model::RecordId id) { return IsOrdered(id); },
              .on_ingested =
                  [this] {
                    if (on_ingested_) on_ingested_();
                  },
              .on_called =
                  [this](std::vector<model::DuplicateCount> duplicates) {
                    if (ingester_) ingester_->OnCalled(std::move(duplicates));
                    intake_.MaybeClaim();
                  }}),
      intake_(options_.intake, ports, queue_),
      news_(std::make_shared<News>()) {
  WEBHOOK_ASSERT((inbox_ == nullptr) == (gateway_ == nullptr));
  if (inbox_ == nullptr) return;
  ingester_ = std::make_unique<Ingester>(options_.ingest, *inbox_, queue_, log_);
  ListenToGateway();
}

Reception::~Reception() { news_->is_over = true; }

void Reception::Start(delivery::Link& link, std::function<void()> on_ingested) {
  on_ingested_ = std::move(on_ingested);
  queue_.Start(link);
  intake_.Start(link);
  if (inbox_ != nullptr) PublishSnapshot();
}

void Reception::Stop() {
  queue_.Stop();
  intake_.Stop();
  if (ingester_) ingester_->Stop();
}

std::optional<model::InboxState> Reception::State() const {
  if (inbox_ == nullptr) return std::nullopt;
  return inbox_->State();
}

// ---- configurations

void Reception::PublishSnapshot() {
  const std::string text = inbox_->LoadSnapshot();
  if (text.empty()) return;
  auto answer = model::DecodeConfiguration(text);
  if (!answer.ok() || !answer.value().configuration) {
    log_.Write(Level::kWarning, "snapshot.unreadable",
               {{"detail", answer.ok() ? "it holds no configuration" : answer.error().message}});
    return;
  }
  auto configuration =
      std::make_shared<const model::Configuration>(*std::move(answer.value().configuration));
  log_.Write(Level::kInfo, "snapshot.loaded", {{"revision", configuration->revision}});
  Publish(std::move(configuration));
}

std::vector<model::Finding> Reception::OnConfiguration(
    std::shared_ptr<const model::Configuration> configuration,
    const std::string& configuration_answer) {
  std::vector<model::Finding> findings = Publish(std::move(configuration));
  if (inbox_ != nullptr && !configuration_answer.empty()) {
    inbox_->SaveSnapshot(configuration_answer);
  }
  return findings;
}

std::vector<model::Finding> Reception::Publish(
    std::shared_ptr<const model::Configuration> configuration) {
  configuration_ = std::move(configuration);
  CompiledGateway compiled = CompileGateway(*configuration_, secrets_, clock_.Now());
  if (gateway_ != nullptr) gateway_->Publish(compiled.book);
  intake_.OnBook(std::move(compiled.book));
  return std::move(compiled.findings);
}

bool Reception::IsOrdered(model::RecordId endpoint_id) const {
  if (!configuration_) return false;
  const auto found = configuration_->inbound_endpoints.find(endpoint_id);
  return found != configuration_->inbound_endpoints.end() && found->second.ordered;
}

// ---- news

void Reception::ListenToGateway() {
  gateway_->SetListener({.on_stored =
                             [this, news = news_, &strand = strand_] {
                               if (news->stored.exchange(true)) return;
                               strand.Post([this, news] {
                                 if (!news->is_over) OnNews();
                               });
                             },
                         .on_counted =
                             [this, news = news_, &strand = strand_] {
                               if (news->counted.exchange(true)) return;
                               strand.After(kCountsDelay, [this, news] {
                                 if (!news->is_over) OnCounts();
                               });
                             }});
}

void Reception::OnNews() {
  news_->stored = false;
  ingester_->OnNews();
}

void Reception::OnCounts() {
  news_->counted = false;
  if (!queue_.ready()) return;  // they are asked for when Odoo is back
  queue_.AddRejectedCounts(gateway_->TakeRejectedCounts());
  ingester_->OnNews();
  queue_.Pump();
}

void Reception::OnLinkReady() {
  if (inbox_ != nullptr) {
    queue_.AddRejectedCounts(gateway_->TakeRejectedCounts());
    ingester_->OnNews();
  }
  queue_.OnLinkReady();
  intake_.OnLinkReady();
}

}  // namespace webhook::inbound
