// SPDX-License-Identifier: LGPL-3.0-or-later
#include "tests/conformance/rpc/fake_odoo.h"

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "rpc/protocol.h"

namespace webhook::rpc {

using nlohmann::json;

// An exception as Odoo would raise it.
struct FakeOdoo::Refusal {
  int status;      // over JSON-2
  int fault_code;  // over XML-RPC
  std::string name;
  std::string message;
};

namespace {

const std::string kNoDatabasePage =
    "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
    "<!-- Alternatively, use the X-Odoo-Database header. -->\n";

std::string EchoOf(const std::string& request) {
  return json{{"echo", request}}.dump(-1, ' ', true);
}

json ErrorObject(const std::string& name, const std::string& message) {
  return {{"name", name}, {"message", message}, {"arguments", {message}}, {"debug", "Traceback\n"}};
}

// <param><value>…: the text of a scalar, or of the first text in an array.
std::string TextOf(const pugi::xml_node& value) {
  const pugi::xml_node typed = value.first_child();
  if (std::string_view(typed.name()) == "array") {
    return TextOf(typed.child("data").child("value"));
  }
  return typed.child_value();
}

std::string XmlEscaped(const std::string& text) {
  pugi::xml_document document;
  document.append_child("string").append_child(pugi::node_pcdata).set_value(text.c_str());
  std::ostringstream stream;
  document.print(stream, "", pugi::format_raw | pugi::format_no_declaration);
  return stream.str();
}

}  // namespace

FakeOdoo::FakeOdoo(FakeOdooOptions options)
    : options_(std::move(options)), server_(std::make_unique<httplib::Server>()) {
  server_->new_task_queue = [] { return new httplib::ThreadPool(4); };
  server_->set_tcp_nodelay(true);
  server_->set_read_timeout(5);
  // Idle connections end soon, so that stopping is quick.
  server_->set_keep_alive_timeout(1);
  AddRoutes();
  port_ = server_->bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

FakeOdoo::~FakeOdoo() {
  server_->stop();
  thread_.join();
}

std::string FakeOdoo::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + options_.base_path;
}

void FakeOdoo::SetKey(std::string key) {
  const base::MutexLock lock(mutex_);
  key_ = std::move(key);
}

bool FakeOdoo::IsKey(const std::string& key) {
  const base::MutexLock lock(mutex_);
  return key == key_;
}

void FakeOdoo::AddRoutes() {
  if (std::stoi(options_.version) >= 19) AddJson2();
  if (options_.jsonrpc) AddJsonRpc();
  if (options_.xmlrpc) AddXmlRpc();
}

void FakeOdoo::AddJson2() {
  server_->Get(options_.base_path + "/json/version", [this](const auto&, auto& response) {
    response.set_content(json{{"version_info", {19, 0}}, {"version", options_.version}}.dump(),
                         "application/json");
  });
  server_->Post(
      options_.base_path + "/json/2/([^/]+)/([^/]+)", [this](const auto& request, auto& response) {
        const auto refuse = [&](int status, const std::string& name, const std::string& message) {
          response.status = status;
          response.set_content(ErrorObject(name, message).dump(), "application/json");
        };
        if (request.get_header_value("X-Odoo-Database") != kDatabase) {
          response.status = 404;
          response.set_content(kNoDatabasePage, "text/html; charset=utf-8");
        } else if (!IsKey(request.get_header_value("Authorization").substr(7))) {
          refuse(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey");
        } else if (request.matches[1].str() != kWorkerModel || request.matches[2] != "echo") {
          refuse(404, "werkzeug.exceptions.NotFound", "does not exist");
        } else {
          response.set_content(json(EchoOf(json::parse(request.body).at("request"))).dump(),
                               "application/json");
        }
      });
}

// Throws Refusal.
std::string FakeOdoo::CallService(const std::string& service, const std::string& method,
                                  const std::vector<std::string>& arguments) {
  if (arguments.at(0) != kDatabase) {
    throw Refusal{500, 1, "psycopg2.OperationalError",
                  "FATAL:  database \"" + arguments.at(0) + "\" does not exist\n"};
  }
  if (service == "common" && method == "login") {
    ++log_ins_;
    const bool good = arguments.at(1) == kLogin && IsKey(arguments.at(2));
    return good ? std::to_string(user_id_) : "false";
  }
  if (arguments.at(1) != std::to_string(user_id_) || !IsKey(arguments.at(2))) {
    throw Refusal{403, 3, "odoo.exceptions.AccessDenied", "Access Denied"};
  }
  if (arguments.at(3) != kWorkerModel) {
    throw Refusal{422, 2, "odoo.exceptions.UserError",
                  "Object " + arguments.at(3) + " doesn't exist"};
  }
  if (arguments.at(4) != "echo") {
    throw Refusal{500, 1, "AttributeError",
                  "The method '" + arguments.at(3) + "." + arguments.at(4) + "' does not exist"};
  }
  return EchoOf(arguments.at(5));
}

void FakeOdoo::AddJsonRpc() {
  server_->Post(options_.base_path + "/jsonrpc", [this](const auto& request, auto& response) {
    const json params = json::parse(request.body).at("params");
    json envelope = {{"jsonrpc", "2.0"}, {"id", 1}};
    std::vector<std::string> arguments;
    for (const json& argument : params.at("args")) {
      arguments.push_back(argument.is_string()  ? argument.template get<std::string>()
                          : argument.is_array() ? argument.at(0).template get<std::string>()
                                                : argument.dump());
    }
    try {
      if (params.at("method") == "version") {
        envelope["result"] = {{"server_version", options_.version}};
      } else {
        const std::string value = CallService(params.at("service"), params.at("method"), arguments);
        envelope["result"] = params.at("service") == "common" ? json::parse(value) : json(value);
      }
    } catch (const Refusal& refusal) {
      envelope["error"] = {{"code", 0},
                           {"message", "Odoo Server Error"},
                           {"data", ErrorObject(refusal.name, refusal.message)}};
    }
    response.set_content(envelope.dump(), "application/json");
  });
}

void FakeOdoo::AddXmlRpc() {
  server_->Post(options_.base_path + "/xmlrpc/2/(.+)", [this](const auto& request, auto& response) {
    pugi::xml_document document;
    document.load_buffer(request.body.data(), request.body.size(),
                         pugi::parse_default | pugi::parse_ws_pcdata_single);
    const pugi::xml_node call = document.child("methodCall");
    const std::string method = call.child_value("methodName");
    std::vector<std::string> arguments;
    for (const auto& param : call.child("params").children("param")) {
      arguments.push_back(TextOf(param.child("value")));
    }
    std::string answer;
    try {
      std::string value;
      if (method == "version") {
        value = "<struct><member><name>server_version</name><value><string>" + options_.version +
                "</string></value></member></struct>";
      } else {
        const std::string text = CallService(request.matches[1], method, arguments);
        value = request.matches[1] == "object" ? XmlEscaped(text)
                : text == "false"              ? "<boolean>0</boolean>"
                                               : "<int>" + text + "</int>";
      }
      answer = "<params>\n<param>\n<value>" + value + "</value>\n</param>\n</params>";
    } catch (const Refusal& refusal) {
      std::string text = refusal.message;
      if (refusal.fault_code == 1) {
        text = "Traceback (most recent call last):\n  File \"x\"\n" + refusal.name + ": " + text;
      }
      answer = "<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n<value><int>" +
               std::to_string(refusal.fault_code) +
               "</int></value>\n</member>\n<member>\n<name>faultString</name>\n<value>" +
               XmlEscaped(text) + "</value>\n</member>\n</struct></value>\n</fault>";
    }
    response.set_content(
        "<?xml version=\"1.0\"?>\n<methodResponse>\n" + answer + "\n\n</methodResponse>\n",
        "text/xml");
  });
}

}  // namespace webhook::rpc
