#include "server/call_threads.h"

#include <utility>

namespace signal_delivery::server {
namespace {

void Run(grpc::ServerCompletionQueue& queue) {
  void* event;
  bool ok;
  while (queue.Next(&event, &ok)) static_cast<CallEvent*>(event)->OnEvent(ok);
}

}  // namespace

CallThreads::CallThreads(int count, grpc::ServerBuilder& builder) {
  for (int i = 0; i < count; ++i) {
    queues_.push_back(builder.AddCompletionQueue());
  }
}

CallThreads::~CallThreads() { Stop(); }

void CallThreads::Start() {
  for (const auto& queue : queues_) {
    threads_.emplace_back([&queue = *queue] { Run(queue); });
  }
}

void CallThreads::Stop() {
  if (std::exchange(stopped_, true)) return;
  while (const int uses = uses_) uses_.wait(uses);
  for (const auto& queue : queues_) queue->Shutdown();
  // gRPC wants a queue to be emptied in any case.
  if (threads_.empty()) Start();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace signal_delivery::server
