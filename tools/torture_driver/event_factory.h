#ifndef TOOLS_TORTURE_DRIVER_EVENT_FACTORY_H_
#define TOOLS_TORTURE_DRIVER_EVENT_FACTORY_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "datafly/signal/v1/event.pb.h"
#include "tools/torture_driver/ledger.h"

namespace signal_delivery::torture {

// The integrations that MakeEvents and Integrations agree on.
std::string IntegrationId(int integration);

// Events that are sent together, and their numbers in the ledger.
struct Request {
  uint32_t number = 0;
  int integration = 0;
  std::vector<uint32_t> users;
  std::vector<datafly::signal::v1::Event> events;
  std::vector<uint32_t> numbers;
};

// Random events of these users: mostly few, now and then many of one user with
// poison among them. Each user's are in order; all are in the ledger.
Request MakeRequest(uint32_t number, int integration,
                    std::vector<uint32_t> users, std::mt19937_64& random,
                    Ledger& ledger);

// Fewer than `count`, evenly but for what cannot matter here.
inline uint32_t Below(std::mt19937_64& random, uint32_t count) {
  return static_cast<uint32_t>(random() % count);
}
inline bool OneIn(std::mt19937_64& random, uint32_t count) {
  return Below(random, count) == 0;
}

}  // namespace signal_delivery::torture

#endif  // TOOLS_TORTURE_DRIVER_EVENT_FACTORY_H_
