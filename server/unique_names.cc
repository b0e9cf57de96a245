#include "server/unique_names.h"

#include <string>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "mapping/event_kind.h"

namespace signal_delivery::server {
namespace {

std::string Describe(int number) {
  const std::string limit =
      absl::StrCat("of which a workspace takes ", kMaxUniqueNames);
  if (number > kMaxUniqueNames) {
    return absl::StrCat("has a name beyond the first ", kMaxUniqueNames,
                        " event and screen names, ", limit,
                        "; mParticle may drop it");
  }
  return absl::StrCat("has the name number ", number,
                      " of the event and screen names, ", limit);
}

}  // namespace

int UniqueNames::Observe(absl::string_view name) {
  const uint64_t hash = absl::HashOf(name);
  std::lock_guard<std::mutex> lock(mutex_);
  const auto known = numbers_.find(hash);
  if (known != numbers_.end()) return known->second;
  if (numbers_.size() >= kTooManyToTell) return kTooManyToTell;
  const int number = static_cast<int>(numbers_.size()) + 1;
  numbers_.emplace(hash, number);
  return number;
}

int UniqueNames::count() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(numbers_.size());
}

bool CountNames(mapping::MappedEvents& mapped, UniqueNames& names) {
  const int before = names.count();
  for (mapping::EventFate& fate : mapped.fates) {
    if (fate.counted_name.empty()) continue;
    const int number = names.Observe(fate.counted_name);
    if (number <= kManyUniqueNames) continue;
    fate.findings.warnings.push_back(
        {mapping::Rule::kUniqueNames, "",
         absl::StrCat(mapping::EventPrefix(), fate.counted_field->name()),
         Describe(number)});
  }
  const int after = names.count();
  const auto reached = [&](int limit) {
    return before < limit && limit <= after;
  };
  return reached(kManyUniqueNames) || reached(kMaxUniqueNames);
}

}  // namespace signal_delivery::server
