#include "server/grpc_metrics.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/support/byte_buffer.h"

namespace signal_delivery::server {
namespace {

using Clock = std::chrono::steady_clock;
using grpc::experimental::InterceptionHookPoints;

// The default buckets of gRFC A66.
const prometheus::Histogram::BucketBoundaries kSeconds = {
    0,     0.00001, 0.00005, 0.0001, 0.0003, 0.0006, 0.0008, 0.001, 0.002,
    0.003, 0.004,   0.005,   0.006,  0.008,  0.01,   0.013,  0.016, 0.02,
    0.025, 0.03,    0.04,    0.05,   0.065,  0.08,   0.1,    0.13,  0.16,
    0.2,   0.25,    0.3,     0.4,    0.5,    0.65,   0.8,    1,     2,
    5,     10,      20,      50,     100};
const prometheus::Histogram::BucketBoundaries kBytes = {
    0,          1'024,       2'048,         4'096,        16'384,
    65'536,     262'144,     1'048'576,     4'194'304,    16'777'216,
    67'108'864, 268'435'456, 1'073'741'824, 4'294'967'296};

// By number.
constexpr absl::string_view kStatusNames[] = {"OK",
                                              "CANCELLED",
                                              "UNKNOWN",
                                              "INVALID_ARGUMENT",
                                              "DEADLINE_EXCEEDED",
                                              "NOT_FOUND",
                                              "ALREADY_EXISTS",
                                              "PERMISSION_DENIED",
                                              "RESOURCE_EXHAUSTED",
                                              "FAILED_PRECONDITION",
                                              "ABORTED",
                                              "OUT_OF_RANGE",
                                              "UNIMPLEMENTED",
                                              "INTERNAL",
                                              "UNAVAILABLE",
                                              "DATA_LOSS",
                                              "UNAUTHENTICATED"};

}  // namespace

const prometheus::Histogram::BucketBoundaries& GrpcDurationBuckets() {
  return kSeconds;
}

absl::string_view NameOfGrpcStatus(grpc::StatusCode status) {
  return kStatusNames[status >= 0 && status <= grpc::StatusCode::UNAUTHENTICATED
                          ? status
                          : grpc::StatusCode::UNKNOWN];
}

GrpcMetrics::Call::Call(Method& method)
    : method_(method), started_(Clock::now()) {
  method_.started.fetch_add(1, std::memory_order_relaxed);
}

void GrpcMetrics::Call::End(grpc::StatusCode status) {
  Method::Ended& ended =
      method_.ended[status <= grpc::StatusCode::UNAUTHENTICATED
                        ? status
                        : grpc::StatusCode::UNKNOWN];
  ended.seconds.Observe(
      std::chrono::duration<double>(stopped_.value_or(Clock::now()) - started_)
          .count());
  ended.sent_bytes.Observe(static_cast<double>(sent_bytes_));
  if (!method_.is_other) {
    ended.received_bytes.Observe(static_cast<double>(received_bytes_));
  }
}

// gRPC makes, asks and deletes it, one thread at a time. The size of a request
// it is not told.
class GrpcMetrics::Observer final : public grpc::experimental::Interceptor {
 public:
  explicit Observer(Method& method) : call_(method) {}
  ~Observer() override {
    // The connection went before the call had a status.
    if (!ended_) call_.End(grpc::StatusCode::CANCELLED);
  }

  void Intercept(grpc::experimental::InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      const grpc::ByteBuffer* const response =
          batch->GetSerializedSendMessage();
      if (response != nullptr) call_.OnSent(response->Length());
    }
    if (batch->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_STATUS)) {
      ended_ = true;
      call_.End(batch->GetSendStatus().error_code());
    }
    batch->Proceed();
  }

 private:
  Call call_;
  bool ended_ = false;
};

class GrpcMetrics::Factory final
    : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(GrpcMetrics& metrics) : metrics_(metrics) {}

  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* call) override {
    Method& method = metrics_.MethodOf(call->method());
    return method.is_other ? new Observer(method) : nullptr;
  }

 private:
  GrpcMetrics& metrics_;
};

GrpcMetrics::Method::Ended::Ended()
    : seconds(kSeconds), sent_bytes(kBytes), received_bytes(kBytes) {}

GrpcMetrics::GrpcMetrics(const std::vector<std::string>& services) {
  static_assert(std::size(kStatusNames) == Method::kStatusCodes);
  for (const std::string& name : services) AddService(name);
  Method& other = methods_.emplace_back();
  other.name = "other";
  other.is_other = true;
}

void GrpcMetrics::AddService(const std::string& name) {
  const auto* const service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          name);
  for (int i = 0; i < service->method_count(); ++i) {
    methods_.emplace_back().name =
        absl::StrCat(name, "/", service->method(i)->name());
  }
}

GrpcMetrics::Method& GrpcMetrics::MethodOf(absl::string_view name) {
  name = absl::StripPrefix(name, "/");
  const auto found = std::find_if(
      methods_.begin(), methods_.end(),
      [name](const Method& method) { return method.name == name; });
  return found == methods_.end() ? methods_.back() : *found;
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
GrpcMetrics::MakeInterceptorFactory() {
  return std::make_unique<Factory>(*this);
}

void GrpcMetrics::AddTo(MetricFamilies& families) const {
  for (const Method& method : methods_) {
    families.AddCounter(
        "grpc_server_call_started_total", "Calls that began (gRFC A66).",
        {{"grpc_method", method.name}}, static_cast<double>(method.started));
    for (size_t status = 0; status < Method::kStatusCodes; ++status) {
      const Method::Ended& ended = method.ended[status];
      // Of what never came there is nothing to say; but OK is always there.
      if (status != grpc::StatusCode::OK &&
          ended.seconds.Collect().histogram.sample_count == 0) {
        continue;
      }
      const MetricFamilies::Labels labels = {
          {"grpc_method", method.name},
          {"grpc_status", std::string(kStatusNames[status])}};
      families.AddHistogram("grpc_server_call_duration_seconds",
                            "Time from a call's arrival to its status "
                            "(gRFC A66).",
                            labels, ended.seconds);
      families.AddHistogram(
          "grpc_server_call_sent_total_compressed_message_size_bytes",
          "Size of a call's responses (gRFC A66).", labels, ended.sent_bytes);
      if (method.is_other) continue;
      families.AddHistogram(
          "grpc_server_call_rcvd_total_compressed_message_size_bytes",
          "Size of a call's requests (gRFC A66).", labels,
          ended.received_bytes);
    }
  }
}

}  // namespace signal_delivery::server
