// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/config/parse_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "lib/config/apply.h"
#include "lib/config/file_values.h"
#include "lib/config/key_source.h"
#include "lib/config/keys.h"
#include "lib/config/origins.h"
#include "lib/config/relations.h"

namespace webhook::config {
namespace {

constexpr std::size_t kCertificatesBytesMax = 4'194'304;

bool IsOfKeyPair(const Key& key) {
  return key.section == "odoo" && (key.name == "api_key" || key.name == "api_key_file");
}

void MoveInto(ConfigErrors& errors, ConfigErrors&& more) {
  std::move(more.begin(), more.end(), std::back_inserter(errors));
}

class Parser {
 public:
  explicit Parser(const ConfigInput& input)
      : input_(input),
        file_(ReadFileValues(input.file_name, input.file.bytes)),
        environment_(ReadEnvironmentValues(input.environment)),
        origins_(input.file_name, file_.section_lines) {}

  ConfigResult Run() {
    MoveInto(errors_, std::move(file_.errors));
    MoveInto(errors_, std::move(environment_.errors));
    DropOverriddenKey();
    ApplyAll(file_.given);
    ApplyAll(environment_.given);
    if (file_.is_toml) CheckWhole();
    Sort(errors_);
    if (!errors_.empty()) return std::move(errors_);
    if (config_.worker.name.empty()) config_.worker.name = input_.host_name;
    while (config_.odoo.url.ends_with('/')) config_.odoo.url.pop_back();
    if (config_.gateway.public_url.ends_with('/')) config_.gateway.public_url.pop_back();
    ConfigErrors warnings = FindWarnings(config_, origins_);
    Sort(warnings);
    return ParsedConfig{std::move(config_), std::move(warnings)};
  }

 private:
  // The API key has two spellings; the environment's replaces both of the file's.
  void DropOverriddenKey() {
    const auto is_of_pair = [](const Given& given) { return IsOfKeyPair(*given.key); };
    if (std::any_of(environment_.given.begin(), environment_.given.end(), is_of_pair)) {
      std::erase_if(file_.given, is_of_pair);
    }
  }

  void ApplyAll(const std::vector<Given>& all) {
    for (const Given& given : all) {
      origins_.Set(*given.key, given.place);
      auto complaint = Apply(*given.key, given.value, config_);
      if (complaint) Fail(*given.key, std::move(*complaint));
    }
  }

  void Fail(const Key& key, Complaint complaint) {
    origins_.SetFailed(key);
    errors_.push_back({origins_.PlaceOf(key), FullName(key), std::move(complaint)});
  }

  void CheckWhole() {
    CheckRequired();
    MoveInto(errors_, CheckRelations(config_, origins_));
    CheckKeyFile();
    CheckModeOfInlineKey();
    CheckProxyPassword();
    CheckPrivateKeys();
    CheckCertificates(*FindKey("odoo", "ca_file"), config_.odoo.ca_file);
    CheckCertificates(*FindKey("transport", "ca_file"), config_.transport.ca_file);
    CheckCertificates(*FindKey("gateway", "tls_certificate_file"),
                      config_.gateway.tls_certificate_file);
    CheckTlsKey();
  }

  void CheckRequired() {
    for (const Key& key : Keys()) {
      if (!key.required || origins_.IsGiven(key)) continue;
      Fail(key, {"is missing", "expected " + origins_.HowToGive(key)});
    }
  }

  void CheckKeyFile() {
    if (config_.odoo.api_key_file.empty()) return;
    auto key = ReadKeyFile(config_.odoo.api_key_file, input_.read_file);
    if (!key.ok()) Fail(*FindKey("odoo", "api_key_file"), std::move(key.error()));
  }

  void CheckModeOfInlineKey() {
    const Key& key = *FindKey("odoo", "api_key");
    if (!origins_.IsGiven(key) || origins_.PlaceOf(key).name != input_.file_name) return;
    auto complaint = CheckSecretFileMode(input_.file_name, input_.file.mode);
    if (complaint) Fail(key, std::move(*complaint));
  }

  void CheckProxyPassword() {
    const std::string& path = config_.transport.proxy_password_file;
    if (path.empty()) return;
    auto password = ReadPasswordFile(path, input_.read_file);
    if (!password.ok()) {
      Fail(*FindKey("transport", "proxy_password_file"), std::move(password.error()));
    }
  }

  void CheckPrivateKeys() {
    const auto check = [this](const char* name, const std::string& path) {
      auto complaint = CheckPrivateKeyFile(path, input_.read_file);
      if (complaint) Fail(*FindKey("secrets", name), std::move(*complaint));
    };
    if (!config_.secrets.key_file.empty()) check("key_file", config_.secrets.key_file);
    for (const std::string& path : config_.secrets.old_key_files) check("old_key_files", path);
  }

  void CheckCertificates(const Key& key, const std::string& path) {
    if (path.empty()) return;
    const auto file = input_.read_file(path, kCertificatesBytesMax);
    const std::string expected = "expected a file of certificates in PEM format";
    if (!file.ok()) {
      Fail(key, {fmt::format("{} cannot be read: {}", Cite(path), file.error().reason), expected});
    } else if (file.value().bytes.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
      Fail(key, {fmt::format("{} holds no certificate", Cite(path)), expected});
    }
  }

  // Whether it is the certificate's is seen by whoever loads both.
  void CheckTlsKey() {
    if (config_.gateway.tls_key_file.empty()) return;
    auto complaint = CheckTlsKeyFile(config_.gateway.tls_key_file, input_.read_file);
    if (complaint) Fail(*FindKey("gateway", "tls_key_file"), std::move(*complaint));
  }

  void Sort(ConfigErrors& errors) const {
    const auto order = [this](const ConfigError& error) {
      const bool in_file = error.place.name == input_.file_name;
      const int line = error.place.line > 0 ? error.place.line : std::numeric_limits<int>::max();
      return std::pair(in_file ? 0 : 1, in_file ? line : 0);
    };
    std::stable_sort(errors.begin(), errors.end(),
                     [&](const auto& a, const auto& b) { return order(a) < order(b); });
  }

  const ConfigInput& input_;
  FileValues file_;
  EnvironmentValues environment_;
  Origins origins_;
  Config config_;
  ConfigErrors errors_;
};

}  // namespace

ConfigResult ParseConfig(const ConfigInput& input) { return Parser(input).Run(); }

}  // namespace webhook::config
