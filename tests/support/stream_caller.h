#ifndef TESTS_SUPPORT_STREAM_CALLER_H_
#define TESTS_SUPPORT_STREAM_CALLER_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/sync_stream.h"

namespace signal_delivery::support {

// A request of a stream with these events of "acme".
datafly::delivery::v1::DeliverStreamRequest StreamRequest(
    uint64_t request_id, std::initializer_list<datafly::signal::v1::Event>,
    const std::string& integration = "acme");

// The reason in an error's ErrorInfo; "" where there is none.
std::string ReasonOf(const google::rpc::Status& error);

// One call of DeliverStream. One thread may send while another reads.
class StreamCaller {
 public:
  using Response = datafly::delivery::v1::DeliverStreamResponse;

  // With these further headers. A stream of requests can be opened for every
  // other `method`, too. Ends with DEADLINE_EXCEEDED after `time`.
  explicit StreamCaller(const std::shared_ptr<grpc::Channel>& channel,
                        const std::map<std::string, std::string>& headers = {},
                        const std::string& method = "DeliverStream",
                        absl::Duration time = absl::InfiniteDuration());
  // Cancels the call where it has not ended.
  ~StreamCaller();

  // False where the stream is over.
  bool Send(const datafly::delivery::v1::DeliverStreamRequest& request);
  bool SendBytes(const std::string& bytes);
  void HalfClose() { stream_->WritesDone(); }
  void Cancel() { context_.TryCancel(); }

  // The next response; blocks. Nothing at the end of the stream.
  std::optional<Response> Read();
  // All that are still to come, by their request_id.
  std::map<uint64_t, Response> ReadAll();
  // How the stream ended; blocks until it has, and responses are lost that were
  // not read.
  grpc::Status End();

 private:
  const std::string path_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, Response>> stream_;
  bool has_ended_ = false;
};

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_STREAM_CALLER_H_
