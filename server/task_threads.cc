#include "server/task_threads.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <utility>

namespace signal_delivery::server {

TaskThreads::TaskThreads(int count)
    : pool_(std::make_unique<boost::asio::thread_pool>(
          static_cast<size_t>(count))) {}

TaskThreads::~TaskThreads() { pool_->join(); }

void TaskThreads::Run(absl::AnyInvocable<void()> task) {
  boost::asio::post(*pool_, std::move(task));
}

}  // namespace signal_delivery::server
