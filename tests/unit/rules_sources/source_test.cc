// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/source.h"

#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {
namespace {

using Kind = model::SourceKind;

model::Source SourceOf(Kind kind, std::string expression) {
  model::Source source;
  source.kind = kind;
  source.expression = std::move(expression);
  return source;
}

// The value, or "error: …".
std::string ReadBy(const model::Source& source, const Facts& facts) {
  const auto compiled = CompileSource(source);
  REQUIRE_MESSAGE(compiled.ok(), compiled.error());
  const auto read = compiled.value().Read(facts);
  return read.ok() ? Written(read.value()) : "error: " + read.error();
}

struct Case {
  Kind kind;
  std::string expression;
  std::string result;
};

}  // namespace

TEST_CASE("what each kind of source reads") {
  const Case cases[] = {
      {Kind::kPayloadPath, "order.total", "12.50"},
      {Kind::kPayloadPath, "order.lines[*].qty", "[1,2.5]"},
      {Kind::kPayloadPath, "order.note", "null"},
      {Kind::kPayloadPath, "order.no", "missing"},
      {Kind::kPayloadPath, "0", "\"zero key\""},
      {Kind::kHeader, "X-Shop-ID", "\"S1\""},
      {Kind::kHeader, " x-shop-id ", "\"S1\""},
      {Kind::kHeader, "X-None", "missing"},
      {Kind::kQueryParameter, "a.b", "\"whole\""},
      {Kind::kQueryParameter, "a[\"b\"]", "\"path\""},
      {Kind::kQueryParameter, "f[", "\"odd\""},
      {Kind::kQueryParameter, "g[", "missing"},
      {Kind::kResolvedValue, "order.id", "\"key\""},
      {Kind::kResolvedValue, "order.name", "\"path\""},
      {Kind::kResolvedValue, "order.no", "missing"},
      {Kind::kSemanticField, "topic", "\"orders/create\""},
      {Kind::kSemanticField, "event_type", "missing"},
      {Kind::kEventField, "topic", "\"t\""},
      {Kind::kEventField, "other", "error: event_field:other was not provided by Odoo"},
      {Kind::kDeliveryField, "topic", "error: delivery_field:topic was not provided by Odoo"},
      {Kind::kEndpointField, "code", "error: endpoint_field:code was not provided by Odoo"},
      {Kind::kCompanyField, "name", "error: company_field:name was not provided by Odoo"},
      {Kind::kPartnerField, "vat",
       "error: partner_field:vat could not be read: res.partner.vat: no access for Bot"},
      {Kind::kRecordField, "partner_id.email", "\"a@b.c\""},
      {Kind::kRecordField, "note", "null"},
      {Kind::kContextKey, "who.name", "\"Ann\""},
      {Kind::kContextKey, "ids[-1]", "2"},
      {Kind::kRequestField, "target_url", "\"https://r.example/x\""},
      {Kind::kRequestField, "headers.Content-Type", "\"application/json\""},
      {Kind::kRequestField, "headers.content-type", "\"application/json\""},
      {Kind::kRequestField, "headers.\"X-TOKEN.ID\"", "\"T\""},
      {Kind::kRequestField, "headers.none", "missing"},
      {Kind::kRequestField, "payload.a", "[1,2]"},
      {Kind::kRequestField, "HTTP_METHOD", "missing"},
      {Kind::kResponseStatus, "", "201"},
      {Kind::kResponseHeader, "LOCATION", "\"/orders/7\""},
      {Kind::kResponseBody, "data.ok", "true"},
      {Kind::kResponseBody, "$", R"({"id":7,"data":{"ok":true}})"},
      {Kind::kItemPath, "qty", "1.10"},
      {Kind::kItemPath, "$", R"({"sku":"A","qty":1.10})"},
      {Kind::kTemplate, "{{ item.sku }}-{{ response.status }}", "\"A-201\""},
      {Kind::kTemplate, "{{ payload.order | date(\"%Y\") }}",
       "error: {{ payload.order | date(\"%Y\") }}: date: "
       "{\"id\":1000000000000000001,\"total\":12.50,"
       "\"note\":null,\"paid\":false,\"zero\":0,\"empty… is not an ISO date or time, nor Unix "
       "seconds"},
  };
  const Sample sample;
  for (const Case& one : cases) {
    CAPTURE(one.expression);
    CHECK(ReadBy(SourceOf(one.kind, one.expression), sample.facts()) == one.result);
  }
}

TEST_CASE("what a phase does not have is missing; a field is an error") {
  for (const Kind kind :
       {Kind::kPayloadPath, Kind::kHeader, Kind::kQueryParameter, Kind::kResolvedValue,
        Kind::kSemanticField, Kind::kContextKey, Kind::kRequestField, Kind::kResponseStatus,
        Kind::kResponseHeader, Kind::kResponseBody, Kind::kItemPath}) {
    CHECK(ReadBy(SourceOf(kind, "a"), Facts{}) == "missing");
  }
  CHECK(ReadBy(SourceOf(Kind::kRecordField, "a"), Facts{}) ==
        "error: record_field:a was not provided by Odoo");
}

TEST_CASE("literals") {
  model::Source source;
  source.literal = "1.10";
  CHECK(ReadBy(source, Facts{}) == "\"1.10\"");
  source.literal_is_json = true;
  CHECK(ReadBy(source, Facts{}) == "1.10");
  source.literal = "00123";
  CHECK(CompileSource(source).error().starts_with("the literal is not JSON: "));
}

TEST_CASE("a source that cannot be compiled says why") {
  const Case cases[] = {
      {Kind::kPayloadPath, "", "path, character 1: a name is empty"},
      {Kind::kItemPath, "a..b", "path, character 3: a name is empty"},
      {Kind::kHeader, "", "\"\" is no name of a header"},
      {Kind::kResponseHeader, "x y", "\"x y\" is no name of a header"},
      {Kind::kResolvedValue, " ", "a name is missing"},
      {Kind::kEventField, "",
       "\"\" is no field; expected names with dots between, partner_id.email"},
      {Kind::kRecordField, "a.",
       "\"a.\" is no field; expected names with dots between, partner_id.email"},
      {Kind::kRecordField, "a.0",
       "\"a.0\" is no field; expected names with dots between, partner_id.email"},
      {Kind::kTemplate, "{{", "template, character 3: a placeholder is not closed by }}"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.expression);
    const auto compiled = CompileSource(SourceOf(one.kind, one.expression));
    REQUIRE(!compiled.ok());
    CHECK(compiled.error() == one.result);
  }
  CHECK(CompileSource(SourceOf(Kind::kRecordField, std::string(287, 'a'))).ok());
  CHECK(!CompileSource(SourceOf(Kind::kRecordField, std::string(288, 'a'))).ok());
}

TEST_CASE("the fields that a source needs") {
  using Needs = std::vector<std::string>;
  const auto needs = [](Kind kind, const char* expression) {
    return CompileSource(SourceOf(kind, expression)).value().needs();
  };
  CHECK(needs(Kind::kEventField, "topic") == Needs{"event_field:topic"});
  CHECK(needs(Kind::kPartnerField, " country_id.code ") == Needs{"partner_field:country_id.code"});
  CHECK(needs(Kind::kTemplate, "{{ company.vat }}{{ payload.a }}") == Needs{"company_field:vat"});
  CHECK(needs(Kind::kSemanticField, "topic").empty());
  CHECK(needs(Kind::kRequestField, "target_url").empty());
  CHECK(CompileSource(model::Source{}).value().needs().empty());
}

TEST_CASE("[*] that gathers too much is an error, not a part of it") {
  model::Value::List items(kCollectedMax + 1, model::Value::Integer(1));
  const model::Value payload = model::Value::ListOf(std::move(items));
  Facts facts;
  facts.payload = &payload;
  CHECK(ReadBy(SourceOf(Kind::kPayloadPath, "[*]"), facts) ==
        "error: [*] found more than 100000 values");
  CHECK(ReadBy(SourceOf(Kind::kPayloadPath, "[0]"), facts) == "1");
}

}  // namespace webhook::rules
