#ifndef TESTS_SUPPORT_FAKE_DELIVERY_SERVICE_H_
#define TESTS_SUPPORT_FAKE_DELIVERY_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "datafly/delivery/v1/delivery_service.grpc.pb.h"

namespace signal_delivery::testing {

// A delivery service on a free port of this machine, over real gRPC, that
// answers what a test told it to and remembers what it was asked. It judges
// nothing. Thread-safe. Serves until it is destroyed.
class FakeDeliveryService final
    : public datafly::delivery::v1::DeliveryService::Service {
 public:
  FakeDeliveryService();
  ~FakeDeliveryService() override;

  // "127.0.0.1:PORT".
  const std::string& address() const { return address_; }

  // What the next calls are answered with. Default: OK and an empty response.
  void AnswerDeliver(datafly::delivery::v1::DeliverEventsResponse response);
  void AnswerPreview(datafly::delivery::v1::PreviewEventsResponse response);
  // Makes both calls fail.
  void FailWith(grpc::Status status);
  // Keeps calls waiting until this is destroyed.
  void NeverAnswer();

  // The last request of each kind; empty where there was none.
  datafly::delivery::v1::DeliverEventsRequest last_deliver() const;
  datafly::delivery::v1::PreviewEventsRequest last_preview() const;
  int calls() const;

 private:
  grpc::Status DeliverEvents(
      grpc::ServerContext* context,
      const datafly::delivery::v1::DeliverEventsRequest* request,
      datafly::delivery::v1::DeliverEventsResponse* response) override;
  grpc::Status PreviewEvents(
      grpc::ServerContext* context,
      const datafly::delivery::v1::PreviewEventsRequest* request,
      datafly::delivery::v1::PreviewEventsResponse* response) override;

  // Waits where NeverAnswer was called, and gives the status to answer with.
  grpc::Status NextStatus();

  mutable std::mutex mutex_;  // guards all but server_ and address_
  std::condition_variable destroyed_changed_;
  bool destroyed_ = false;
  bool never_answer_ = false;
  int calls_ = 0;
  grpc::Status status_;
  datafly::delivery::v1::DeliverEventsRequest last_deliver_;
  datafly::delivery::v1::DeliverEventsResponse deliver_;
  datafly::delivery::v1::PreviewEventsRequest last_preview_;
  datafly::delivery::v1::PreviewEventsResponse preview_;

  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace signal_delivery::testing

#endif  // TESTS_SUPPORT_FAKE_DELIVERY_SERVICE_H_
