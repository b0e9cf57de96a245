#ifndef TESTS_SUPPORT_RUNNING_SERVICE_H_
#define TESTS_SUPPORT_RUNNING_SERVICE_H_

#include <grpcpp/grpcpp.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.grpc.pb.h"
#include "server/connection_limits.h"
#include "server/server.h"
#include "tests/support/config_folder.h"

namespace signal_delivery::support {

// Longer than any call may take: what waits for it hangs.
inline constexpr absl::Duration kNoHurry = absl::Minutes(10);

// What came back from a call.
template <typename Response>
struct Reply {
  grpc::Status status;
  Response response;
};
using DeliverReply = Reply<datafly::delivery::v1::DeliverEventsResponse>;
using PreviewReply = Reply<datafly::delivery::v1::PreviewEventsResponse>;

using Events = std::vector<datafly::signal::v1::Event>;

// The whole service, as its program wires it, on free ports of this machine;
// its integrations are read from files. Calls go over real gRPC.
class RunningService {
 public:
  // Integration id -> text of its file; further lines of the service's own
  // file; limits that a test cannot wait for.
  explicit RunningService(
      const std::map<std::string, std::string>& integrations,
      const std::string& more = "",
      const server::ConnectionLimits& limits = {});

  // Writes an integration's file; the service reads it with its next reload.
  void WriteIntegration(const std::string& id, const std::string& text) const;

  server::Server& server() { return *server_; }
  const std::shared_ptr<grpc::Channel>& channel() { return channel_; }

  DeliverReply Deliver(const Events& events, const std::string& integration,
                       absl::Duration timeout = kNoHurry);
  PreviewReply Preview(const Events& events, const std::string& integration);
  // A request of these bytes, whatever they are. `method` is DeliverEvents, or
  // PreviewEvents where only the status matters.
  DeliverReply CallWithBytes(const std::string& wire,
                             const std::string& method = "DeliverEvents");

 private:
  const ConfigFolder folder_;
  std::unique_ptr<server::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_RUNNING_SERVICE_H_
