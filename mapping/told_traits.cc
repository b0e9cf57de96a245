#include "mapping/told_traits.h"

#include <utility>

#include "absl/types/span.h"

namespace signal_delivery::mapping {
namespace {

// All members of both; of two with one name, the later.
std::vector<Member> Merge(absl::Span<const Member> earlier,
                          absl::Span<const Member> later) {
  std::vector<Member> merged;
  merged.reserve(earlier.size() + later.size());
  auto old = earlier.begin();
  for (const Member& member : later) {
    while (old != earlier.end() && *old < member) merged.push_back(*old++);
    if (old != earlier.end() && old->name == member.name) ++old;
    merged.push_back(member);
  }
  merged.insert(merged.end(), old, earlier.end());
  return merged;
}

}  // namespace

void ToldTraits::Add(const ObjectView& traits) {
  if (traits.IsEmpty()) return;
  all_.clear();
  Run run{traits, {}};
  while (!runs_.empty() && runs_.back().traits.members().size() <
                               2 * run.traits.members().size()) {
    run.merged = Merge(runs_.back().traits.members(), run.traits.members());
    run.traits = ObjectView(run.merged);
    runs_.pop_back();
  }
  runs_.push_back(std::move(run));
}

const Node* ToldTraits::Find(const MemberName& name) const {
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (const Node* const node = run->traits.Find(name)) return node;
  }
  return nullptr;
}

ObjectView ToldTraits::All() const {
  if (runs_.size() == 1) return runs_.front().traits;
  if (all_.empty()) {
    for (const Run& run : runs_) all_ = Merge(all_, run.traits.members());
  }
  return ObjectView(all_);
}

std::vector<ObjectView> ToldTraits::runs() const {
  std::vector<ObjectView> runs;
  runs.reserve(runs_.size());
  for (const Run& run : runs_) runs.push_back(run.traits);
  return runs;
}

}  // namespace signal_delivery::mapping
