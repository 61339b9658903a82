// SPDX-License-Identifier: LGPL-3.0-or-later
// Callbacks of every kind of behaviour.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include "lib/callback/registry.h"

namespace {

using namespace webhook::callback;

// The compiler must not see that these do not end well.
volatile bool keep_going = true;
int* volatile nowhere = reinterpret_cast<int*>(8);

}  // namespace

WEBHOOK_CALLBACK("test.operations", [](EventContext& context) -> Outcome {
  return Outcome::Done()
      .Note("paid by " + context.RequireText("customer.name"))
      .With(Upsert("res.partner")
                .By("ref", context.RequireText("customer.ref"))
                .Set("name", context.RequireText("customer.name"))
                .Set("active", true)
                .Set("color", 7)
                .Set("country_id", ExternalId("base.us"))
                .IfMany(LookupPolicy::kFirst))
      .With(Create("res.partner.category").Set("name", "paid"));
});

WEBHOOK_CALLBACK("test.facts", [](EventContext& context) -> Outcome {
  std::string note =
      context.callback() + " " + context.uid() + " " + context.endpoint() + " " +
      context.handler() + " " + std::to_string(context.attempt()) + " " +
      context.header("X-Topic").value_or("-") + " " + context.query("q").value_or("-") + " " +
      context.semantic("topic").value_or("-") + " " + *context.resolved("number").text() + " " +
      *context.field("event_field:name").text() + " " + context.Text("amount").value_or("-") + " " +
      std::to_string(context.record_id());
  if (context.Remaining() > std::chrono::milliseconds(0)) note += " in time";
  return Outcome::Retry(note, std::chrono::seconds(90));
});

WEBHOOK_CALLBACK("test.raw", [](EventContext& context) -> Outcome {
  return Outcome::DeadLetter(context.payload().is_missing()
                                 ? "no JSON, " + std::to_string(context.body().size()) + " bytes"
                                 : "JSON");
});

WEBHOOK_CALLBACK("test.change", [](DeliveryContext& context) -> Outcome {
  context.request().SetHeader("x-SIGNED-BY", "acme");
  context.request().http_method = "put";
  context.request().target_path = "/v2" + context.request().target_path;
  context.request().payload += std::string("\xFF\x00", 2) + *context.context_value("extra").text();
  return Outcome::Send();
});
WEBHOOK_CALLBACK("test.send", [](DeliveryContext&) -> Outcome { return Outcome::Send(); });
WEBHOOK_CALLBACK("test.cancel",
                 [](DeliveryContext&) -> Outcome { return Outcome::Cancel("not for this one"); });
WEBHOOK_CALLBACK("test.bad_method", [](DeliveryContext& context) -> Outcome {
  context.request().http_method = "brew";
  return Outcome::Send();
});
WEBHOOK_CALLBACK("test.done_of_delivery",
                 [](DeliveryContext&) -> Outcome { return Outcome::Done(); });

WEBHOOK_CALLBACK("test.throw", [](EventContext&) -> Outcome {
  throw std::runtime_error("no \x01 customer\nand a second line");
});
WEBHOOK_CALLBACK("test.throw_number", [](EventContext&) -> Outcome { throw 42; });
WEBHOOK_CALLBACK("test.bad_path", [](EventContext& context) -> Outcome {
  return Outcome::Done().Note(context.RequireText("a[[b"));
});
WEBHOOK_CALLBACK("test.loop", [](EventContext&) -> Outcome {
  std::fprintf(stderr, "%d\n", getpid());
  while (keep_going) {
  }
  return Outcome::Done();
});
WEBHOOK_CALLBACK("test.segfault", [](EventContext&) -> Outcome {
  signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler of their own
  *nowhere = 1;
  return Outcome::Done();
});
WEBHOOK_CALLBACK("test.abort", [](EventContext&) -> Outcome {
  std::fprintf(stderr, "the last words");
  std::abort();
});
WEBHOOK_CALLBACK("test.exit", [](EventContext&) -> Outcome { _exit(0); });
WEBHOOK_CALLBACK("test.overflow", [](EventContext& context) -> Outcome {
  struct Deep {
    static int Down(volatile int* above) {
      volatile int here[1024] = {*above};
      return keep_going ? Down(here) + here[7] : here[0];
    }
  };
  signal(SIGSEGV, SIG_DFL);
  volatile int bottom = 1;
  return Outcome::Done().Note(std::to_string(Deep::Down(&bottom) + context.attempt()));
});
WEBHOOK_CALLBACK("test.kill_thread", [](EventContext&) -> Outcome {
  std::thread([] { throw std::runtime_error("from a thread of its own"); }).join();
  return Outcome::Done();
});

WEBHOOK_CALLBACK("test.garbage", [](EventContext&) -> Outcome {
  const std::string rubbish(100, 'x');
  for (int fd = 3; fd < 32; ++fd) send(fd, rubbish.data(), rubbish.size(), MSG_NOSIGNAL);
  return Outcome::Done();
});
WEBHOOK_CALLBACK("test.not_json", [](EventContext&) -> Outcome {
  const std::string rubbish("\0\0\0\4nope", 8);
  for (int fd = 3; fd < 32; ++fd) send(fd, rubbish.data(), rubbish.size(), MSG_NOSIGNAL);
  return Outcome::Done();
});
WEBHOOK_CALLBACK("test.old_reply", [](EventContext&) -> Outcome {
  const std::string reply =
      R"({"type":"reply","call":0,"reply":{"outcome":"done","note":"","retry_after_seconds":0,)"
      R"("operations":[]}})";
  const std::string frame = std::string("\0\0\0", 3) + static_cast<char>(reply.size()) + reply;
  for (int fd = 3; fd < 32; ++fd) send(fd, frame.data(), frame.size(), MSG_NOSIGNAL);
  while (keep_going) {
  }
  return Outcome::Done();
});
WEBHOOK_CALLBACK("test.close_all", [](EventContext&) -> Outcome {
  for (int fd = 0; fd < 32; ++fd) close(fd);
  while (keep_going) {
  }
  return Outcome::Done();
});
WEBHOOK_CALLBACK("test.huge_answer", [](EventContext&) -> Outcome {
  return Outcome::Done().With(
      Create("res.partner").Set("comment", std::string(20UL * 1024 * 1024, 'x')));
});
WEBHOOK_CALLBACK("test.many_operations", [](EventContext&) -> Outcome {
  Outcome outcome = Outcome::Done();
  for (int i = 0; i < 101; ++i) outcome.With(Create("res.partner").Set("name", i));
  return outcome;
});
WEBHOOK_CALLBACK("test.update_all", [](EventContext&) -> Outcome {
  return Outcome::Done().With(Update("res.partner").Set("active", false));
});
WEBHOOK_CALLBACK("test.not_utf8", [](EventContext&) -> Outcome {
  return Outcome::Done().With(Create("res.partner").Set("name", "\xFF\xFE"));
});
WEBHOOK_CALLBACK("test.huge_output", [](EventContext& context) -> Outcome {
  const std::string line(5000, 'y');
  for (int i = 0; i < 2000; ++i) std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  for (int i = 0; i < 2000; ++i) context.Log(LogLevel::kInfo, "line");
  return Outcome::Done();
});
WEBHOOK_CALLBACK("test.log", [](EventContext& context) -> Outcome {
  context.Log(LogLevel::kWarning, "look: \x02");
  std::printf("printed\n");
  std::fflush(stdout);
  return Outcome::Done();
});

WEBHOOK_CALLBACK("test.environment", [](EventContext&) -> Outcome {
  std::string note;
  for (char** variable = environ; *variable != nullptr; ++variable)
    note += std::string(*variable) + ";";
  int open = 0;
  for (int fd = 0; fd < 1024; ++fd) open += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF ? 1 : 0;
  return Outcome::Done().Note(note + std::to_string(open));
});
WEBHOOK_CALLBACK("test.pid", [](EventContext&) -> Outcome {
  return Outcome::Done().Note(std::to_string(getpid()));
});
// Ends when another call has made the file whose name is the payload's "until".
WEBHOOK_CALLBACK("test.meet", [](EventContext& context) -> Outcome {
  std::fclose(std::fopen(context.RequireText("make").c_str(), "w"));
  while (access(context.RequireText("until").c_str(), F_OK) != 0) usleep(1000);
  return Outcome::Done();
});

WEBHOOK_CALLBACK("test.read", [](EventContext& context) -> Outcome {
  const auto ids =
      context.odoo().Search("res.partner", Domain("ref", "=", "A").And("active", "=", true),
                            {.order = "name", .limit = 5});
  if (!ids.ok()) return Outcome::DeadLetter(ids.error().message);
  const auto count = context.odoo().SearchCount("res.partner", Domain());
  const auto records = context.odoo().Read("res.partner", ids.value(), {"name"});
  const auto found = context.odoo().SearchRead("res.partner", Domain(), {"name"});
  if (!count.ok() || !records.ok() || !found.ok()) return Outcome::DeadLetter("not all");
  return Outcome::Done().Note(
      std::to_string(ids.value().size()) + " of " + std::to_string(count.value()) + ": " +
      *records.value()[0].Find("name")->text() + ", " + std::to_string(found.value().size()));
});
