// SPDX-License-Identifier: LGPL-3.0-or-later
// Built with another version of the SDK. Its entry must not be called.
#include <cstdlib>

extern "C" {
__attribute__((visibility("default"))) int webhook_sdk_version() { return 0; }
__attribute__((visibility("default"))) const void* webhook_sdk_entry() { std::abort(); }
}
