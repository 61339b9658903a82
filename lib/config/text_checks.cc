// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/text_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "lib/config/network.h"

namespace webhook::config {
namespace {

constexpr std::size_t kWorkerNameBytesMax = 128;  // as the hello schema says
constexpr std::size_t kUserAgentSuffixBytesMax = 100;
constexpr std::size_t kUrlBytesMax = 2'000;
constexpr std::size_t kPublicUrlBytesMax = 255;  // as the hello schema says
constexpr std::size_t kApiKeyBytesMax = 512;
constexpr std::string_view kUrlExpected =
    "expected scheme, host and port: https://odoo.example.com or http://127.0.0.1:8069";

bool IsControl(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

bool IsVisibleAscii(char character) { return character > 0x20 && character < 0x7F; }

bool IsHostCharacter(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '.' || character == '-' ||
         character == '_';
}

// What may stand in a request line as it is (RFC 3986, pchar and slash).
bool IsPath(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char character) {
    return IsHostCharacter(character) ||
           std::string_view("/~%!$&'()*+,;=:").find(character) != std::string_view::npos;
  });
}

Complaint BadUrl(std::string what) { return {std::move(what), std::string(kUrlExpected)}; }

std::string_view WithoutScheme(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) return url.substr(scheme.size());
  }
  return {};
}

std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

bool IsHost(std::string_view host) {
  if (host.starts_with('[')) return NumericAddress::Parse(std::string(host) + ":1").has_value();
  return !host.empty() && std::all_of(host.begin(), host.end(), IsHostCharacter);
}

// `text` is what follows the host: nothing, or a colon and digits.
bool IsPort(std::string_view text) {
  if (text.empty()) return true;
  if (text[0] != ':') return false;
  const auto parsed = NumericAddress::Parse("0.0.0.0" + std::string(text));
  return parsed && parsed->port != 0;
}

// Host and port of what follows a scheme; the port is needed.
bool IsHostAndPort(std::string_view authority) {
  const std::string_view host = HostOf(authority);
  const std::string_view port = authority.substr(host.size());
  return IsHost(host) && !port.empty() && IsPort(port);
}

bool IsNumeric(std::string_view value) {
  return value.find_first_of(":/") != std::string_view::npos ||
         value.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const auto parsed = NumericAddress::Parse(std::string(host) + ":1");
  return parsed && !parsed->is_ipv6 && parsed->address[0] == 127;
}

}  // namespace

std::optional<Complaint> CheckAny(std::string_view value) {
  if (std::any_of(value.begin(), value.end(), IsControl)) {
    return Complaint{fmt::format("{} holds a control character", Cite(value)),
                     "expected a text of one line"};
  }
  return {};
}

std::optional<Complaint> CheckNotEmpty(std::string_view value) {
  if (value.empty()) return Complaint{"is empty", "expected a text"};
  return CheckAny(value);
}

std::optional<Complaint> CheckOdooUrl(std::string_view value) {
  if (value.find('@') != std::string_view::npos) {
    // Not cited: what stands before the @ may be a password.
    return BadUrl("holds a user name or password, or another @");
  }
  const std::string_view rest = WithoutScheme(value);
  if (rest.empty()) return BadUrl(Cite(value) + " is not an http or https URL");
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return BadUrl(Cite(value) + " has a query or a fragment");
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  if (value.size() > kUrlBytesMax || !IsPath(rest.substr(slash))) {
    return BadUrl(Cite(value) + " has a path that is too long or needs percent-encoding");
  }
  const std::string_view authority = rest.substr(0, slash);
  const std::string_view host = HostOf(authority);
  if (!IsHost(host)) return BadUrl(fmt::format("{} has no valid host name", Cite(value)));
  if (!IsPort(authority.substr(host.size()))) {
    return BadUrl(fmt::format("{} has no valid port", Cite(value)));
  }
  return {};
}

std::optional<Complaint> CheckWorkerName(std::string_view value) {
  if (value.size() > kWorkerNameBytesMax) {
    return Complaint{fmt::format("is {} bytes long", value.size()),
                     fmt::format("expected at most {}", kWorkerNameBytesMax)};
  }
  return CheckAny(value);
}

// SQLite gives these spellings a meaning of their own: a store that is gone after a restart.
std::optional<Complaint> CheckJournal(std::string_view value) {
  if (value.starts_with(':') || value.starts_with("file:")) {
    return Complaint{fmt::format("{} is not a path", Cite(value)),
                     "expected the path of a file on a local disk; it must survive a restart"};
  }
  return CheckNotEmpty(value);
}

std::optional<Complaint> CheckLibrary(std::string_view value) {
  if (!value.starts_with('/')) {
    return Complaint{fmt::format("{} is not an absolute path", Cite(value)),
                     "expected the path of a shared object, such as /opt/acme/libacme.so"};
  }
  return CheckNotEmpty(value);
}

std::optional<Complaint> CheckWakeAddress(std::string_view value) {
  if (value.empty() || NumericAddress::Parse(value)) return {};
  return Complaint{fmt::format("{} is not a numeric address with a port", Cite(value)),
                   "expected 127.0.0.1:0, [::1]:4711 or such, or \"\" to switch wake-ups off"};
}

std::optional<Complaint> CheckListenAddress(std::string_view value) {
  if (value.empty() || NumericAddress::Parse(value)) return {};
  return Complaint{fmt::format("{} is not a numeric address with a port", Cite(value)),
                   "expected 127.0.0.1:8080, [::]:8443 or such, or \"\" to switch it off"};
}

std::optional<Complaint> CheckPlainNetwork(std::string_view value) {
  const bool has_ports = value.starts_with('[') || value.find('.') < value.find(':');
  if (!has_ports || value.find(':') == value.npos) return CheckNetwork(value);
  return Complaint{fmt::format("{} is not a network", Cite(value)),
                   "expected a network or an address without a port: 10.1.2.0/24, 127.0.0.1, "
                   "fd00::/8"};
}

std::optional<Complaint> CheckPublicUrl(std::string_view value) {
  if (value.empty()) return {};
  const std::string expected =
      "expected scheme, host and perhaps port, as senders write them: https://hooks.example.com";
  if (auto complaint = CheckOdooUrl(value)) return Complaint{std::move(complaint->what), expected};
  const std::string_view rest = WithoutScheme(value);
  if (rest.find('/') < rest.size() - 1) {
    return Complaint{fmt::format("{} has a path", Cite(value)),
                     expected + "; what follows it is /webhooks/in/, always"};
  }
  if (value.size() <= kPublicUrlBytesMax) return {};
  return Complaint{fmt::format("is {} bytes long", value.size()),
                   fmt::format("expected at most {}", kPublicUrlBytesMax)};
}

std::optional<Complaint> CheckUserAgentSuffix(std::string_view value) {
  const bool ascii =
      std::all_of(value.begin(), value.end(), [](char c) { return c == ' ' || IsVisibleAscii(c); });
  if (ascii && value.size() <= kUserAgentSuffixBytesMax) return {};
  return Complaint{
      fmt::format("{} cannot stand in a header", Cite(value)),
      fmt::format("expected at most {} printable ASCII characters", kUserAgentSuffixBytesMax)};
}

std::optional<Complaint> CheckProxy(std::string_view value) {
  const std::string expected = "expected http://, host and port: http://proxy.example:3128";
  if (value.find('@') != std::string_view::npos) {
    return Complaint{"holds a user name or password, or another @",
                     expected + "; user and password go into proxy_user and proxy_password_file"};
  }
  constexpr std::string_view kScheme = "http://";
  const bool good = value.empty() || (value.starts_with(kScheme) && value.size() <= kUrlBytesMax &&
                                      IsHostAndPort(value.substr(kScheme.size())));
  if (good) return {};
  return Complaint{fmt::format("{} is not the address of a proxy", Cite(value)), expected};
}

std::optional<Complaint> CheckProxyUser(std::string_view value) {
  if (value.find(':') != std::string_view::npos) {
    return Complaint{"holds a colon",
                     "expected a name; the password goes into proxy_password_file"};
  }
  return CheckAny(value);
}

std::optional<Complaint> CheckProxyBypass(std::string_view value) {
  const std::string_view host = value.substr(value.starts_with('.') ? 1 : 0);
  const bool has_ports = value.starts_with('[') || value.find('.') < value.find(':');
  const bool is_network = !CheckNetwork(value) && (!has_ports || value.find(':') == value.npos);
  if (is_network || (!IsNumeric(host) && IsHost(host) && !host.starts_with('.'))) return {};
  return Complaint{fmt::format("{} is neither a host nor a network", Cite(value)),
                   "expected shop.example, .example.org, 10.1.2.0/24, fd00::/8 or such"};
}

std::optional<Complaint> CheckVariablePrefix(std::string_view value) {
  const bool good = std::all_of(value.begin(), value.end(),
                                [](char c) { return IsHostCharacter(c) && c != '.' && c != '-'; });
  if (good) return {};
  return Complaint{fmt::format("{} cannot begin the name of a variable", Cite(value)),
                   "expected letters, digits and underscores"};
}

std::optional<Complaint> CheckDirectory(std::string_view value) {
  if (!value.empty() && !value.starts_with('/')) {
    return Complaint{fmt::format("{} is not an absolute path", Cite(value)),
                     "expected a directory such as /etc/webhook-worker/secrets"};
  }
  return CheckAny(value);
}

std::optional<Complaint> CheckApiKey(std::string_view value) {
  if (value.empty()) return Complaint{"is empty", "expected an API key made in Odoo"};
  if (value.find('\n') != std::string_view::npos) {
    return Complaint{"has more than one line", "expected the API key alone"};
  }
  if (value.size() > kApiKeyBytesMax || !std::all_of(value.begin(), value.end(), IsVisibleAscii)) {
    return Complaint{"is not an API key: it is too long, or holds spaces or special characters",
                     "expected the API key alone, as Odoo showed it"};
  }
  return {};
}

ProxyAddress SplitProxy(std::string_view proxy) {
  const std::string_view authority = WithoutScheme(proxy);
  std::string_view host = HostOf(authority);
  const auto port = NumericAddress::Parse("0.0.0.0" + std::string(authority.substr(host.size())));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {host, port ? port->port : std::uint16_t{0}};
}

bool SendsKeyInClear(std::string_view odoo_url) {
  if (!odoo_url.starts_with("http://")) return false;
  const std::string_view rest = WithoutScheme(odoo_url);
  return !IsLoopback(HostOf(rest.substr(0, rest.find('/'))));
}

bool HasPath(std::string_view odoo_url) {
  return WithoutScheme(odoo_url).find('/') != std::string_view::npos;
}

bool IsLoopbackAddress(std::string_view listen) {
  return IsLoopback(listen.substr(0, listen.rfind(':')));
}

}  // namespace webhook::config
