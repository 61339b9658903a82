// SPDX-License-Identifier: LGPL-3.0-or-later
// ingest, and the rows of claim with `work: intake` that come to it.
#include <algorithm>

#include "lib/model/contract_parts.h"

namespace webhook::model {
namespace {

// Lengths of the schema (events.schema.json).
constexpr std::size_t kIdentityMax = 512;
constexpr std::size_t kAddressMax = 64;
constexpr std::size_t kSelectorMax = 255;
constexpr std::size_t kFilesMax = 20;
constexpr std::size_t kFileTextMax = 255;
constexpr std::size_t kCategoryMax = 64;
constexpr std::size_t kReasonMax = 2000;
constexpr std::size_t kMethodMax = 16;
constexpr std::size_t kItemsMax = 1000;
constexpr int kDuplicatesMax = 1'000'000;
constexpr int kRejectedMax = 1'000'000'000;

constexpr Spellings<IngestStatus, 4> kStatuses = {
    {{"ingested", IngestStatus::kIngested},
     {"already_ingested", IngestStatus::kAlreadyIngested},
     {"duplicate", IngestStatus::kDuplicate},
     {"failed", IngestStatus::kFailed}}};

std::string Visible(const std::string& text) {
  return base::PrintableText(text, std::numeric_limits<std::size_t>::max());
}

// Names that become the same when they are written visibly: one of them is kept.
Json VisibleMap(const std::map<std::string, std::string>& map) {
  Json json = Json::object();
  for (const auto& [name, value] : map) json[Visible(name)] = Visible(value);
  return json;
}

Json FileJson(const EventFile& file) {
  return {{"name", Clip(file.name, kFileTextMax)},
          {"filename", Clip(file.filename, kFileTextMax)},
          {"content_type", Clip(file.content_type, kFileTextMax)},
          {"content_base64", base::EncodeBase64(file.content)}};
}

// A key that was cut could be that of another event, and the event would be lost as its duplicate.
void AddIdentity(Json& json, const char* key, const std::string& identity, const char* source_key,
                 const std::string& source) {
  const std::string visible = Visible(identity);
  if (visible.empty() || visible.size() > kIdentityMax) return;
  json[key] = visible;
  if (!source.empty()) json[source_key] = source;
}

void AddText(Json& json, const char* key, const std::string& text, std::size_t bytes_max) {
  if (!text.empty()) json[key] = Clip(text, bytes_max);
}

void AddIdentities(Json& json, const IngestedEvent& event) {
  AddIdentity(json, "identity_key", event.identity_key, "identity_source", event.identity_source);
  AddIdentity(json, "replay_identity_key", event.replay_identity_key, "replay_identity_source",
              event.replay_identity_source);
  if (event.replay_blocks) json["replay_blocks"] = true;
}

void AddFiles(Json& json, const std::vector<EventFile>& files) {
  for (std::size_t i = 0; i < std::min(files.size(), kFilesMax); ++i) {
    json["files"].push_back(FileJson(files[i]));
  }
}

Json DuplicatesJson(const std::vector<DuplicateCount>& duplicates) {
  Json list = Json::array();
  for (const DuplicateCount& duplicate : duplicates) {
    if (list.size() == kItemsMax) break;
    list.push_back({{"event_uid", duplicate.event_uid},
                    {"count", std::clamp(duplicate.count, 1, kDuplicatesMax)}});
  }
  return list;
}

Json RejectedCountsJson(const std::vector<RejectedCount>& counts) {
  Json list = Json::array();
  for (const RejectedCount& rejected : counts) {
    if (list.size() == kItemsMax) break;
    list.push_back({{"endpoint_id", rejected.endpoint_id},
                    {"category", Clip(rejected.category, kCategoryMax)},
                    {"count", std::clamp(rejected.count, 1, kRejectedMax)}});
  }
  return list;
}

bool IsShortMethod(std::string_view text) { return text.size() <= kMethodMax; }

}  // namespace

std::string EncodeIngestedEvent(const IngestedEvent& event) {
  Json json = {{"event_uid", event.event_uid},
               {"endpoint_id", event.endpoint_id},
               {"received_at_ms", base::ToUnixMs(event.received_at)},
               {"state", event.rejected ? "rejected" : "received"},
               {"request_body_base64", base::EncodeBase64(event.body)},
               {"request_headers", VisibleMap(event.headers)}};
  if (!event.query.empty()) json["query"] = VisibleMap(event.query);
  AddText(json, "remote_address", event.remote_address, kAddressMax);
  AddIdentities(json, event);
  AddText(json, "handler_selector", event.handler_selector, kSelectorMax);
  if (!event.resolved_values.empty()) json["resolved_values"] = VisibleMap(event.resolved_values);
  if (!event.semantics.empty()) json["semantics"] = VisibleMap(event.semantics);
  if (!event.payload.empty()) json["payload"] = Visible(event.payload);
  AddFiles(json, event.files);
  AddText(json, "rejection_category", event.rejection_category, kCategoryMax);
  AddText(json, "rejection_reason", event.rejection_reason, kReasonMax);
  if (event.intake_id) json["intake_id"] = *event.intake_id;
  return Dump(json);
}

std::string EncodeIngest(const IngestRequest& request) {
  // The events are JSON already: putting them together as text spares parsing what the inbox holds.
  std::string text = "{\"worker_uid\":" + Dump(request.worker_uid) + ",\"events\":[";
  for (std::size_t i = 0; i < request.events.size(); ++i) {
    if (i > 0) text += ',';
    text += request.events[i];
  }
  text += ']';
  if (!request.duplicates.empty()) {
    text += ",\"duplicates\":" + Dump(DuplicatesJson(request.duplicates));
  }
  if (!request.rejected_counts.empty()) {
    text += ",\"rejected_counts\":" + Dump(RejectedCountsJson(request.rejected_counts));
  }
  return text + "}";
}

Decoded<IngestAnswer> DecodeIngest(std::string_view text) {
  return DecodeWith("ingest", text, [](const Json& json) {
    IngestAnswer answer;
    answer.envelope = ReadEnvelope(json);
    for (const Json& item : ReadList(json, "results")) {
      answer.results.push_back({ReadUuid(item, "event_uid"), ReadOneOf(item, "status", kStatuses),
                                ReadOptionalText(item, "message"),
                                ReadOptionalText(item, "first_event_uid")});
    }
    return answer;
  });
}

IntakeRow ReadIntakeRow(const Json& json) {
  IntakeRow row;
  row.id = ReadId(json, "id");
  row.event_uid = ReadUuid(json, "event_uid");
  row.endpoint_id = ReadId(json, "endpoint_id");
  row.received_at = ReadTime(json, "received_at_ms");
  row.http_method = ReadTextThat(json, "http_method", "must be a method", IsShortMethod);
  row.request_url = ReadText(json, "request_url");
  row.remote_address = ReadOptionalText(json, "remote_address");
  row.headers = ReadTextMap(json, "request_headers");
  row.body = ReadBytes(json, "request_body_base64");
  return row;
}

}  // namespace webhook::model
