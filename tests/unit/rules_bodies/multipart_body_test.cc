// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/multipart_body.h"

#include <doctest/doctest.h>

#include "lib/delivery/body_multipart.h"

namespace webhook::rules {
namespace {

constexpr std::string_view kType = "multipart/form-data; boundary=x";

std::string Field(std::string_view disposition, std::string_view content) {
  return "--x\r\nContent-Disposition: " + std::string(disposition) + "\r\n\r\n" +
         std::string(content) + "\r\n";
}

// name=content of fields, then name:filename:type:content of files; or the problem.
std::string Read(std::string_view body, std::string_view type = kType) {
  const auto form = ParseMultipart(type, body);
  if (!form.ok()) return form.error();
  std::string text;
  for (const auto& [name, value] : form.value().fields) text += name + "=" + value + ";";
  for (const BodyFile& file : form.value().files) {
    text += file.name + ":" + file.filename + ":" + file.content_type + ":" +
            std::string(file.content) + ";";
  }
  return text;
}

TEST_CASE("fields and files, with preamble and epilogue") {
  CHECK(Read("nobody reads this\r\n" + Field("form-data; name=\"a\"", "1\r\n2") +
             "--x \t\r\ncontent-type: text/csv\r\nCONTENT-DISPOSITION: form-data; name=f; "
             "filename=\"t.csv\"\r\n\r\na,b\r\n--x--\r\nnor this") ==
        "a=1\r\n2;f:t.csv:text/csv:a,b;");
  CHECK(Read("--x--") == "");
  CHECK(Read(Field("form-data; name=\"\"", "") + "--x--") == "=;");
  CHECK(Read("--x\r\nContent-Disposition: form-data; name=a\r\n\r\n--x--") == "a=;");
}

TEST_CASE("the boundary: quoted, up to 70 characters") {
  CHECK(Read("--a b?c\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--a b?c--",
             "multipart/form-data; charset=utf-8; boundary=\"a b?c\"") == "a=1;");
  const std::string kNone = "the content type multipart/form-data has no usable boundary";
  CHECK(Read("--x--", "multipart/form-data") == kNone);
  CHECK(Read("--x--", "multipart/form-data; boundary=") == kNone);
  CHECK(Read("--x--", "multipart/form-data; boundary=\"x \"") == kNone);
  CHECK(Read("--x--", "multipart/form-data; boundary=" + std::string(71, 'x')) == kNone);
  CHECK(Read("--x--", "multipart/form-data; boundary=\"\xC3\xA9\"") == kNone);
}

TEST_CASE("names: quotes, escapes of browsers, RFC 5987") {
  CHECK(Read(Field(R"(form-data; name="a%22b\"c")", "1") + "--x--") == "a\"b\"c=1;");
  CHECK(Read(Field(R"(form-data; name=f; filename="100%.txt")", "1") + "--x--") ==
        "f:100%.txt:application/octet-stream:1;");
  CHECK(Read(Field("form-data; name=f; filename=x; filename*=UTF-8''na%C3%AFve+1.txt", "1") +
             "--x--") == "f:na\xC3\xAFve+1.txt:application/octet-stream:1;");
}

TEST_CASE("a file that nobody chose is none") {
  CHECK(Read(Field("form-data; name=f; filename=\"\"", "") + "--x--") == "");
  CHECK(Read(Field("form-data; name=f; filename=\"\"", "1") + "--x--") ==
        "f::application/octet-stream:1;");
}

TEST_CASE("what is malformed says so") {
  CHECK(Read("") == "the multipart body does not begin with its boundary");
  CHECK(Read("x--x") == "the multipart body does not begin with its boundary");
  CHECK(Read("--x") == "a boundary of the multipart body is malformed");
  CHECK(Read("--xy\r\n") == "a boundary of the multipart body is malformed");
  CHECK(Read("--x\n\n1\n--x--") == "a boundary of the multipart body is malformed");
  CHECK(Read(Field("form-data; name=a", "1")) == "the multipart body is cut off");
  CHECK(Read("--x\r\n\r\n1\r\n--x--") == "a part of the multipart body has no name");
  CHECK(Read(Field("form-data", "1") + "--x--") == "a part of the multipart body has no name");
  CHECK(Read(Field("attachment; name=a", "1") + "--x--") ==
        "a part of the multipart body has no name");
  CHECK(Read("--x\r\nContent-Disposition: form-data; name=a\r\n--x\r\n\r\n1\r\n--x--") ==
        "the multipart body is cut off");
  CHECK(Read("--x\r\nX: " + std::string(kPartHeaderBytesMax, 'y') + "\r\n\r\n1\r\n--x--") ==
        "the multipart body is cut off");
}

TEST_CASE("limits of fields and files") {
  std::string fields;
  for (std::size_t i = 0; i < kFormFieldsMax; ++i) fields += Field("form-data; name=a", "");
  CHECK(ParseMultipart(kType, fields + "--x--").ok());
  CHECK(Read(fields + Field("form-data; name=a", "") + "--x--") ==
        "the form has more than 1000 fields");
  std::string files;
  for (std::size_t i = 0; i < kFormFilesMax; ++i)
    files += Field("form-data; name=a; filename=b", "");
  CHECK(ParseMultipart(kType, files + "--x--").ok());
  CHECK(Read(files + Field("form-data; name=a; filename=b", "") + "--x--") ==
        "the form has more than 20 files");
}

TEST_CASE("what our own deliveries write is read as it was meant") {
  const std::string bytes("\0\xFF\r\n--", 6);
  model::DeliveryFile file;
  file.name = "scan";
  file.filename = "a \"b\".pdf";
  file.content_type = "application/pdf";
  file.content = bytes;
  const auto written = delivery::MultipartOf({{"a\r\nb", "1"}, {"é", ""}}, {file});
  REQUIRE(written.ok());
  CHECK(Read(written.value().bytes, "multipart/form-data; boundary=" + written.value().boundary) ==
        "a\r\nb=1;é=;scan:a \"b\".pdf:application/pdf:" + bytes + ";");
}

}  // namespace
}  // namespace webhook::rules
