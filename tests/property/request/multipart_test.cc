// SPDX-License-Identifier: LGPL-3.0-or-later
// What is written as multipart/form-data, read back by an independent reader, is what was given.
#include <doctest/doctest.h>

#include "lib/delivery/body_multipart.h"
#include "tests/property/rules_sources/random_values.h"

using namespace webhook::delivery;
namespace base = webhook::base;
namespace model = webhook::model;
using webhook::property::Below;
using webhook::property::RandomMix;
using webhook::property::RandomText;

namespace {

constexpr std::uint64_t kRounds = 1000;

struct ReadPart {
  std::string disposition;
  std::string content_type;
  std::string content;
};

// By the delimiter alone (RFC 2046, 5.1.1): CRLF, two dashes, boundary.
std::vector<ReadPart> Read(const Multipart& made) {
  std::vector<ReadPart> parts;
  const std::string delimiter = "\r\n--" + made.boundary;
  std::string rest = "\r\n" + made.bytes;
  REQUIRE(rest.starts_with(delimiter));
  rest = rest.substr(delimiter.size());
  while (!rest.starts_with("--")) {
    REQUIRE(rest.starts_with("\r\n"));
    const std::size_t end = rest.find(delimiter);
    REQUIRE(end != std::string::npos);
    std::string part = rest.substr(2, end - 2);
    rest = rest.substr(end + delimiter.size());
    ReadPart read;
    while (!part.starts_with("\r\n")) {
      const std::string line = part.substr(0, part.find("\r\n"));
      part = part.substr(line.size() + 2);
      constexpr std::string_view kDisposition = "Content-Disposition: ";
      constexpr std::string_view kType = "Content-Type: ";
      if (line.starts_with(kDisposition)) read.disposition = line.substr(kDisposition.size());
      if (line.starts_with(kType)) read.content_type = line.substr(kType.size());
    }
    read.content = part.substr(2);
    parts.push_back(std::move(read));
  }
  CHECK(rest == "--\r\n");
  return parts;
}

std::string Escaped(const std::string& name) {
  std::string escaped;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (byte < 32 || byte == 127 || c == '"') {
      escaped += '%';
      escaped += kDigits[byte / 16];
      escaped += kDigits[byte % 16];
    } else {
      escaped += c;
    }
  }
  return escaped;
}

constexpr std::string_view kPieces[] = {
    "\r\n", "--", "--webhook-", "webhook-", "\r\n--", "Content-Disposition: form-data",
    "\"",   ";",  "a",          "\r\n\r\n"};

}  // namespace

TEST_CASE("any fields and files come back from a multipart body") {
  for (std::uint64_t seed = 1; seed <= kRounds; ++seed) {
    CAPTURE(seed);
    base::SeededRandom random(seed);
    FormFields fields;
    for (std::size_t i = Below(random, 5); i > 0; --i) {
      fields.emplace_back(RandomText(random), RandomMix(random, kPieces, 10));
    }
    std::vector<model::DeliveryFile> files;
    for (std::size_t i = Below(random, 4); i > 0; --i) {
      files.push_back({"f" + RandomText(random), "n" + RandomMix(random, kPieces, 5),
                       Below(random, 2) == 0 ? "" : "image/png", RandomMix(random, kPieces, 20)});
    }
    const auto made = MultipartOf(fields, files);
    REQUIRE(made.ok());
    const std::vector<ReadPart> parts = Read(made.value());
    REQUIRE(parts.size() == fields.size() + files.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      CHECK(parts[i].disposition == "form-data; name=\"" + Escaped(fields[i].first) + "\"");
      CHECK(parts[i].content == fields[i].second);
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      const ReadPart& part = parts[fields.size() + i];
      CHECK(part.disposition == "form-data; name=\"" + Escaped(files[i].name) + "\"; filename=\"" +
                                    Escaped(files[i].filename) + "\"");
      CHECK(part.content_type ==
            (files[i].content_type.empty() ? "application/octet-stream" : files[i].content_type));
      CHECK(part.content == files[i].content);
    }
    CHECK(MultipartOf(fields, files).value().bytes == made.value().bytes);
  }
}
