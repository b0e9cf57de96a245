#include "tests/support/fake_delivery_service.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::testing {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::DeliverEventsResponse;
using ::datafly::delivery::v1::PreviewEventsRequest;
using ::datafly::delivery::v1::PreviewEventsResponse;

FakeDeliveryService::FakeDeliveryService() {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeDeliveryService::~FakeDeliveryService() {
  {
    const std::lock_guard lock(mutex_);
    destroyed_ = true;
  }
  destroyed_changed_.notify_all();
  server_->Shutdown();
  server_->Wait();
}

void FakeDeliveryService::AnswerDeliver(DeliverEventsResponse response) {
  const std::lock_guard lock(mutex_);
  deliver_ = std::move(response);
}

void FakeDeliveryService::AnswerPreview(PreviewEventsResponse response) {
  const std::lock_guard lock(mutex_);
  preview_ = std::move(response);
}

void FakeDeliveryService::FailWith(grpc::Status status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

void FakeDeliveryService::NeverAnswer() {
  const std::lock_guard lock(mutex_);
  never_answer_ = true;
}

DeliverEventsRequest FakeDeliveryService::last_deliver() const {
  const std::lock_guard lock(mutex_);
  return last_deliver_;
}

PreviewEventsRequest FakeDeliveryService::last_preview() const {
  const std::lock_guard lock(mutex_);
  return last_preview_;
}

int FakeDeliveryService::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

grpc::Status FakeDeliveryService::NextStatus() {
  std::unique_lock lock(mutex_);
  ++calls_;
  if (never_answer_)
    destroyed_changed_.wait(lock, [this] { return destroyed_; });
  return status_;
}

grpc::Status FakeDeliveryService::DeliverEvents(
    grpc::ServerContext*, const DeliverEventsRequest* request,
    DeliverEventsResponse* response) {
  {
    const std::lock_guard lock(mutex_);
    last_deliver_ = *request;
    *response = deliver_;
  }
  return NextStatus();
}

grpc::Status FakeDeliveryService::PreviewEvents(
    grpc::ServerContext*, const PreviewEventsRequest* request,
    PreviewEventsResponse* response) {
  {
    const std::lock_guard lock(mutex_);
    last_preview_ = *request;
    *response = preview_;
  }
  return NextStatus();
}

}  // namespace signal_delivery::testing
