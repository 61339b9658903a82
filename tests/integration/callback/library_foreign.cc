// SPDX-License-Identifier: LGPL-3.0-or-later
// Has no callbacks.
extern "C" __attribute__((visibility("default"))) int acme_version() { return 1; }
