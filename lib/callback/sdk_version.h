// SPDX-License-Identifier: LGPL-3.0-or-later
// The version of what a shared object with callbacks and the worker say to each other. It grows
// when either the functions in sdk_abi.h or the JSON texts that go through them change, and then
// shared objects must be built again. It says nothing about compilers: only C crosses the boundary.
#pragma once

namespace webhook::callback {

inline constexpr int kSdkVersion = 1;

// What a shared object exports (registry.h).
inline constexpr const char* kVersionSymbol = "webhook_sdk_version";
inline constexpr const char* kEntrySymbol = "webhook_sdk_entry";

}  // namespace webhook::callback
