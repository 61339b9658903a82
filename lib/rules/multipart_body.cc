// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/multipart_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/rules/blanks.h"
#include "lib/rules/header_parameters.h"

namespace webhook::rules {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeaderEnd = "\r\n\r\n";
constexpr std::size_t kBoundaryCharactersMax = 70;

// RFC 2046: bchars, and no blank at the end.
bool IsBoundary(std::string_view text) {
  if (text.empty() || text.size() > kBoundaryCharactersMax || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  });
}

std::string WithoutEscapes(std::string_view name) {
  std::string text;
  while (!name.empty()) {
    const std::string escape = base::AsciiUpper(name.substr(0, 3));
    const bool is_escape = escape == "%22" || escape == "%0D" || escape == "%0A";
    text += escape == "%22" ? '"' : escape == "%0D" ? '\r' : escape == "%0A" ? '\n' : name.front();
    name.remove_prefix(is_escape ? 3 : 1);
  }
  return text;
}

// RFC 5987, as some libraries write names that are not ASCII: UTF-8''na%C3%AFve.txt
std::optional<std::string> ExtendedName(std::string_view disposition) {
  auto value = HeaderParameter(disposition, "filename*");
  if (!value || !base::AsciiLower(*value).starts_with("utf-8'")) return std::nullopt;
  const std::size_t quote = value->find('\'', std::string_view("utf-8'").size());
  if (quote == std::string::npos) return std::nullopt;
  std::string name = value->substr(quote + 1);
  // A plus sign is no blank here.
  for (std::size_t at = 0; (at = name.find('+', at)) != std::string::npos; at += 3) {
    name.replace(at, 1, "%2B");
  }
  return FormDecoded(name);
}

struct Part {
  std::string_view header;
  std::string_view content;
};

// The value of a line of a part's header; of several the first.
std::string_view HeaderOf(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::string_view line = header.substr(0, header.find(kLineEnd));
    header.remove_prefix(std::min(line.size() + kLineEnd.size(), header.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (base::EqualsIgnoringCase(TrimBlanks(line.substr(0, colon)), name)) {
      return TrimBlanks(line.substr(colon + 1));
    }
  }
  return {};
}

// Delimiter by delimiter; what stands before the first and after the last is nobody's.
class Reader {
 public:
  Reader(std::string_view boundary, std::string_view body)
      : delimiter_(fmt::format("\r\n--{}", boundary)), rest_(body) {}

  base::Result<MultipartForm, std::string> Read() {
    if (!SkipToFirst()) return std::string("the multipart body does not begin with its boundary");
    while (!AtLast()) {
      if (!SkipDelimiterLine()) return std::string("a boundary of the multipart body is malformed");
      const std::optional<Part> part = TakePart();
      if (!part) return std::string("the multipart body is cut off");
      if (auto problem = Add(*part)) return *std::move(problem);
    }
    return std::move(form_);
  }

 private:
  // `rest_` is then behind a delimiter, as in all that follows.
  bool SkipToFirst() {
    const std::string_view first = std::string_view(delimiter_).substr(kLineEnd.size());
    if (rest_.starts_with(first)) {
      rest_.remove_prefix(first.size());
      return true;
    }
    return TakeUpToDelimiter().has_value();
  }

  std::optional<std::string_view> TakeUpToDelimiter() {
    const std::size_t end = rest_.find(delimiter_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(end + delimiter_.size());
    return taken;
  }

  bool AtLast() const { return rest_.starts_with("--"); }

  // Blanks may pad it. The line's end stays: the part's header may be empty.
  bool SkipDelimiterLine() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    return rest_.starts_with(kLineEnd);
  }

  std::optional<Part> TakePart() {
    const std::size_t end = rest_.substr(0, kPartHeaderBytesMax).find(kHeaderEnd);
    if (end == std::string_view::npos || rest_.substr(0, end).find(delimiter_) < end) {
      return std::nullopt;
    }
    const std::string_view header =
        end == 0 ? std::string_view() : rest_.substr(kLineEnd.size(), end - kLineEnd.size());
    // The line end before the content may be the one of the next delimiter: the content is empty.
    rest_.remove_prefix(end + kLineEnd.size());
    const std::optional<std::string_view> content = TakeUpToDelimiter();
    if (!content) return std::nullopt;
    return Part{header, content->empty() ? *content : content->substr(kLineEnd.size())};
  }

  std::optional<std::string> Add(const Part& part) {
    const std::string_view disposition = HeaderOf(part.header, "Content-Disposition");
    auto name = HeaderParameter(disposition, "name");
    if (HeaderWord(disposition) != "form-data" || !name) {
      return "a part of the multipart body has no name";
    }
    auto filename = HeaderParameter(disposition, "filename");
    if (auto extended = ExtendedName(disposition)) filename = std::move(extended);
    if (!filename) return AddField(WithoutEscapes(*name), part.content);
    return AddFile(WithoutEscapes(*name), WithoutEscapes(*filename), part);
  }

  std::optional<std::string> AddField(std::string name, std::string_view content) {
    if (form_.fields.size() == kFormFieldsMax) {
      return fmt::format("the form has more than {} fields", kFormFieldsMax);
    }
    form_.fields.emplace_back(std::move(name), content);
    return std::nullopt;
  }

  std::optional<std::string> AddFile(std::string name, std::string filename, const Part& part) {
    if (filename.empty() && part.content.empty()) return std::nullopt;
    if (form_.files.size() == kFormFilesMax) {
      return fmt::format("the form has more than {} files", kFormFilesMax);
    }
    const std::string_view type = HeaderOf(part.header, "Content-Type");
    form_.files.push_back({std::move(name), std::move(filename),
                           std::string(type.empty() ? "application/octet-stream" : type),
                           part.content});
    return std::nullopt;
  }

  const std::string delimiter_;
  std::string_view rest_;
  MultipartForm form_;
};

}  // namespace

base::Result<MultipartForm, std::string> ParseMultipart(std::string_view content_type,
                                                        std::string_view body) {
  const auto boundary = HeaderParameter(content_type, "boundary");
  if (!boundary || !IsBoundary(*boundary)) {
    return std::string("the content type multipart/form-data has no usable boundary");
  }
  return Reader(*boundary, body).Read();
}

}  // namespace webhook::rules
