// SPDX-License-Identifier: LGPL-3.0-or-later
// The commands of webhook-demo. Each returns the exit code, and throws std::runtime_error with a
// sentence for people when it cannot do its work.
#pragma once

#include <string>

#include "app/webhook_demo/receiver/receiver.h"

namespace webhook::demo {

struct ReceiverCommandOptions {
  ReceiverOptions receiver;
  std::string port_file;  // not empty: the port is written there once it listens
};

// Receives until SIGTERM or SIGINT.
int ReceiverCommand(const ReceiverCommandOptions& options);

struct RunCommandOptions {
  int deliveries = 1000;
  std::string worker;    // the program; empty: the one beside this program
  std::string odoo_env;  // describes a real Odoo; empty: the double
  int receiver_port = 0;
  int time_limit_seconds = 0;  // for the deliveries to end; 0: see TimeLimit()
  bool keep = false;           // stay up afterwards, until stopped
  bool show_progress = true;
};

// Seconds: what was asked for, or two minutes and one second for every 50 deliveries.
int TimeLimit(const RunCommandOptions& options);

struct SendCommandOptions {
  std::string url;     // of an inbound endpoint, at a numeric address
  std::string secret;  // whsec_…: signed as Standard Webhooks say
  int count = 1000;    // each another event
  int connections = 8;
  int bytes = 1024;  // of each body
};

// Sends signed webhooks as fast as they are answered; prints one line of JSON: how many were
// accepted, how many a second, how long an answer took.
int SendCommand(const SendCommandOptions& options);

// The main job end to end. 0 only if receiver and Odoo agree on every delivery.
int RunCommand(const RunCommandOptions& options);

}  // namespace webhook::demo
