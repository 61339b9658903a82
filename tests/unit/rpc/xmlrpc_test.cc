// SPDX-License-Identifier: LGPL-3.0-or-later
#include "rpc/xmlrpc.h"

#include <doctest/doctest.h>

#include "tests/unit/rpc/golden.h"

namespace webhook::rpc {
namespace {

constexpr CallContext kCall{"crm", "bwt.webhook.worker", "claim"};

std::string Decode(std::string body) {
  const auto value = XmlRpc().Decode(
      {.status = 200, .content_type = "text/xml", .location = {}, .body = body}, kCall);
  if (!value.ok()) return KindName(value.error().kind);
  if (const auto* text = std::get_if<std::string>(&value.value())) return "text: " + *text;
  return "other";
}

std::string Response(const std::string& value) {
  return "<?xml version=\"1.0\"?>\n<methodResponse>\n<params>\n<param>\n<value>" + value +
         "</value>\n</param>\n</params>\n</methodResponse>\n";
}

std::string Fault(const std::string& members) {
  return "<?xml version='1.0'?><methodResponse><fault><value><struct>" + members +
         "</struct></value></fault></methodResponse>";
}

TEST_CASE("a call as Odoo reads it") {
  const HttpCall call = XmlRpc().Encode({.service = "object",
                                         .method = "execute_kw",
                                         .arguments = {std::string("c&m"), std::int64_t{2},
                                                       std::vector<std::string>{"<a>\r\n \t]]>"}}});
  CHECK(call.path == "/xmlrpc/2/object");
  CHECK(call.content_type == "text/xml");
  CHECK(call.body ==
        "<?xml version=\"1.0\"?><methodCall><methodName>execute_kw</methodName><params>"
        "<param><value><string>c&amp;m</string></value></param>"
        "<param><value><int>2</int></value></param>"
        "<param><value><array><data><value><string>&lt;a&gt;&#13;\n \t]]&gt;</string></value>"
        "</data></array></value></param></params></methodCall>");
}

TEST_CASE("texts") {
  CHECK(Decode(Response("<string>{\"a\": \"&lt;&amp;&gt;&#13;\"}</string>")) ==
        "text: {\"a\": \"<&>\r\"}");
  CHECK(Decode(Response("<string></string>")) == "text: ");
  CHECK(Decode(Response("<string/>")) == "text: ");
  CHECK(Decode(Response("<string>  </string>")) == "text:   ");
  CHECK(Decode(Response(" untyped ")) == "text:  untyped ");
  CHECK(Decode(Response("<string>a\r\nb</string>")) == "text: a\r\nb");
}

TEST_CASE("values that are none of ours") {
  for (const char* value :
       {"<nil/>", "<double>1.5</double>", "<boolean>2</boolean>", "<int>x</int>",
        "<int>99999999999999999999</int>", "<string><b>x</b></string>", "<array><data/></array>",
        "<struct></struct>", "<base64>eA==</base64>"}) {
    CAPTURE(value);
    CHECK(Decode(Response(value)) == "other");
  }
}

TEST_CASE("hostile markup is refused before it is parsed") {
  const std::string good = Response("<string>x</string>");
  CHECK(Decode("<!DOCTYPE a [<!ENTITY b \"c\">]>" + good) == "NotOdoo");
  CHECK(Decode("<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM \"file:///etc/passwd\">" +
               good.substr(good.find('\n'))) == "NotOdoo");
  CHECK(Decode(Response("<string><![CDATA[x]]></string>")) == "NotOdoo");
  CHECK(Decode(Response("<string><!-- x -->x</string>")) == "NotOdoo");
  CHECK(Decode(Response("<?php x ?>")) == "NotOdoo");
  CHECK(Decode(Response("<string a=\"b\">x</string>")) == "NotOdoo");
}

TEST_CASE("depth and number of elements are capped") {
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<value>";
  CHECK(Decode(deep) == "NotOdoo");
  std::string closed;
  for (int i = 0; i < 40; ++i) closed = "<value>" + closed + "</value>";
  CHECK(Decode(Response(closed)) == "NotOdoo");
  std::string wide;
  for (int i = 0; i < 2'000; ++i) wide += "<i/>";
  CHECK(Decode(Response(wide)) == "NotOdoo");
}

TEST_CASE("answers without their members") {
  for (const char* body :
       {"x", "</a>", "<methodResponse></methodResponse>", "<methodResponse/>",
        "<methodResponse><params></params></methodResponse>",
        "<methodResponse><params><param></param></params></methodResponse>",
        "<methodResponse><fault></fault></methodResponse>",
        "<methodResponse><params><param><value>a</value></param><param><value>b</value></param>"
        "</params></methodResponse>",
        "<methodCall><params><param><value>a</value></param></params></methodCall>",
        "<methodResponse><params></param></params></methodResponse>",
        "<html><body>x</body></html>"}) {
    CAPTURE(body);
    CHECK(Decode(body) == "NotOdoo");
  }
}

TEST_CASE("faults need a code and a text") {
  const std::string code = "<member><name>faultCode</name><value><int>4</int></value></member>";
  const std::string text =
      "<member><name>faultString</name><value><string>No</string></value></member>";
  CHECK(Decode(Fault(code + text)) == "AccessDenied");
  CHECK(Decode(Fault(text + code)) == "AccessDenied");
  CHECK(Decode(Fault(code)) == "NotOdoo");
  CHECK(Decode(Fault(text)) == "NotOdoo");
  CHECK(Decode(Fault("<member/>")) == "NotOdoo");
  CHECK(Decode(Fault("<member><name>faultCode</name><value><string>4</string></value></member>" +
                     text)) == "NotOdoo");
}

}  // namespace
}  // namespace webhook::rpc
