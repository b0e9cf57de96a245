#include "client/host_news.h"

namespace signal_delivery::client {

std::shared_ptr<HostNews> HostNewsBoard::Of(const Endpoint& host) {
  const std::lock_guard lock(mutex_);
  if (std::shared_ptr<HostNews> news = by_host_[host].lock()) return news;
  // A new host: the time to forget those of which nobody wants to hear.
  absl::erase_if(by_host_,
                 [](const auto& entry) { return entry.second.expired(); });
  auto news = std::make_shared<HostNews>();
  by_host_[host] = news;
  return news;
}

}  // namespace signal_delivery::client
