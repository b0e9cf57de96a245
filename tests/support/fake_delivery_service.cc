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
  destroyed_.Notify();
  server_->Shutdown();
  server_->Wait();
}

void FakeDeliveryService::AnswerDeliver(DeliverEventsResponse response) {
  absl::MutexLock lock(&mutex_);
  deliver_ = std::move(response);
}

void FakeDeliveryService::AnswerPreview(PreviewEventsResponse response) {
  absl::MutexLock lock(&mutex_);
  preview_ = std::move(response);
}

void FakeDeliveryService::FailWith(grpc::Status status) {
  absl::MutexLock lock(&mutex_);
  status_ = std::move(status);
}

void FakeDeliveryService::NeverAnswer() {
  absl::MutexLock lock(&mutex_);
  never_answer_ = true;
}

DeliverEventsRequest FakeDeliveryService::last_deliver() const {
  absl::MutexLock lock(&mutex_);
  return last_deliver_;
}

PreviewEventsRequest FakeDeliveryService::last_preview() const {
  absl::MutexLock lock(&mutex_);
  return last_preview_;
}

int FakeDeliveryService::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

grpc::Status FakeDeliveryService::NextStatus() {
  bool wait;
  grpc::Status status;
  {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    wait = never_answer_;
    status = status_;
  }
  if (wait) destroyed_.WaitForNotification();
  return status;
}

grpc::Status FakeDeliveryService::DeliverEvents(
    grpc::ServerContext*, const DeliverEventsRequest* request,
    DeliverEventsResponse* response) {
  {
    absl::MutexLock lock(&mutex_);
    last_deliver_ = *request;
    *response = deliver_;
  }
  return NextStatus();
}

grpc::Status FakeDeliveryService::PreviewEvents(
    grpc::ServerContext*, const PreviewEventsRequest* request,
    PreviewEventsResponse* response) {
  {
    absl::MutexLock lock(&mutex_);
    last_preview_ = *request;
    *response = preview_;
  }
  return NextStatus();
}

}  // namespace signal_delivery::testing
