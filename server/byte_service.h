#ifndef SERVER_BYTE_SERVICE_H_
#define SERVER_BYTE_SERVICE_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "server/byte_call.h"
#include "server/call_threads.h"
#include "server/grpc_metrics.h"

namespace signal_delivery::server {

// A gRPC service whose calls are ByteCalls. To gRPC each method is a stream in
// both directions: of any other kind a call would begin with its request, and
// not with its headers. On the wire they are the same.
//
// Thread-safe once it takes calls. Borrows the metrics.
class ByteService : public grpc::Service {
 public:
  // From now on, calls come. Once the server is built; the threads must
  // outlive the calls.
  void TakeCalls(CallThreads& threads);

 protected:
  // `name` is the service's in the schema, with its package.
  ByteService(std::string name, GrpcMetrics& metrics);

  // Makes the ByteCall of a call that begins, on the thread of its queue.
  using Begin = std::function<void(std::unique_ptr<CallHeaders> headers)>;
  void AddMethod(absl::string_view name, Begin begin);

 private:
  class Waiting;

  struct Method {
    std::string path;  // gRPC points to it
    Begin begin;
    GrpcMetrics::Method& measured;
  };

  const std::string name_;
  GrpcMetrics& metrics_;
  std::deque<Method> methods_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_BYTE_SERVICE_H_
