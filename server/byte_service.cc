#include "server/byte_service.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace signal_delivery::server {
namespace {

// Calls of one method that one thread takes at a time: those that came with one
// read of a socket begin without a second look. gRPC keeps further ones.
constexpr int kTakenAtATime = 16;

}  // namespace

// Waits for a call, and once it is there for another.
class ByteService::Waiting final : public CallEvent {
 public:
  Waiting(ByteService& service, int method, CallThreads& threads,
          CallThread& thread)
      : use_(threads),
        service_(service),
        method_(method),
        threads_(threads),
        thread_(thread) {
    Ask();
  }

  void OnEvent(bool ok) override {
    if (!ok) {
      // The server ends.
      delete this;
      return;
    }
    std::unique_ptr<CallHeaders> headers = std::move(headers_);
    Ask();
    service_.methods_[method_].begin(std::move(headers));
  }

 private:
  void Ask() {
    headers_ = std::make_unique<CallHeaders>(
        threads_, thread_, service_.methods_[method_].measured);
    service_.RequestAsyncBidiStreaming(
        method_, &headers_->context, &headers_->stream, &thread_.queue(),
        &thread_.queue(), static_cast<CallEvent*>(this));
  }

  const CallThreads::Use use_;
  ByteService& service_;
  const int method_;
  CallThreads& threads_;
  CallThread& thread_;
  std::unique_ptr<CallHeaders> headers_;
};

ByteService::ByteService(std::string name, GrpcMetrics& metrics)
    : name_(std::move(name)), metrics_(metrics) {}

void ByteService::AddMethod(absl::string_view name, Begin begin) {
  std::string path = absl::StrCat("/", name_, "/", name);
  GrpcMetrics::Method& measured = metrics_.MethodOf(path);
  methods_.push_back({std::move(path), std::move(begin), measured});
  Service::AddMethod(new grpc::internal::RpcServiceMethod(
      methods_.back().path.c_str(), grpc::internal::RpcMethod::BIDI_STREAMING,
      nullptr));
  MarkMethodAsync(static_cast<int>(methods_.size()) - 1);
}

void ByteService::TakeCalls(CallThreads& threads) {
  for (const auto& thread : threads.threads()) {
    for (size_t method = 0; method < methods_.size(); ++method) {
      for (int i = 0; i < kTakenAtATime; ++i) {
        new Waiting(*this, static_cast<int>(method), threads, *thread);
      }
    }
  }
}

}  // namespace signal_delivery::server
