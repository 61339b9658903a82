// SPDX-License-Identifier: LGPL-3.0-or-later
#include "app/webhook_worker/service.h"

#include <unistd.h>

#include <array>

#include "app/webhook_worker/engine_options.h"
#include "app/webhook_worker/gateway_options.h"
#include "app/webhook_worker/gateway_parts.h"
#include "app/webhook_worker/odoo_connection.h"
#include "app/webhook_worker/worker_identity.h"
#include "app/webhook_worker/worker_metrics.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/callback_host/callback_host.h"
#include "lib/delivery/engine.h"
#include "lib/inbound/reception.h"
#include "lib/journal/sqlite_journal.h"
#include "lib/net/event_loop.h"
#include "lib/net/name_lookup.h"
#include "lib/net/pooled_transport.h"
#include "lib/net/udp_wakeup.h"
#include "lib/observe/spdlog_event_log.h"
#include "lib/secrets/worker_secrets.h"
#include "rpc/async_client.h"

namespace webhook::app {

using base::Level;

// Members are built from top to bottom and end in the opposite order: what shows the engine, the
// engine, what it is handed, the loop after everything that posts to it.
class Service::Parts {
 public:
  explicit Parts(const config::Config& config);

  void Run();
  void Stop();

 private:
  delivery::EnginePorts Ports();
  void StartWakeups();
  void StartInbound();
  void OnWakeSecret(const std::string& secret);

  const config::Config config_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  observe::SpdlogEventLog log_;
  net::EventLoop loop_;
  journal::SqliteJournal journal_;
  delivery::JournalContents contents_;
  const std::string worker_uid_;
  rpc::AsyncClient odoo_;
  secrets::WorkerSecrets secrets_;
  net::SystemNameLookup lookup_;
  net::PooledTransport transport_;
  callback_host::CallbackHost callbacks_;
  std::unique_ptr<net::UdpWakeup> wakeups_;
  std::unique_ptr<GatewayParts> gateway_;  // null: nothing is received here
  std::unique_ptr<inbound::Reception> reception_;
  std::unique_ptr<delivery::Engine> engine_;
  std::unique_ptr<WorkerMetrics> metrics_;
};

Service::Parts::Parts(const config::Config& config)
    : config_(config),
      log_(clock_, LogOptions(config.log)),
      loop_(clock_),
      journal_({.path = config.worker.journal}, loop_),
      contents_(journal_.Load()),
      worker_uid_(WorkerUid(contents_, journal_, clock_, random_)),
      odoo_([this] { return Connect(config_.odoo, clock_); }, loop_, clock_,
            {.calls_in_flight_max = static_cast<std::size_t>(config.odoo.calls_in_flight_max)}),
      secrets_(SecretsOptions(config.secrets)),
      transport_(TransportOptions(config), clock_, loop_, lookup_),
      callbacks_(CallbackOptions(config.callbacks), clock_, loop_, log_) {
  StartWakeups();
  StartInbound();
  const std::string wake_address = wakeups_ ? wakeups_->address() : "";
  engine_ = std::make_unique<delivery::Engine>(EngineOptions(config_, worker_uid_, wake_address),
                                               Ports());
  metrics_ = std::make_unique<WorkerMetrics>(
      config_.metrics,
      WorkerMetrics::Sources{clock_, loop_, log_, journal_, *engine_, gateway_.get()});
  if (gateway_) gateway_->Listen();
}

delivery::EnginePorts Service::Parts::Ports() {
  return {loop_,      clock_,   random_,    log_,     odoo_,
          transport_, journal_, callbacks_, secrets_, reception_.get()};
}

// A worker without a gateway still judges what Odoo's own controller took.
void Service::Parts::StartInbound() {
  if (!config_.gateway.listen.empty()) {
    gateway_ = std::make_unique<GatewayParts>(config_, clock_, random_, log_, loop_);
  }
  reception_ = std::make_unique<inbound::Reception>(ReceptionOptions(config_, worker_uid_), Ports(),
                                                    gateway_ ? &gateway_->inbox() : nullptr,
                                                    gateway_ ? &gateway_->gateway() : nullptr);
}

// Without wake-ups the worker polls: a socket that cannot be had costs latency only.
void Service::Parts::StartWakeups() {
  if (config_.wake.listen.empty()) return;
  try {
    wakeups_ = std::make_unique<net::UdpWakeup>(net::WakeupOptions{.address = config_.wake.listen},
                                                clock_, loop_, [this] { engine_->Wake(); });
  } catch (const std::runtime_error& error) {
    log_.Write(Level::kWarning, "wake.unavailable", {{"why", std::string_view(error.what())}});
  }
}

void Service::Parts::OnWakeSecret(const std::string& secret) {
  if (wakeups_ && !wakeups_->SetSecret(secret, config_.odoo.database)) {
    log_.Write(Level::kWarning, "wake.secret_invalid");
  }
}

void Service::Parts::Run() {
  log_.Write(Level::kInfo, "worker.started",
             {{"version", WEBHOOK_VERSION},
              {"name", config_.worker.name},
              {"worker", worker_uid_},
              {"odoo", config_.odoo.url},
              {"database", config_.odoo.database},
              {"settlements_waiting", contents_.settlements.size()},
              {"attempts_interrupted", contents_.intents.size()}});
  loop_.Post([this] {
    engine_->Start(contents_, [this](const std::string& secret) { OnWakeSecret(secret); });
    metrics_->Watch();
  });
  loop_.Run();
  log_.Write(Level::kInfo, "worker.stopped", {{"settlements_left", engine_->settle_backlog()}});
}

// New requests are refused while those under way still get their 202: the inbox keeps what comes.
void Service::Parts::Stop() {
  if (gateway_) gateway_->BeginStop();
  loop_.Post([this] {
    metrics_->Stop();
    log_.Write(Level::kInfo, "worker.stopping", {{"in_flight", engine_->in_flight()}});
    engine_->Stop(std::chrono::seconds(config_.worker.shutdown_grace_seconds),
                  [this] { loop_.Stop(); });
  });
}

Service::Service(const config::Config& config) : parts_(std::make_unique<Parts>(config)) {}
Service::~Service() = default;
void Service::Run() { parts_->Run(); }
void Service::Stop() { parts_->Stop(); }

}  // namespace webhook::app
