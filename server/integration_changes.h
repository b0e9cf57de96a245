#ifndef SERVER_INTEGRATION_CHANGES_H_
#define SERVER_INTEGRATION_CHANGES_H_

#include <memory>
#include <string>
#include <vector>

#include "server/integration.h"

namespace signal_delivery::server {

using IntegrationList = std::vector<std::shared_ptr<const Integration>>;

// What a new version of the integrations has that is new: ids, in the order of
// the lists, with commas between them.
struct IntegrationChanges {
  std::string added;
  std::string changed;
  std::string removed;
};
IntegrationChanges Compare(const IntegrationList& before,
                           const IntegrationList& now);

}  // namespace signal_delivery::server

#endif  // SERVER_INTEGRATION_CHANGES_H_
