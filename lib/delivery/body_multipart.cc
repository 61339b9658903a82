// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/body_multipart.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "lib/base/http_header.h"
#include "lib/base/text.h"
#include "lib/signing/hash.h"

namespace webhook::delivery {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kPartBytesOfOurs = 200;  // boundary and words of a part's header
constexpr std::size_t kShownBytesMax = 80;
constexpr std::size_t kDigestDigits = 40;

struct Part {
  std::string header;
  std::string_view content;
};

// What would end the quoted text or the line; other controls go the same way, because some readers
// stop at them.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '"') {
      quoted += fmt::format("%{:02X}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

Part PartOf(const std::string& name, const std::string& value) {
  return {fmt::format("Content-Disposition: form-data; name={}\r\n\r\n", Quoted(name)), value};
}

Part PartOf(const model::DeliveryFile& file) {
  return {fmt::format("Content-Disposition: form-data; name={}; filename={}\r\nContent-Type: "
                      "{}\r\n\r\n",
                      Quoted(file.name), Quoted(file.filename.empty() ? file.name : file.filename),
                      file.content_type.empty() ? "application/octet-stream" : file.content_type),
          file.content};
}

// Nothing, or what is wrong with the file.
std::optional<std::string> CheckFile(const model::DeliveryFile& file) {
  if (file.name.empty()) return "a file has no name of a form's field";
  if (base::IsHeaderValue(file.content_type)) return std::nullopt;
  return fmt::format("the content type of the file {} is not in one line",
                     base::PrintableText(file.name, kShownBytesMax));
}

// Whole lengths go in before each text, so that other parts are another text to hash.
std::string BoundaryOf(const std::vector<Part>& parts, int round) {
  std::string all = std::to_string(round);
  for (const Part& part : parts) {
    all += fmt::format(";{},{};", part.header.size(), part.content.size());
    all.append(part.header).append(part.content);
  }
  const std::string digest = signing::HashBytes(signing::Digest::kSha256, all);
  return "webhook-" + signing::EncodeHex(digest).substr(0, kDigestDigits);
}

bool Occurs(const std::string& boundary, const std::vector<Part>& parts) {
  return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
    return part.header.find(boundary) != std::string::npos ||
           part.content.find(boundary) != std::string_view::npos;
  });
}

std::string Written(const std::vector<Part>& parts, const std::string& boundary) {
  std::string bytes;
  for (const Part& part : parts) {
    bytes.append("--").append(boundary).append(kLineEnd);
    bytes.append(part.header).append(part.content).append(kLineEnd);
  }
  return bytes.append("--").append(boundary).append("--").append(kLineEnd);
}

std::size_t SizeOf(const std::vector<Part>& parts) {
  std::size_t bytes = kPartBytesOfOurs;
  for (const Part& part : parts) {
    bytes += part.header.size() + part.content.size() + kPartBytesOfOurs;
  }
  return bytes;
}

}  // namespace

base::Result<Multipart, std::string> MultipartOf(const FormFields& fields,
                                                 const std::vector<model::DeliveryFile>& files) {
  std::vector<Part> parts;
  for (const auto& [name, value] : fields) parts.push_back(PartOf(name, value));
  for (const model::DeliveryFile& file : files) {
    if (auto problem = CheckFile(file)) return *std::move(problem);
    parts.push_back(PartOf(file));
  }
  if (SizeOf(parts) > kBodyBytesMax) {
    return std::string("the fields and files together become larger than 10 MiB");
  }
  int round = 0;
  std::string boundary = BoundaryOf(parts, round);
  while (Occurs(boundary, parts)) boundary = BoundaryOf(parts, ++round);
  return Multipart{Written(parts, boundary), boundary};
}

}  // namespace webhook::delivery
