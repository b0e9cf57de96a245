#include "server/task_threads.h"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <utility>

namespace signal_delivery::server {

TaskThreads::TaskThreads(int count)
    : pool_(std::make_unique<boost::asio::thread_pool>(
          static_cast<size_t>(count))) {}

TaskThreads::~TaskThreads() { Stop(); }

void TaskThreads::Run(absl::AnyInvocable<void()> task) {
  boost::asio::post(*pool_, std::move(task));
}

void TaskThreads::Stop() { pool_->join(); }

}  // namespace signal_delivery::server
