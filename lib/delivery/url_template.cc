// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/url_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/text.h"
#include "lib/rules/percent_encoding.h"
#include "lib/rules/text_of.h"

namespace webhook::delivery {
namespace {

constexpr std::size_t kShownBytesMax = 80;

std::string Shown(std::string_view text) { return base::PrintableText(text, kShownBytesMax); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return base::AsciiLower(c) >= 'a' && base::AsciiLower(c) <= 'z'; }
bool IsVisibleAscii(char c) { return c > 0x20 && c < 0x7F; }
bool IsHostCharacter(char c) {
  return IsDigit(c) || IsLetter(c) || c == '-' || c == '_' || c == '.';
}

// ---- the origin

bool IsPort(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0') return false;
  if (!std::all_of(text.begin(), text.end(), IsDigit)) return false;
  int port = 0;
  for (const char c : text) port = port * 10 + (c - '0');
  return port <= 65535;
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) return host.ends_with(']') && host.size() > 2;
  return !host.empty() && std::all_of(host.begin(), host.end(), IsHostCharacter) &&
         !host.starts_with('.') && host.find("..") == std::string_view::npos;
}

// Of "host", "host:80" and "[::1]:80".
std::size_t EndOfHost(std::string_view authority) {
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  return std::min(authority.find(':', bracket), authority.size());
}

std::optional<std::string> CheckAuthority(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) {
    return "it holds user information before an @; use the endpoint's authentication";
  }
  if (authority.find_first_of("/?#") != std::string_view::npos) {
    return "it goes on after the host; the path belongs into the target path";
  }
  const std::size_t end = EndOfHost(authority);
  if (!IsHost(authority.substr(0, end))) {
    return "\"" + Shown(authority.substr(0, end)) +
           "\" is no host; write a name or an address, international names as xn--…";
  }
  if (end < authority.size() && !IsPort(authority.substr(end + 1))) {
    return "the port is no number from 1 to 65535";
  }
  return std::nullopt;
}

// ---- the path

struct Token {
  std::string name;
  std::vector<std::string> keys;
};

// What stands literally, and the tokens between.
using Piece = std::variant<std::string, Token>;
using Pieces = base::Result<std::vector<Piece>, std::string>;

bool IsName(std::string_view name, bool may_start_with_digit) {
  return !name.empty() && (may_start_with_digit || !IsDigit(name.front())) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return IsDigit(c) || IsLetter(c) || c == '_'; });
}

std::optional<Token> ReadToken(std::string_view name) {
  Token token{std::string(name), {}};
  while (true) {
    const std::size_t dot = name.find('.');
    const std::string_view key = name.substr(0, dot);
    if (!IsName(key, !token.keys.empty())) return std::nullopt;
    token.keys.emplace_back(key);
    if (dot == std::string_view::npos) return token;
    name.remove_prefix(dot + 1);
  }
}

Pieces ReadPieces(std::string_view path) {
  std::vector<Piece> pieces;
  while (!path.empty()) {
    const std::size_t open = std::min(path.find_first_of("{}"), path.size());
    if (open > 0) pieces.emplace_back(std::string(path.substr(0, open)));
    path.remove_prefix(open);
    if (path.empty()) break;
    const std::size_t close = path.find_first_of("{}", 1);
    if (path.front() == '}' || close == std::string_view::npos || path[close] != '}') {
      return std::string(
          "it has a { without its } or the other way round; a token is written {name}, a brace "
          "that is meant as %7B or %7D");
    }
    auto token = ReadToken(path.substr(1, close - 1));
    if (!token) {
      return "{" + Shown(path.substr(1, close - 1)) +
             "} is no token; write the name of a context value, with dots into an object: {order} "
             "or {order.id}";
    }
    pieces.emplace_back(*std::move(token));
    path.remove_prefix(close + 1);
  }
  return pieces;
}

// Behind the origin and nowhere else, also as browsers and some servers read it.
std::optional<std::string> CheckPath(std::string_view path) {
  if (!path.starts_with('/')) return "it does not start with a /";
  if (path.starts_with("//") || path.starts_with("/\\")) {
    return "it starts with two slashes, which means another host";
  }
  if (path.size() > kTargetPathBytesMax) {
    return fmt::format("it is longer than {} bytes", kTargetPathBytesMax);
  }
  if (path.find('#') != std::string_view::npos) return "it holds a #, which is never sent";
  if (path.find('\\') != std::string_view::npos) return "it holds a backslash; write it as %5C";
  if (!std::all_of(path.begin(), path.end(), IsVisibleAscii)) {
    return "it holds blanks, controls or characters that are not ASCII; percent-encode them";
  }
  if (rules::HasDotSegment(path)) return "it has . or .. as a segment";
  return std::nullopt;
}

const model::Value* FindIn(const model::Value& context, const std::vector<std::string>& keys) {
  const model::Value* found = &context;
  for (const std::string& key : keys) {
    found = found->Find(key);
    if (found == nullptr) return nullptr;
  }
  return found;
}

base::Result<std::string, PathProblem> TextOfToken(const Token& token,
                                                   const model::Value& context) {
  const auto misfit = [&](const char* what) {
    return PathProblem{fmt::format("{{{}}}: {}", token.name, what)};
  };
  const model::Value* value = FindIn(context, token.keys);
  const bool* flag = value == nullptr ? nullptr : value->bool_value();
  // Odoo's empty fields are false.
  if (value == nullptr || value->is_missing() || value->is_null() || (flag != nullptr && !*flag)) {
    return misfit("there is no such context value, or it is empty");
  }
  if (value->list() != nullptr || value->object() != nullptr) {
    return misfit("the context value is a list or an object, not a text or number");
  }
  std::string text = rules::TextOf(*value);
  if (text.empty()) return misfit("the context value is empty");
  if (text.size() > kTargetPathBytesMax) return misfit("the context value is too long for a URL");
  return text;
}

}  // namespace

std::optional<std::string> CheckOrigin(std::string_view origin) {
  if (origin.empty()) return "it is missing; write scheme and host, like https://example.com";
  if (origin.find_first_of("{}") != std::string_view::npos) {
    return "it holds a token; scheme, host and port never come from values";
  }
  if (origin.find('\\') != std::string_view::npos ||
      !std::all_of(origin.begin(), origin.end(), IsVisibleAscii)) {
    return "it holds blanks, backslashes or characters that are not ASCII; write international "
           "names as xn--…";
  }
  const std::size_t end = origin.find("://");
  const std::string scheme = base::AsciiLower(origin.substr(0, end));
  if (end == std::string_view::npos || (scheme != "https" && scheme != "http")) {
    return "it does not start with https:// or http://";
  }
  return CheckAuthority(origin.substr(end + 3));
}

std::optional<std::string> CheckPathTemplate(std::string_view path) {
  const auto pieces = ReadPieces(path);
  if (!pieces.ok()) return pieces.error();
  std::string dummy;
  for (const Piece& piece : pieces.value()) {
    const auto* text = std::get_if<std::string>(&piece);
    dummy += text != nullptr ? *text : "x";
  }
  return CheckPath(dummy);
}

base::Result<std::string, PathProblem> RenderPath(std::string_view path,
                                                  const model::Value& context) {
  const auto pieces = ReadPieces(path);
  if (!pieces.ok()) return PathProblem{pieces.error()};
  std::string rendered;
  for (const Piece& piece : pieces.value()) {
    if (const auto* text = std::get_if<std::string>(&piece)) {
      rendered += *text;
      continue;
    }
    auto value = TextOfToken(std::get<Token>(piece), context);
    if (!value.ok()) return value.error();
    rendered += rules::PercentEncoded(value.value());
    if (rendered.size() > kTargetPathBytesMax) break;  // said below
  }
  if (auto problem = CheckPath(rendered)) return PathProblem{*std::move(problem)};
  return rendered;
}

std::string WithQuery(std::string url, std::string_view query) {
  if (query.empty()) return url;
  const std::size_t question = url.find('?');
  if (question == std::string::npos) {
    url += '?';
  } else if (!url.ends_with('?') && !url.ends_with('&')) {
    url += '&';
  }
  return url.append(query);
}

}  // namespace webhook::delivery
