// SPDX-License-Identifier: LGPL-3.0-or-later
// One process's share of the world's strand: after its death none of its tasks run any more.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "lib/base/strand.h"

namespace webhook::simulation {

class MortalStrand final : public base::Strand {
 public:
  explicit MortalStrand(base::Strand& world) : world_(world) {}
  ~MortalStrand() override { Die(); }

  void Post(std::function<void()> task) override { world_.Post(Guarded(std::move(task))); }
  void After(base::Milliseconds delay, std::function<void()> task) override {
    world_.After(delay, Guarded(std::move(task)));
  }

  void Die() { *alive_ = false; }

 private:
  std::function<void()> Guarded(std::function<void()> task) {
    return [alive = alive_, task = std::move(task)] {
      if (*alive) task();
    };
  }

  base::Strand& world_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace webhook::simulation
