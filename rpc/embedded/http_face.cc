// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/http_face.h"

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "lib/base/mutex.h"
#include "rpc/embedded/xmlrpc_envelope.h"

namespace webhook::embedded {
namespace {

using nlohmann::json;

constexpr const char* kJson = "application/json; charset=utf-8";
constexpr const char* kHtml = "text/html; charset=utf-8";

void AnswerJson(httplib::Response& response, int status, const json& body) {
  response.status = status;
  response.set_content(body.dump(-1, ' ', true, json::error_handler_t::replace), kJson);
}

json ErrorObject(const std::string& name, const std::string& message) {
  return {{"name", name},
          {"message", message},
          {"arguments", json::array({message})},
          {"context", json::object()},
          {"debug", "Traceback (most recent call last):\n" + name + ": " + message + "\n"}};
}

// The token of `Authorization: bearer TOKEN`; empty when there is none.
std::string BearerToken(const httplib::Request& request) {
  const std::string header = request.get_header_value("Authorization");
  const bool is_bearer = header.rfind("bearer ", 0) == 0 || header.rfind("Bearer ", 0) == 0;
  return is_bearer ? header.substr(7) : "";
}

}  // namespace

class HttpFace::Server {
 public:
  Server(EmbeddedOdoo& odoo, HttpFaceOptions options)
      : service_{odoo, options.database, std::move(options.accounts), options.addon_installed},
        database_(std::move(options.database)) {
    Configure(options);
    AddRoutes();
    if (options.port == 0) {
      options.port = server_.bind_to_any_port("127.0.0.1");
    } else if (!server_.bind_to_port("127.0.0.1", options.port)) {
      options.port = -1;
    }
    if (options.port < 0) throw std::runtime_error("the double cannot listen on 127.0.0.1");
    url_ = "http://127.0.0.1:" + std::to_string(options.port);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }

  ~Server() {
    // stop() before the loop has begun would be forgotten.
    while (!server_.is_running()) std::this_thread::yield();
    server_.stop();
    thread_.join();
  }

  const std::string& url() const { return url_; }

  template <typename Use>
  auto WithService(const Use& use) {
    base::MutexLock lock(mutex_);
    return use(service_);
  }

 private:
  void Configure(const HttpFaceOptions& options) {
    server_.new_task_queue = [threads = options.threads] {
      return new httplib::ThreadPool(threads);
    };
    // The library's own choice, SO_REUSEPORT, would share a taken port instead of refusing it.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    server_.set_payload_max_length(options.body_bytes_max);
    server_.set_keep_alive_max_count(1);  // as Odoo's prefork server: one call, one connection
    server_.set_read_timeout(30);
    server_.set_write_timeout(30);
    server_.set_tcp_nodelay(true);
  }

  void AddRoutes() {
    const auto version = [](const httplib::Request&, httplib::Response& response) {
      AnswerJson(response, 200, VersionDocument());
    };
    server_.Get("/web/version", version);
    server_.Get("/json/version", version);
    server_.Post(R"(/json/2/([^/]+)/([^/]+))",
                 [this](const auto& request, auto& response) { AnswerJson2(request, response); });
    server_.Post("/jsonrpc",
                 [this](const auto& request, auto& response) { AnswerJsonRpc(request, response); });
    server_.Post(R"(/xmlrpc/2/(\w+))",
                 [this](const auto& request, auto& response) { AnswerXmlRpc(request, response); });
    server_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.body.empty())
        response.set_content("<!doctype html>\n<title>Error</title>\n", kHtml);
    });
  }

  void AnswerJson2(const httplib::Request& request, httplib::Response& response) {
    if (request.get_header_value("X-Odoo-Database") != database_) {
      response.status = 404;
      response.set_content(
          "<!DOCTYPE html>\n<title>404 Not Found</title>\n<p>No database is selected.</p>\n"
          "<!-- Alternatively, use the X-Odoo-Database header. -->\n",
          kHtml);
      return;
    }
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object())
      return AnswerJson(
          response, 400,
          ErrorObject("werkzeug.exceptions.BadRequest", "could not parse the body as json"));
    const ServerResult result = WithService([&](RpcService& service) {
      return service.CallWithKey(BearerToken(request), request.matches[1], request.matches[2],
                                 body);
    });
    if (result.ok()) return AnswerJson(response, 200, result.value());
    const ServerError& error = result.error();
    AnswerJson(response, error.http_status, ErrorObject(error.name, error.message));
  }

  void AnswerJsonRpc(const httplib::Request& request, httplib::Response& response) {
    const json call = json::parse(request.body, nullptr, false);
    if (!call.is_object() || !call.contains("params") || !call["params"].is_object()) {
      response.status = 400;
      return response.set_content("Invalid JSON data", kHtml);
    }
    json answer = {{"jsonrpc", "2.0"}, {"id", call.value("id", json())}};
    const json& params = call["params"];
    const ServerResult result =
        Dispatch(params.value("service", json()), params.value("method", json()),
                 params.value("args", json()));
    if (result.ok()) {
      answer["result"] = result.value();
    } else {
      answer["error"] = {{"code", 0},
                         {"message", "Odoo Server Error"},
                         {"data", ErrorObject(result.error().rpc_name, result.error().message)}};
    }
    AnswerJson(response, 200, answer);
  }

  void AnswerXmlRpc(const httplib::Request& request, httplib::Response& response) {
    const auto call = DecodeXmlCall(request.body);
    const ServerResult result =
        call ? Dispatch(request.matches[1], call->first, call->second)
             : ServerError{"", 500, "xml.parsers.expat.ExpatError", 1, "syntax error"};
    response.set_content(
        result.ok() ? EncodeXmlResult(result.value()) : EncodeXmlFault(result.error()),
        "text/xml; charset=utf-8");
  }

  ServerResult Dispatch(const json& service, const json& method, const json& parameters) {
    try {
      return WithService(
          [&](RpcService& rpc) { return rpc.Dispatch(service, method, parameters); });
    } catch (const json::exception& error) {  // parameters that are missing or of a wrong type
      return ServerError{"", 500, "builtins.TypeError", 1, error.what()};
    }
  }

  base::Mutex mutex_;
  RpcService service_ WEBHOOK_GUARDED_BY(mutex_);
  const std::string database_;
  httplib::Server server_;
  std::string url_;
  std::thread thread_;
};

HttpFace::HttpFace(EmbeddedOdoo& odoo, HttpFaceOptions options)
    : server_(std::make_unique<Server>(odoo, std::move(options))) {}

HttpFace::~HttpFace() = default;

const std::string& HttpFace::url() const { return server_->url(); }

void HttpFace::Locked(const std::function<void(EmbeddedOdoo&)>& use) {
  server_->WithService([&](RpcService& service) { use(service.odoo); });
}

void HttpFace::SetAccounts(std::vector<Account> accounts) {
  server_->WithService([&](RpcService& service) { service.accounts = std::move(accounts); });
}

}  // namespace webhook::embedded
