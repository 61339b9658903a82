// SPDX-License-Identifier: LGPL-3.0-or-later
// One process's share of the world's strand: after its death none of its tasks run any more.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

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

  void Die() { life_->alive = false; }

  // SIGSTOP and SIGCONT: what comes due in between runs afterwards, in its order.
  void Freeze() { life_->frozen = true; }
  void Thaw() {
    life_->frozen = false;
    for (auto& task : std::exchange(life_->late, {})) Post(std::move(task));
  }

 private:
  struct Life {
    bool alive = true;
    bool frozen = false;
    std::vector<std::function<void()>> late;
  };

  std::function<void()> Guarded(std::function<void()> task) {
    return [life = life_, task = std::move(task)] {
      if (!life->alive) return;
      if (life->frozen) {
        life->late.push_back(task);
      } else {
        task();
      }
    };
  }

  base::Strand& world_;
  std::shared_ptr<Life> life_ = std::make_shared<Life>();
};

}  // namespace webhook::simulation
