// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/body_multipart.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/fakes/run_program.h"
#include "tests/fakes/temporary_directory.h"

using namespace webhook::delivery;
namespace model = webhook::model;
using model::DeliveryFile;

namespace {

Multipart Made(const FormFields& fields, const std::vector<DeliveryFile>& files = {}) {
  auto made = MultipartOf(fields, files);
  REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error()));
  return std::move(made).value();
}

}  // namespace

TEST_CASE("fields, then files, each as a part") {
  const Multipart made = Made({{"a", "1"}, {"b[0]", ""}},
                              {{"doc", "a.txt", "text/plain", "x\r\ny"}, {"raw", "", "", ""}});
  const std::string& b = made.boundary;
  CHECK(made.bytes == "--" + b + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--" +
                          b + "\r\nContent-Disposition: form-data; name=\"b[0]\"\r\n\r\n\r\n--" +
                          b +
                          "\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"a.txt\"\r\n"
                          "Content-Type: text/plain\r\n\r\nx\r\ny\r\n--" +
                          b +
                          "\r\nContent-Disposition: form-data; name=\"raw\"; filename=\"raw\"\r\n"
                          "Content-Type: application/octet-stream\r\n\r\n\r\n--" +
                          b + "--\r\n");
}

TEST_CASE("it is multipart without files and without fields, too") {
  CHECK(Made({}).bytes == "--" + Made({}).boundary + "--\r\n");
  CHECK(Made({{"a", "1"}}).bytes.find("form-data; name=\"a\"") != std::string::npos);
}

TEST_CASE("the boundary is the content's: equal for equal parts, another for others") {
  const std::vector<DeliveryFile> files = {{"f", "n", "t/t", std::string("\0\xFF", 2)}};
  const Multipart first = Made({{"a", "1"}}, files);
  CHECK(first.boundary == Made({{"a", "1"}}, files).boundary);
  CHECK(first.bytes == Made({{"a", "1"}}, files).bytes);
  CHECK(first.boundary.size() <= 70);
  CHECK(first.boundary != Made({{"a", "2"}}, files).boundary);
  CHECK(first.boundary != Made({{"a", "1"}}).boundary);
  CHECK(Made({{"a", "1"}, {"b", "2"}}).boundary != Made({{"b", "2"}, {"a", "1"}}).boundary);
}

TEST_CASE("a boundary of one content inside another one") {
  // The first boundary of this content is not known before it is made, so the content is a body.
  const Multipart inner = Made({{"a", "1"}});
  const Multipart outer = Made({{"body", inner.bytes}});
  CHECK(outer.boundary != inner.boundary);
  CHECK(outer.bytes.find(inner.boundary) != std::string::npos);
}

TEST_CASE("names can end neither their quotes nor their line") {
  const std::string bytes = Made({{"a\"b\r\nc", "1"}}, {{"f\n", "x\".txt\r", "", ""},
                                                        {"\xC3\xA9", "\xE2\x82\xAC%", "", ""}})
                                .bytes;
  CHECK(bytes.find("name=\"a%22b%0D%0Ac\"\r\n") != std::string::npos);
  CHECK(bytes.find("name=\"f%0A\"; filename=\"x%22.txt%0D\"\r\n") != std::string::npos);
  CHECK(bytes.find("name=\"\xC3\xA9\"; filename=\"\xE2\x82\xAC%\"\r\n") != std::string::npos);
}

TEST_CASE("a file that cannot be sent is named") {
  for (const std::string type : {"text/plain\r\nX: 1", "text/plain\n", "\x01"}) {
    CAPTURE(type);
    const auto made = MultipartOf({}, {{"doc", "a", type, ""}});
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().find("doc") != std::string::npos);
  }
  CHECK_FALSE(MultipartOf({}, {{"", "a", "", ""}}).ok());
}

TEST_CASE("a body beyond the limit is an error") {
  CHECK(MultipartOf({}, {{"f", "a", "", std::string(kBodyBytesMax - 1000, 'x')}}).ok());
  const auto made = MultipartOf({}, {{"f", "a", "", std::string(kBodyBytesMax, 'x')}});
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().find("10 MiB") != std::string::npos);
}

TEST_CASE("a parser that is not ours reads it") {
  const Multipart made = Made({{"order[name]", "S0001 \xE2\x82\xAC"}},
                              {{"doc", "a b.pdf", "application/pdf", "%PDF-\xFF"}});
  const webhook::fakes::TemporaryDirectory directory;
  const std::string path = directory.File("body");
  std::ofstream(path, std::ios::binary)
      << "Content-Type: multipart/form-data; boundary=" << made.boundary << "\r\n\r\n"
      << made.bytes;
  const auto read = webhook::fakes::RunProgram(
      {"python3", "-c",
       "import email, email.policy, sys\n"
       "message = email.message_from_binary_file(open(sys.argv[1], 'rb'), "
       "policy=email.policy.HTTP)\n"
       "for part in message.iter_parts():\n"
       "    print(part.get_param('name', header='content-disposition'), part.get_filename(),\n"
       "          part.get_content_type(), part.get_payload(decode=True))\n",
       path});
  CHECK(read.exit_code == 0);
  CHECK(read.output ==
        "order[name] None text/plain b'S0001 \\xe2\\x82\\xac'\n"
        "doc a b.pdf application/pdf b'%PDF-\\xff'\n");
}
