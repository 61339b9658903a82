// SPDX-License-Identifier: LGPL-3.0-or-later
// The functions between a shared object and the process that runs it. Plain C, and no type of the
// standard library: each side has its own copy of the SDK, from whatever compiler. Texts are UTF-8,
// not ended by zero, borrowed for the call. No exception crosses.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {

struct webhook_sdk_sink {
  void* self;
  void (*put)(void* self, const char* text, size_t size);
};

// What a callback may ask of the process. From the callback's own threads too.
struct webhook_sdk_host {
  void* self;
  // Level: 0 debug, 1 info, 2 warning, 3 error.
  void (*log)(void* self, int level, const char* text, size_t size);
  // Puts the reply (JSON) once, before it returns.
  void (*read_as)(void* self, const char* question, size_t size, webhook_sdk_sink reply);
  int64_t (*remaining_ms)(void* self);
};

struct webhook_sdk_entry_table {
  // Puts each name once, and into `problems` a sentence for each name that cannot be used.
  void (*names)(webhook_sdk_sink names, webhook_sdk_sink problems);
  // Puts the answer (answer_json.h) once, before it returns.
  void (*run)(const char* name, size_t name_size, const char* context, size_t context_size,
              const webhook_sdk_host* host, webhook_sdk_sink answer);
};

}  // extern "C"
