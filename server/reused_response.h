#ifndef SERVER_REUSED_RESPONSE_H_
#define SERVER_REUSED_RESPONSE_H_

#include "datafly/delivery/v1/delivery_service.pb.h"

namespace signal_delivery::server {

// An empty response to write, in the memory of the one that its thread wrote
// before: each result has three texts, which would be allocated anew even in an
// arena. Gives the memory to the thread's next one, unless it is more than
// responses usually have.
//
// For one thread. Where a second one is written meanwhile, it has none.
class ReusedResponse {
 public:
  ReusedResponse();
  ~ReusedResponse();
  ReusedResponse(const ReusedResponse&) = delete;
  ReusedResponse& operator=(const ReusedResponse&) = delete;

  datafly::delivery::v1::DeliverEventsResponse& operator*() {
    return response_;
  }
  datafly::delivery::v1::DeliverEventsResponse* operator->() {
    return &response_;
  }

 private:
  datafly::delivery::v1::DeliverEventsResponse response_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_REUSED_RESPONSE_H_
