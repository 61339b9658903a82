// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/rules/template.h"

#include "tests/unit/rules_sources/sample.h"

namespace webhook::rules {
namespace {

struct Case {
  std::string text;
  std::string rendered;  // or the error
};

std::string RenderedBy(std::string_view text, const Facts& facts) {
  const auto parsed = ParseTemplate(text);
  REQUIRE_MESSAGE(parsed.ok(), parsed.error());
  const auto rendered = parsed.value().Render(facts);
  REQUIRE_MESSAGE(rendered.ok(), rendered.error().message);
  return rendered.value();
}

}  // namespace

TEST_CASE("what a template renders") {
  const Case cases[] = {
      {"", ""},
      {"no placeholder } }} { %", "no placeholder } }} { %"},
      {"{{payload.order.id}}", "1000000000000000001"},
      {"Order {{ payload.order.id }}: {{ payload.order.total }}!",
       "Order 1000000000000000001: 12.50!"},
      {"[{{ payload.order.note }}{{ payload.nothing }}]", "[]"},
      {"{{ payload.order.paid }}/{{ payload.order.zero }}/{{ payload.order.empty }}/", "false/0//"},
      {"{{ payload.tags }}", R"(["new","vip"])"},
      {"{{ payload.order.lines[*].sku | join(\"+\") }}", "A+B"},
      {"{{ payload.order.lines.-1.qty }}", "2.5"},
      {R"({{ payload."a.b"["c[0]"] }})", "dotted"},
      {"{{ payload.it }}", "say \"hi\""},
      {R"({"q": {{ payload.it | json }}, "n": {{ payload.no | json }}})",
       R"({"q": "say \"hi\"", "n": null})"},
      {"{{ payload[\"0\"] }}", "zero key"},
      // Each source.
      {"{{ header.X-Shop-Id }}", "S1"},
      {"{{ header[\"x-shop-id\"] }}", "S1"},
      {"{{ header.X-Time | date(\"%Y\") }}", "2025"},
      {"{{ query.k }}{{ query.a.b }}", "vwhole"},
      {"{{ value.order.id }}{{ value.order.name }}", "keypath"},
      {"{{ semantic.topic }}", "orders/create"},
      {"{{ event.topic }}", "t"},
      {"{{ record.partner_id.email }}", "a@b.c"},
      {"{{ record.note | default(\"-\") }}", "-"},
      {"{{ context.who.name }}", "Ann"},
      {"{{ context.ids | last }}", "2"},
      {"{{ request.http_method }} {{ request.headers.content-type }}", "POST application/json"},
      {"{{ request.headers[\"x-token.id\"] }}", "T"},
      {"{{ request.payload.a[1] }}", "2"},
      {"{{ response.status }}", "201"},
      {"{{ response.headers.Location }}", "/orders/7"},
      {"{{ response.body.data.ok }}", "true"},
      {"{{ response.body }}", R"({"id":7,"data":{"ok":true}})"},
      {"{{ item.qty }}", "1.10"},
      {"{{ item }}", R"({"sku":"A","qty":1.10})"},
      // Filters, one after the other; nothing passes through to default.
      {"{{ payload.name | strip | upper | replace(\"Ä\", \"AE\") }}", "AERGER ß"},
      {"{{ payload.no | date(\"%Y\") | default(\"never\") }}", "never"},
      {"{{payload.order.total|number(0)}}", "13"},
      {"{{ payload.order.date | date(\"%d.%m.%Y %H:%M:%S\") }}", "24.11.2026 08:00:00"},
      {"{{ payload.none | first | default(0) }}", "0"},
      {"{{ payload.order.lines | first | json }}", R"({"sku":"A","qty":1})"},
      {"{{ payload.order.lines | length }}", "2"},
      // Texts in quotes.
      {R"({{ "{{" }} {{ "}}" }})", "{{ }}"},
      {R"({{ "a|b\"\\\n\t" }})", "a|b\"\\\n\t"},
      {R"({{ "x" | upper }})", "X"},
      {R"({{ payload.no | default("}} | \"") }})", "}} | \""},
      {"{{\n  payload.order.zero\n  | number( 1 )\n}}", "0.0"},
  };
  const Sample sample;
  for (const Case& one : cases) {
    CAPTURE(one.text);
    CHECK(RenderedBy(one.text, sample.facts()) == one.rendered);
  }
}

TEST_CASE("what a phase does not have is nothing") {
  for (const std::string_view text :
       {"{{ payload.a }}", "{{ payload }}", "{{ header.x }}", "{{ query.x }}", "{{ value.x }}",
        "{{ semantic.x }}", "{{ context.x }}", "{{ request.x }}", "{{ response.status }}",
        "{{ response.headers.x }}", "{{ response.body }}", "{{ item }}"}) {
    CAPTURE(text);
    CHECK(RenderedBy(text, Facts{}).empty());
  }
}

TEST_CASE("what is no template says where, why and what could be written") {
  const Case cases[] = {
      {"{{ payload.a", "template, character 13: a placeholder is not closed by }}"},
      {"a {{", "template, character 5: a placeholder is not closed by }}"},
      {"{{ }}", "template, character 4: a placeholder is empty"},
      {"{{ | upper }}", "template, character 4: a placeholder is empty"},
      {"{{ \"a }}", "template, character 4: the quote is not closed"},
      {"{{ payload[\"a }}", "template, character 17: a quote is not closed"},
      {"{{ \"\\x\" }}", "template, character 6: escapes in quotes are \\\" \\\\ \\n \\t"},
      {"{{ \"a\" b }}", "template, character 8: expected | or }}"},
      {"{{ payload..a }}", "template, character 4: path, character 1: a name is empty"},
      {"{{ payload. }}", "template, character 4: path, character 1: a name is empty"},
      {"{{ payload.a b. }}", "template, character 4: path, character 5: a name is empty"},
      {"{{ header }}", "template, character 4: \"header\" alone is no value; write header.NAME"},
      {"{{ event }}", "template, character 4: \"event\" alone is no value; write event.NAME"},
      {"{{ header.a b }}", "template, character 4: \"a b\" is no name of a header"},
      {"{{ query. }}", "template, character 4: a name is missing"},
      {"{{ record.partner_id[0] }}",
       "template, character 4: \"partner_id[0]\" is no field; expected names with dots between, "
       "partner_id.email"},
      {"{{ response.status.x }}",
       "template, character 4: response.status is a number; nothing can follow it"},
      {"{{ response.code }}",
       "template, character 4: unknown part of the response \"code\" (known are: status, headers, "
       "body)"},
      {"{{ response }}",
       "template, character 4: unknown part of the response \"\" (known are: status, headers, "
       "body)"},
      {"a{{ paylod.x }}",
       "template, character 5: unknown source \"paylod\"; did you mean \"payload\"? (known are: "
       "payload, header, query, value, semantic, event, delivery, endpoint, company, partner, "
       "record, context, request, item, response)"},
      {"{{ Payload.x }}",
       "template, character 4: unknown source \"Payload\"; did you mean \"payload\"? (known are: "
       "payload, header, query, value, semantic, event, delivery, endpoint, company, partner, "
       "record, context, request, item, response)"},
      {"{{ payload.a | }}", "template, character 16: expected the name of a filter"},
      {"{{ payload.a | upper lower }}", "template, character 22: expected | or }}"},
      {"{{ payload.a | upper: 1 }}",
       "template, character 16: unknown filter \"upper:\"; did you mean \"upper\"? (known are: "
       "default, upper, lower, strip, replace, date, number, json, length, first, last, join)"},
      {"{{ payload.a | number(2 }}", "template, character 25: expected , or )"},
      {"{{ payload.a | number(x) }}",
       "template, character 23: expected a number or a \"quoted text\""},
      {"{{ payload.a | default('x') }}",
       "template, character 24: expected a number or a \"quoted text\""},
      {"{{ payload.a | number() }}", "template, character 16: filter number: write number(2)"},
      {"{{ payload.a | default(\"x }}", "template, character 24: the quote is not closed"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.text);
    const auto parsed = ParseTemplate(one.text);
    REQUIRE(!parsed.ok());
    CHECK(parsed.error() == one.rendered);
  }
}

TEST_CASE("what cannot be rendered names the placeholder, the filter and the value") {
  const Case cases[] = {
      {"{{ payload.tags | first | date(\"%Y\") }}",
       "{{ payload.tags | first | date(\"%Y\") }}: date: \"new\" is not an ISO date or time, nor "
       "Unix seconds"},
      {"{{payload.order | upper}}",
       "{{ payload.order | upper }}: upper: {\"id\":1000000000000000001,\"total\":12.50,\"note\":"
       "null,\"paid\":false,\"zero\":0,\"empty… is not a text"},
      {"{{ partner.vat }}",
       "{{ partner.vat }}: partner_field:vat could not be read: res.partner.vat: no access for "
       "Bot"},
      {"{{ company.name | default(\"x\") }}",
       "{{ company.name | default(\"x\") }}: company_field:name was not provided by Odoo"},
  };
  const Sample sample;
  for (const Case& one : cases) {
    CAPTURE(one.text);
    const auto parsed = ParseTemplate(one.text);
    REQUIRE_MESSAGE(parsed.ok(), parsed.error());
    const auto rendered = parsed.value().Render(sample.facts());
    REQUIRE(!rendered.ok());
    CHECK(rendered.error().message == one.rendered);
  }
}

TEST_CASE("the fields that a template needs, each once") {
  const auto parsed = ParseTemplate(
      "{{ record.partner_id.email }} {{ payload.a }} {{ event.topic | upper }} {{ semantic.x }} "
      "{{ request.y }} {{ record.partner_id.email }} {{ delivery.name }} {{ endpoint.code }} "
      "{{ company.vat }} {{ partner.ref }} {{ \"x\" }}");
  REQUIRE(parsed.ok());
  CHECK(parsed.value().needs() ==
        std::vector<std::string>{"record_field:partner_id.email", "event_field:topic",
                                 "delivery_field:name", "endpoint_field:code", "company_field:vat",
                                 "partner_field:ref"});
}

TEST_CASE("a template is bounded") {
  std::string many;
  for (std::size_t i = 0; i < kPlaceholdersMax; ++i) many += "{{ payload }}";
  CHECK(ParseTemplate(many).ok());
  CHECK(!ParseTemplate(many + "{{ payload }}").ok());
  std::string filters = "{{ payload.a";
  for (std::size_t i = 0; i < kFiltersMax; ++i) filters += " | strip";
  CHECK(ParseTemplate(filters + " }}").ok());
  CHECK(!ParseTemplate(filters + " | strip }}").ok());

  const model::Value payload = model::Value::Text(std::string(kRenderedBytesMax / 2, 'a'));
  Facts facts;
  facts.payload = &payload;
  CHECK(ParseTemplate("{{ payload }}{{ payload }}").value().Render(facts).ok());
  const auto rendered = ParseTemplate("{{ payload }}{{ payload }}.").value().Render(facts);
  REQUIRE(!rendered.ok());
  CHECK(rendered.error().message == "the text is longer than 1048576 bytes");
}

}  // namespace webhook::rules
