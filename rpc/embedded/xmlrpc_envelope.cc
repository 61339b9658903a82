// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/embedded/xmlrpc_envelope.h"

#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <string_view>

namespace webhook::embedded {
namespace {

using nlohmann::json;

constexpr int kDepthMax = 32;

json Decode(const pugi::xml_node& value, int depth = 0) {
  const pugi::xml_node typed = value.find_child(
      [](const pugi::xml_node& child) { return child.type() == pugi::node_element; });
  const std::string_view type = typed.name();
  if (depth > kDepthMax) return nullptr;
  if (type.empty()) return value.text().get();  // a value without a type is a string
  if (type == "int" || type == "i4") return typed.text().as_int();
  if (type == "boolean") return typed.text().as_int() != 0;
  if (type == "string") return typed.text().get();
  if (type == "array") {
    json items = json::array();
    for (const auto& item : typed.child("data").children("value"))
      items.push_back(Decode(item, depth + 1));
    return items;
  }
  if (type != "struct") return nullptr;
  json members = json::object();
  for (const auto& member : typed.children("member"))
    members[member.child("name").text().get()] = Decode(member.child("value"), depth + 1);
  return members;
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char byte : text) {
    if (byte == '&')
      escaped += "&amp;";
    else if (byte == '<')
      escaped += "&lt;";
    else if (byte == '>')
      escaped += "&gt;";
    else if (byte < 0 || byte >= ' ' || byte == '\t' || byte == '\n' || byte == '\r')
      escaped += byte;
  }
  return escaped;
}

std::string Encode(const json& value) {
  std::string inner;
  if (value.is_boolean()) {
    inner = value.get<bool>() ? "<boolean>1</boolean>" : "<boolean>0</boolean>";
  } else if (value.is_number()) {
    inner = "<int>" + value.dump() + "</int>";
  } else if (value.is_string()) {
    inner = "<string>" + Escaped(value) + "</string>";
  } else if (value.is_array()) {
    for (const json& item : value) inner += Encode(item);
    inner = "<array><data>" + inner + "</data></array>";
  } else {
    for (const auto& [name, member] : value.items())
      inner += "<member><name>" + Escaped(name) + "</name>" + Encode(member) + "</member>";
    inner = "<struct>" + inner + "</struct>";
  }
  return "<value>" + inner + "</value>";
}

std::string Response(const std::string& inner) {
  return "<?xml version=\"1.0\"?>\n<methodResponse>\n" + inner + "\n</methodResponse>\n";
}

// Faults of code 1 are tracebacks; the class and the message are in the last line.
std::string FaultString(const ServerError& error) {
  if (error.fault_code != 1) return error.message;
  const std::string_view name = error.rpc_name;
  const bool is_builtin = name.starts_with("builtins.");
  return "Traceback (most recent call last):\n  File \"odoo/service/model.py\", line 1, in "
         "double\n" +
         std::string(name.substr(is_builtin ? 9 : 0)) + ": " + error.message + "\n";
}

}  // namespace

std::optional<std::pair<std::string, json>> DecodeXmlCall(const std::string& body) {
  pugi::xml_document document;
  const auto parsed = document.load_buffer(body.data(), body.size(),
                                           pugi::parse_default | pugi::parse_ws_pcdata_single);
  const pugi::xml_node call = document.child("methodCall");
  if (!parsed || !call) return std::nullopt;
  json parameters = json::array();
  for (const auto& parameter : call.child("params").children("param"))
    parameters.push_back(Decode(parameter.child("value")));
  return std::pair(std::string(call.child_value("methodName")), parameters);
}

std::string EncodeXmlResult(const json& result) {
  return Response("<params><param>" + Encode(result) + "</param></params>");
}

std::string EncodeXmlFault(const ServerError& error) {
  return Response("<fault>" +
                  Encode({{"faultCode", error.fault_code}, {"faultString", FaultString(error)}}) +
                  "</fault>");
}

}  // namespace webhook::embedded
