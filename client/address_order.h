#ifndef CLIENT_ADDRESS_ORDER_H_
#define CLIENT_ADDRESS_ORDER_H_

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace signal_delivery::client {

// In which order the addresses of one host are tried: each connection begins
// with the next one, so that they are spread; but those that failed lately come
// last, so that one that leads nowhere does not cost every connection its
// patience.
//
// Decides only. Not thread-safe.
class AddressOrder {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // So long an address that failed comes last. Half of what a connection lives:
  // one that is well again has its share soon.
  static constexpr std::chrono::seconds kAvoid{25};

  // For the next connection, of what the lookup found; that is not empty.
  std::vector<std::string> Next(std::vector<std::string> addresses,
                                TimePoint now);

  void OnFailed(const std::string& address, TimePoint now);
  void OnOpened(const std::string& address);

 private:
  size_t turn_ = 0;
  // No larger than what lookups found within kAvoid.
  absl::flat_hash_map<std::string, TimePoint> avoided_until_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_ADDRESS_ORDER_H_
