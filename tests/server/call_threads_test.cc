// What is posted to a call's thread is done there, once and in its order.
#include "server/call_threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace signal_delivery::server {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class CallThreadsTest : public testing::Test {
 protected:
  CallThreadsTest() : threads_(1, builder_), use_(std::in_place, threads_) {
    server_ = builder_.BuildAndStart();
    threads_.Start();
  }
  ~CallThreadsTest() override {
    use_.reset();
    server_->Shutdown();
    threads_.Stop();
  }

  CallThread& thread() { return *threads_.threads().front(); }

  // Posts work and waits until it is done.
  void Finish() {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    thread().Post([&] {
      std::lock_guard lock(mutex);
      done = true;
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done; });
  }

  grpc::ServerBuilder builder_;
  CallThreads threads_;
  std::optional<CallThreads::Use> use_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(CallThreadsTest, WhatIsPostedIsDoneOnTheThreadInItsOrder) {
  constexpr int kPosters = 4;
  constexpr int kPosts = 2'000;
  std::set<std::thread::id> done_on;
  std::map<int, std::vector<int>> done;
  std::vector<std::thread> posters;
  for (int poster = 0; poster < kPosters; ++poster) {
    posters.emplace_back([&, poster] {
      for (int i = 0; i < kPosts; ++i) {
        thread().Post([&, poster, i] {
          done_on.insert(std::this_thread::get_id());
          done[poster].push_back(i);
        });
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  Finish();
  EXPECT_THAT(done_on, SizeIs(1));
  EXPECT_FALSE(done_on.contains(std::this_thread::get_id()));
  std::vector<int> in_order(kPosts);
  for (int i = 0; i < kPosts; ++i) in_order[i] = i;
  for (int poster = 0; poster < kPosters; ++poster) {
    EXPECT_EQ(done[poster], in_order) << poster;
  }
}

TEST_F(CallThreadsTest, WhatPostedWorkPostsIsDoneAfterIt) {
  std::vector<int> done;
  thread().Post([&] {
    thread().Post([&] {
      thread().Post([&] { done.push_back(3); });
      done.push_back(2);
    });
    done.push_back(1);
  });
  // Each is posted before the one below it is done.
  for (int i = 0; i < 3; ++i) Finish();
  EXPECT_THAT(done, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace signal_delivery::server
