// SPDX-License-Identifier: LGPL-3.0-or-later
#include "lib/base/random.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace webhook::base {

std::uint64_t SystemRandom::Next() {
  std::uint64_t value = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof(value)) != 1) {
    throw std::runtime_error("the system's random generator failed");
  }
  return value;
}

std::uint64_t SeededRandom::Next() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

}  // namespace webhook::base
