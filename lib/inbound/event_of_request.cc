// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/inbound/event_of_request.h"

#include "lib/inbound/credential_headers.h"
#include "lib/inbound/stored_text.h"

namespace webhook::inbound {
namespace {

using model::IngestedEvent;

constexpr std::size_t kNameBytesMax = 255;  // of headers, parameters, files, handlers
constexpr std::size_t kAddressBytesMax = 64;
constexpr std::size_t kReasonBytesMax = 2000;

std::map<std::string, std::string> HeadersOf(const CompiledInbound& endpoint,
                                             const Request& request) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers()) {
    headers[StoredText(name, kNameBytesMax)] = IsCredentialHeader(endpoint.endpoint, name)
                                                   ? std::string(kDroppedCredential)
                                                   : StoredText(value, kHeaderBytesMax);
  }
  return headers;
}

std::map<std::string, std::string> QueryOf(const Request& request) {
  std::map<std::string, std::string> query;
  for (const auto& [name, value] : request.query()) {
    query[StoredText(name, kNameBytesMax)] = StoredText(value, kHeaderBytesMax);
  }
  return query;
}

IngestedEvent EventOf(const CompiledInbound& endpoint, const Request& request,
                      std::string event_uid) {
  IngestedEvent event;
  event.event_uid = std::move(event_uid);
  event.endpoint_id = endpoint.endpoint.id;
  event.received_at = request.parts().received_at;
  event.headers = HeadersOf(endpoint, request);
  event.query = QueryOf(request);
  event.remote_address = StoredText(request.parts().remote_address, kAddressBytesMax);
  return event;
}

// What rules read of it; of JSON they read the body.
std::string PayloadOf(const rules::BodyValue& payload) {
  if (payload.format == rules::BodyFormat::kJson || payload.value.is_missing()) return {};
  std::string json = model::DumpJson(StoredValue(payload.value));
  return json.size() > kPayloadBytesMax ? std::string() : json;
}

std::vector<model::EventFile> FilesOf(const rules::BodyValue& payload) {
  std::vector<model::EventFile> files;
  for (const rules::BodyFile& file : payload.files) {
    const std::string& filename = file.filename.empty() ? file.name : file.filename;
    files.push_back({StoredText(file.name, kNameBytesMax), StoredText(filename, kNameBytesMax),
                     StoredText(file.content_type, kNameBytesMax), std::string(file.content)});
  }
  return files;
}

}  // namespace

IngestedEvent AcceptedEvent(const CompiledInbound& endpoint, const Request& request,
                            std::string event_uid, std::map<std::string, std::string> values,
                            std::map<std::string, std::string> semantics) {
  IngestedEvent event = EventOf(endpoint, request, std::move(event_uid));
  event.body = std::string(request.body());
  event.payload = PayloadOf(request.payload());
  event.files = FilesOf(request.payload());
  event.resolved_values = std::move(values);
  event.semantics = std::move(semantics);
  const auto selector = event.semantics.find("handler_selector");
  if (selector != event.semantics.end() && selector->second.size() <= kNameBytesMax) {
    event.handler_selector = selector->second;
  }
  return event;
}

IngestedEvent RejectedEvent(const CompiledInbound& endpoint, const Request& request,
                            std::string event_uid, RejectionCategory category,
                            const std::string& reason) {
  IngestedEvent event = EventOf(endpoint, request, std::move(event_uid));
  event.rejected = true;
  event.body = std::string(request.body().substr(0, kRejectedBodyBytesMax));
  event.rejection_category = std::string(Spelling(category));
  event.rejection_reason = StoredText(reason, kReasonBytesMax);
  return event;
}

}  // namespace webhook::inbound
