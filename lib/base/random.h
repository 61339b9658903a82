// SPDX-License-Identifier: LGPL-3.0-or-later
// Port: randomness. Ids and jitter come from here, so that a seed repeats a whole history.
#pragma once

#include <cstdint>

namespace webhook::base {

class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t Next() = 0;

  // In [0, 1).
  double NextFraction() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
};

// The operating system's generator, through OpenSSL. Any thread. Throws std::runtime_error when it
// fails.
class SystemRandom final : public Random {
 public:
  std::uint64_t Next() override;
};

// SplitMix64: repeatable, for tests and simulation only. One thread.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() override;

 private:
  std::uint64_t state_;
};

}  // namespace webhook::base
