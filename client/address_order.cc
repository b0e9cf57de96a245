#include "client/address_order.h"

#include <algorithm>

namespace signal_delivery::client {

std::vector<std::string> AddressOrder::Next(std::vector<std::string> addresses,
                                            TimePoint now) {
  absl::erase_if(avoided_until_,
                 [now](const auto& entry) { return entry.second <= now; });
  std::rotate(addresses.begin(), addresses.begin() + turn_++ % addresses.size(),
              addresses.end());
  std::stable_partition(addresses.begin(), addresses.end(),
                        [this](const std::string& address) {
                          return avoided_until_.count(address) == 0;
                        });
  return addresses;
}

void AddressOrder::OnFailed(const std::string& address, TimePoint now) {
  avoided_until_[address] = now + kAvoid;
}

void AddressOrder::OnOpened(const std::string& address) {
  avoided_until_.erase(address);
}

}  // namespace signal_delivery::client
