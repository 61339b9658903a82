// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/delivery/handler_book.h"

namespace webhook::delivery {

const model::Handler* HandlerBook::Find(model::RecordId handler_id) const {
  const auto found = configuration->handlers.find(handler_id);
  return found == configuration->handlers.end() ? nullptr : &found->second;
}

const rules::CompiledHandler* HandlerBook::Rules(model::RecordId handler_id) const {
  const auto found = compiled.find(handler_id);
  return found == compiled.end() ? nullptr : &found->second;
}

bool HandlerBook::CanRun(model::RecordId handler_id) const {
  const model::Handler* handler = Find(handler_id);
  if (handler == nullptr) return false;
  return handler->execution_mode != model::ExecutionMode::kNative ||
         callbacks.contains(handler->native_callback);
}

HandlerBookPtr MakeHandlerBook(std::shared_ptr<const model::Configuration> configuration,
                               std::set<std::string> callbacks, SecretOpener& secrets,
                               base::WallTime now, const HttpTransport* transport) {
  auto book = std::make_shared<HandlerBook>();
  book->callbacks = std::move(callbacks);
  for (const auto& [id, handler] : configuration->handlers) {
    if (handler.execution_mode == model::ExecutionMode::kModelDriven) {
      book->compiled.emplace(id, rules::Compile(handler));
    }
  }
  for (const auto& [id, endpoint] : configuration->endpoints) {
    const auto policy = configuration->retry_policies.find(endpoint.retry_policy_id);
    const bool is_known = policy != configuration->retry_policies.end();
    book->endpoints.emplace(id, CompileEndpoint(endpoint, is_known ? &policy->second : nullptr,
                                                secrets, now, transport));
  }
  book->configuration = std::move(configuration);
  return book;
}

}  // namespace webhook::delivery
