// SPDX-License-Identifier: LGPL-3.0-or-later
// The answers are those recorded from an Odoo 19.0.
#include "rpc/embedded/http_face.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "lib/base/clock.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

const char* const kRequest = R"({"worker_uid": "00000000-0000-7000-8000-000000000001"})";

struct Fixture {
  base::SystemClock clock;
  EmbeddedOdoo odoo{clock};
  HttpFace face{odoo};

  httplib::Result Post(const std::string& path, const std::string& body, const char* type,
                       const httplib::Headers& headers = {}) {
    httplib::Client client(face.url());
    auto result = client.Post(path, headers, body, type);
    REQUIRE(result);
    return result;
  }

  httplib::Result Json2(const std::string& method, const std::string& body,
                        const std::string& key = "worker-key", const char* database = "webhook",
                        const std::string& model = "bwt.webhook.worker") {
    return Post("/json/2/" + model + "/" + method, body, "application/json",
                {{"Authorization", "bearer " + key}, {"X-Odoo-Database", database}});
  }

  json JsonRpc(const std::string& service, const std::string& method, const json& args) {
    const json call = {{"jsonrpc", "2.0"},
                       {"method", "call"},
                       {"id", 7},
                       {"params", {{"service", service}, {"method", method}, {"args", args}}}};
    const auto result = Post("/jsonrpc", call.dump(), "application/json");
    CHECK(result->status == 200);
    const json answer = json::parse(result->body);
    CHECK(answer["id"] == 7);
    return answer;
  }

  json ExecuteKw(const json& uid, const std::string& key, const std::string& model,
                 const std::string& method, const json& arguments) {
    return JsonRpc("object", "execute_kw", {"webhook", uid, key, model, method, arguments});
  }

  std::string XmlRpc(const std::string& service, const std::string& method,
                     const std::string& params) {
    const auto result = Post("/xmlrpc/2/" + service,
                             "<?xml version='1.0'?>\n<methodCall>\n<methodName>" + method +
                                 "</methodName>\n<params>\n" + params + "</params>\n</methodCall>",
                             "text/xml");
    CHECK(result->status == 200);
    CHECK(result->get_header_value("Content-Type") == "text/xml; charset=utf-8");
    return result->body;
  }
};

std::string Param(const std::string& value) {
  return "<param><value>" + value + "</value></param>";
}
std::string Text(const std::string& text) { return Param("<string>" + text + "</string>"); }

std::string XmlExecute(Fixture& fixture, const std::string& model, const std::string& method,
                       const std::string& request, const std::string& key = "worker-key") {
  return fixture.XmlRpc(
      "object", "execute_kw",
      Text("webhook") + Param("<int>2</int>") + Text(key) + Text(model) + Text(method) +
          Param("<array><data><value><string>" + request + "</string></value></data></array>"));
}

TEST_CASE_FIXTURE(Fixture, "the version tells an Odoo 19") {
  httplib::Client client(face.url());
  for (const char* path : {"/web/version", "/json/version"}) {
    const auto result = client.Get(path);
    REQUIRE(result);
    CHECK(json::parse(result->body)["version"] == "19.0");
    CHECK(json::parse(result->body)["version_info"] == json({19, 0, 0, "final", 0, ""}));
  }
  CHECK(client.Get("/nothing")->status == 404);
}

TEST_CASE_FIXTURE(Fixture, "JSON-2 answers the method's text") {
  const auto result = Json2("configuration", json{{"request", kRequest}}.dump());
  CHECK(result->status == 200);
  CHECK(json::parse(json::parse(result->body).get<std::string>()).contains("fingerprint"));
  CHECK(result->get_header_value("Connection") == "close");
  const auto echo = Json2("echo", R"({"request": "a\"ü\u0000"})");
  CHECK(json::parse(json::parse(echo->body).get<std::string>()) ==
        json{{"echo", std::string("a\"ü\0", 5)}});
}

TEST_CASE_FIXTURE(Fixture, "JSON-2 errors") {
  struct Case {
    httplib::Result result;
    int status;
    const char* name;
  };
  const std::string good = json{{"request", kRequest}}.dump();
  Case cases[] = {
      {Json2("claim", good, "wrong"), 401, "werkzeug.exceptions.Unauthorized"},
      {Json2("claim", good, ""), 401, "werkzeug.exceptions.Unauthorized"},
      {Json2("configuration", good, "demo-key"), 403, "odoo.exceptions.AccessError"},
      {Json2("nothing", good), 404, "werkzeug.exceptions.NotFound"},
      {Json2("claim", good, "worker-key", "webhook", "no.model"), 404,
       "werkzeug.exceptions.NotFound"},
      {Json2("claim", "{"), 400, "werkzeug.exceptions.BadRequest"},
      {Json2("claim", R"({"reqest": ""})"), 422, "werkzeug.exceptions.UnprocessableEntity"},
      {Json2("claim", good), 422, "odoo.exceptions.ValidationError"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.result->body);
    CHECK(one.result->status == one.status);
    const json body = json::parse(one.result->body);
    CHECK(body["name"] == one.name);
    for (const char* key : {"message", "arguments", "context", "debug"}) CHECK(body.contains(key));
  }
  const auto no_database = Json2("claim", good, "worker-key", "nothing");
  CHECK(no_database->status == 404);
  CHECK(no_database->get_header_value("Content-Type") == "text/html; charset=utf-8");
}

TEST_CASE_FIXTURE(Fixture, "JSON-RPC logs in and calls") {
  CHECK(JsonRpc("common", "version", json::array())["result"]["server_serie"] == "19.0");
  CHECK(JsonRpc("common", "login", {"webhook", "webhook_worker", "worker-key"})["result"] == 2);
  CHECK(JsonRpc("common", "authenticate",
                {"webhook", "webhook_worker", "no", json::object()})["result"] == false);
  const json answer = ExecuteKw(2, "worker-key", "bwt.webhook.worker", "configuration", {kRequest});
  CHECK(json::parse(answer["result"].get<std::string>())["unchanged"] == false);
}

TEST_CASE_FIXTURE(Fixture, "JSON-RPC errors") {
  const auto name = [](const json& answer) { return answer["error"]["data"]["name"]; };
  const std::string model = "bwt.webhook.worker";
  CHECK(name(ExecuteKw(2, "no", model, "claim", {"{}"})) == "odoo.exceptions.AccessDenied");
  CHECK(name(ExecuteKw(9, "worker-key", model, "claim", {"{}"})) == "odoo.exceptions.AccessDenied");
  CHECK(name(ExecuteKw(3, "demo-key", model, "claim", {"{}"})) == "odoo.exceptions.AccessError");
  CHECK(name(ExecuteKw(2, "worker-key", "no.model", "claim", {"{}"})) ==
        "odoo.exceptions.UserError");
  CHECK(name(ExecuteKw(2, "worker-key", model, "nothing", {"{}"})) == "builtins.AttributeError");
  CHECK(name(ExecuteKw(2, "worker-key", model, "claim", json::array())) == "builtins.TypeError");
  CHECK(name(ExecuteKw(2, "worker-key", model, "claim", {"{}"})) ==
        "odoo.exceptions.ValidationError");
  CHECK(name(JsonRpc("common", "login", {"nothing", "a", "b"})) == "psycopg2.OperationalError");
  CHECK(Post("/jsonrpc", "{", "application/json")->status == 400);
  // Parameters that make no sense end as an error, not as the end of the server.
  CHECK(name(JsonRpc("object", "execute_kw", {7})) == "builtins.TypeError");
  CHECK(name(JsonRpc("common", "login", {"webhook"})) == "builtins.TypeError");
}

TEST_CASE_FIXTURE(Fixture, "XML-RPC logs in and calls") {
  const std::string login = XmlRpc(
      "common", "authenticate",
      Text("webhook") + Text("webhook_worker") + Text("worker-key") + Param("<struct></struct>"));
  CHECK(login.find("<int>2</int>") != std::string::npos);
  CHECK(XmlRpc("common", "version", "").find("server_version") != std::string::npos);
  const std::string echo =
      XmlExecute(*this, "bwt.webhook.worker", "echo", " a&amp;&lt;b&gt;&#13; ");
  CHECK(echo.find(R"({"echo":" a&amp;&lt;b&gt;\r "})") != std::string::npos);
  const std::string untyped = XmlRpc("common", "login", Param("webhook") + Param("a") + Param("b"));
  CHECK(untyped.find("<boolean>0</boolean>") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "XML-RPC faults") {
  const auto has = [](const std::string& body, const std::string& code, const std::string& text) {
    CAPTURE(body);
    CHECK(body.find("<fault>") != std::string::npos);
    CHECK(body.find("<int>" + code + "</int>") != std::string::npos);
    CHECK(body.find(text) != std::string::npos);
  };
  const std::string model = "bwt.webhook.worker";
  has(XmlExecute(*this, model, "claim", "{}", "no"), "3", "Access Denied");
  has(XmlExecute(*this, "no.model", "claim", "{}"), "2", "Object no.model doesn't exist");
  has(XmlExecute(*this, model, "nothing", "{}"), "1",
      "\nAttributeError: The method 'bwt.webhook.worker.nothing' does not exist");
  has(XmlExecute(*this, model, "claim", "{}"), "2", "claim: request lacks");
  has(XmlRpc("common", "login", Text("nothing") + Text("a") + Text("b")), "1",
      "psycopg2.OperationalError: ");
  has(XmlRpc("object", "execute_kw", Text("webhook")), "1", "TypeError");
  has(Post("/xmlrpc/2/common", "no xml", "text/xml")->body, "1", "ExpatError");
}

TEST_CASE_FIXTURE(Fixture, "deeply nested parameters end as a fault") {
  std::string open, close;
  for (int i = 0; i < 100'000; ++i) {
    open += "<value><array><data>";
    close += "</data></array></value>";
  }
  const std::string body = XmlRpc("common", "login", "<param>" + open + close + "</param>");
  CHECK(body.find("<fault>") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "accounts may change while it serves") {
  face.SetAccounts({{"webhook_worker", "new-key", true}});
  const std::string good = json{{"request", kRequest}}.dump();
  CHECK(Json2("configuration", good)->status == 401);
  CHECK(Json2("configuration", good, "new-key")->status == 200);
}

TEST_CASE("a body over the limit is refused") {
  const base::SystemClock clock;
  EmbeddedOdoo odoo(clock);
  HttpFace face(odoo, {.body_bytes_max = 1000});
  httplib::Client client(face.url());
  const auto result = client.Post("/jsonrpc", std::string(1001, 'x'), "application/json");
  CHECK((!result || result->status == 413));
}

TEST_CASE("a port that is taken cannot be had") {
  const base::SystemClock clock;
  EmbeddedOdoo odoo(clock);
  HttpFace face(odoo);
  const int port = std::stoi(face.url().substr(face.url().rfind(':') + 1));
  CHECK_THROWS_AS(HttpFace(odoo, {.port = port}), std::runtime_error);
}

TEST_CASE("an addon that is not installed has no model") {
  const base::SystemClock clock;
  EmbeddedOdoo odoo(clock);
  HttpFace face(odoo, {.addon_installed = false});
  httplib::Client client(face.url());
  const auto result =
      client.Post("/json/2/bwt.webhook.worker/claim",
                  {{"Authorization", "bearer worker-key"}, {"X-Odoo-Database", "webhook"}},
                  R"({"request": ""})", "application/json");
  REQUIRE(result);
  CHECK(result->status == 404);
  CHECK(json::parse(result->body)["message"] == "the model 'bwt.webhook.worker' does not exist");
}

}  // namespace
}  // namespace webhook::embedded
