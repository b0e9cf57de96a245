#include "server/call_threads.h"

#include <utility>

#include "grpc/support/time.h"

namespace signal_delivery::server {

void CallThread::Post(absl::AnyInvocable<void()> work) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    wake = inbox_.empty();
    inbox_.push_back(std::move(work));
  }
  if (!wake) return;
  wake_up_.Set(queue_.get(), gpr_time_0(GPR_CLOCK_MONOTONIC),
               static_cast<CallEvent*>(&posted_));
}

void CallThread::Posted::OnEvent(bool /*ok*/) {
  std::vector<absl::AnyInvocable<void()>> inbox;
  {
    std::lock_guard lock(thread_.mutex_);
    inbox.swap(thread_.inbox_);
  }
  // Each is gone once it is done: it may hold a whole request.
  for (absl::AnyInvocable<void()>& work : inbox) std::exchange(work, nullptr)();
}

void CallThread::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CallThread::Run() {
  void* event;
  bool ok;
  while (queue_->Next(&event, &ok)) static_cast<CallEvent*>(event)->OnEvent(ok);
}

CallThreads::CallThreads(int count, grpc::ServerBuilder& builder) {
  for (int i = 0; i < count; ++i) {
    threads_.push_back(
        std::make_unique<CallThread>(builder.AddCompletionQueue()));
  }
}

CallThreads::~CallThreads() { Stop(); }

void CallThreads::Start() {
  started_ = true;
  for (const auto& thread : threads_) thread->Start();
}

void CallThreads::Stop() {
  if (std::exchange(stopped_, true)) return;
  while (const int uses = uses_) uses_.wait(uses);
  for (const auto& thread : threads_) thread->queue_->Shutdown();
  // gRPC wants a queue to be emptied in any case.
  if (!started_) Start();
  for (const auto& thread : threads_) thread->thread_.join();
}

}  // namespace signal_delivery::server
