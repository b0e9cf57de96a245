#include "server/integration_changes.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::server {
namespace {

void Append(const std::string& id, std::string& ids) {
  absl::StrAppend(&ids, ids.empty() ? "" : ", ", id);
}

}  // namespace

IntegrationChanges Compare(const IntegrationList& before,
                           const IntegrationList& now) {
  absl::flat_hash_map<std::string, const Integration*> known;
  for (const auto& integration : before) {
    known.emplace(integration->id, integration.get());
  }
  IntegrationChanges changes;
  for (const auto& integration : now) {
    const auto found = known.find(integration->id);
    if (found == known.end()) {
      Append(integration->id, changes.added);
      continue;
    }
    // One that holds the same is taken over as it is.
    if (found->second != integration.get()) {
      Append(integration->id, changes.changed);
    }
    known.erase(found);
  }
  for (const auto& integration : before) {
    if (known.contains(integration->id)) {
      Append(integration->id, changes.removed);
    }
  }
  return changes;
}

}  // namespace signal_delivery::server
