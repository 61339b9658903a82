// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/xmlrpc.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <pugixml.hpp>
#include <utility>

namespace webhook::rpc {
namespace {

using delivery::RpcFault;

constexpr std::size_t kElementsMax = 500;  // version() has about 40
constexpr std::size_t kDepthMax = 32;

// ---- out ---------------------------------------------------------------------------------------

// A parser turns a bare CR into LF (XML 1.0, section 2.11), a reference it keeps.
std::string Escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '\r':
        escaped += "&#13;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string EncodeText(std::string_view text) {
  return "<value><string>" + Escaped(text) + "</string></value>";
}

std::string EncodeArgument(const ServiceArgument& argument) {
  return std::visit(base::Overloaded{
                        [](std::int64_t number) {
                          return "<value><int>" + std::to_string(number) + "</int></value>";
                        },
                        [](const std::string& text) { return EncodeText(text); },
                        [](const std::vector<std::string>& texts) {
                          std::string array = "<value><array><data>";
                          for (const std::string& text : texts) array += EncodeText(text);
                          return array + "</data></array></value>";
                        },
                    },
                    argument);
}

// ---- in ----------------------------------------------------------------------------------------

enum class Shape { kFine, kCutOff, kRefused };

// Before the parser builds anything: how many elements, how deep, whether there is markup that no
// XML-RPC answer of Odoo has. Text cannot hold a bare "<".
Shape LookOver(std::string_view xml) {
  std::size_t elements = 0;
  std::size_t depth = 0;
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string_view::npos) return Shape::kCutOff;
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    if (tag.starts_with('?') && at == 0) continue;
    if (tag.starts_with('!') || tag.starts_with('?') || tag.find(' ') != std::string_view::npos) {
      return Shape::kRefused;
    }
    if (tag.starts_with('/')) {
      if (depth == 0) return Shape::kRefused;
      --depth;
    } else if (!tag.ends_with('/')) {
      ++depth;
    }
    if (++elements > 2 * kElementsMax || depth > kDepthMax) return Shape::kRefused;
  }
  const bool is_start = elements == 0 && (xml.empty() || xml.starts_with("<?xml"));
  if (elements == 0) return is_start ? Shape::kCutOff : Shape::kRefused;
  return depth == 0 ? Shape::kFine : Shape::kCutOff;
}

// The only child element, or none.
pugi::xml_node OnlyChild(const pugi::xml_node& parent) {
  pugi::xml_node only;
  for (const pugi::xml_node& child : parent.children()) {
    if (child.type() != pugi::node_element) continue;
    if (only) return {};
    only = child;
  }
  return only;
}

// The only child element if it has that name.
pugi::xml_node OnlyChild(const pugi::xml_node& parent, std::string_view name) {
  const pugi::xml_node child = OnlyChild(parent);
  return name == child.name() ? child : pugi::xml_node();
}

std::optional<std::int64_t> ParseInteger(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// <value><int>2</int></value> and the like; a value without a type is a text.
ServiceValue ScalarOf(const pugi::xml_node& value) {
  const pugi::xml_node typed = OnlyChild(value);
  const std::string_view type = typed ? typed.name() : "string";
  const pugi::xml_node holder = typed ? typed : value;
  if (OnlyChild(holder)) return OtherValue();
  const std::string_view text = holder.child_value();
  if (type == "string") return std::string(text);
  if (type == "boolean" && (text == "0" || text == "1")) return text == "1";
  if (type == "int" || type == "i4") {
    if (const auto number = ParseInteger(text)) return *number;
  }
  return OtherValue();
}

// The members of <value><struct> that are scalars.
std::map<std::string, ServiceValue, std::less<>> MembersOf(const pugi::xml_node& value) {
  std::map<std::string, ServiceValue, std::less<>> members;
  for (const pugi::xml_node& member : OnlyChild(value, "struct").children("member")) {
    members.insert_or_assign(member.child("name").child_value(), ScalarOf(member.child("value")));
  }
  return members;
}

template <typename T>
std::optional<T> MemberOf(const pugi::xml_node& value, std::string_view name) {
  const auto members = MembersOf(value);
  const auto found = members.find(name);
  if (found == members.end()) return std::nullopt;
  const T* const typed = std::get_if<T>(&found->second);
  return typed == nullptr ? std::nullopt : std::optional<T>(*typed);
}

ServiceValue ValueOf(const pugi::xml_node& value) {
  if (OnlyChild(value, "struct")) {
    if (auto version = MemberOf<std::string>(value, "server_version")) {
      return ServerVersion{std::move(*version)};
    }
    return OtherValue();
  }
  return ScalarOf(value);
}

// Odoo writes it as <?xml version="1.0"?>, then <methodResponse> with <params> or <fault>.
base::Result<ServiceValue, RpcFault> DecodeResponse(const pugi::xml_node& response,
                                                    const HttpAnswer& answer,
                                                    const CallContext& call) {
  if (const pugi::xml_node fault = OnlyChild(OnlyChild(response, "fault"), "value")) {
    const auto code = MemberOf<std::int64_t>(fault, "faultCode");
    const auto text = MemberOf<std::string>(fault, "faultString");
    if (!code || !text) return NotOdooAnswer("an XML-RPC fault", answer);
    return ClassifyXmlRpcFault(*code, *text, call);
  }
  const pugi::xml_node value =
      OnlyChild(OnlyChild(OnlyChild(response, "params"), "param"), "value");
  if (!value) return NotOdooAnswer("an XML-RPC answer", answer);
  return ValueOf(value);
}

}  // namespace

HttpCall XmlRpc::Encode(const ServiceCall& call) const {
  std::string body = "<?xml version=\"1.0\"?><methodCall><methodName>" + std::string(call.method) +
                     "</methodName><params>";
  for (const ServiceArgument& argument : call.arguments) {
    body += "<param>" + EncodeArgument(argument) + "</param>";
  }
  body += "</params></methodCall>";
  return {.method = "POST",
          .path = "/xmlrpc/2/" + std::string(call.service),
          .headers = {},
          .content_type = "text/xml",
          .body = std::move(body)};
}

base::Result<ServiceValue, RpcFault> XmlRpc::Decode(const HttpAnswer& answer,
                                                    const CallContext& call) const {
  if (answer.status < 200 || answer.status >= 300) return ClassifyStatus(answer);
  switch (LookOver(answer.body)) {
    case Shape::kFine:
      break;
    case Shape::kCutOff:
      return CutOffAnswer();
    case Shape::kRefused:
      return NotOdooAnswer("XML-RPC", answer);
  }
  // Not the default options: ends of lines stay as they are, and a text of spaces is a text.
  pugi::xml_document document;
  const auto parsed =
      document.load_buffer(answer.body.data(), answer.body.size(),
                           pugi::parse_escapes | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  const pugi::xml_node response = OnlyChild(document, "methodResponse");
  if (!parsed || !response) return NotOdooAnswer("XML-RPC", answer);
  return DecodeResponse(response, answer, call);
}

}  // namespace webhook::rpc
