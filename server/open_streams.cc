#include "server/open_streams.h"

#include "server/status.h"

namespace signal_delivery::server {
namespace {

absl::Status ServiceEnds() { return StreamEnds("the service is ending"); }

}  // namespace

absl::Status OpenStreams::Add(IncomingStream& stream) {
  const std::lock_guard lock(mutex_);
  if (takes_none_) return ServiceEnds();
  if (streams_.size() >= max_) return TooManyStreams(streams_.size());
  streams_.insert(&stream);
  return absl::OkStatus();
}

void OpenStreams::Remove(IncomingStream& stream) {
  const std::lock_guard lock(mutex_);
  streams_.erase(&stream);
}

void OpenStreams::EndAll() {
  const std::lock_guard lock(mutex_);
  takes_none_ = true;
  const absl::Status status = ServiceEnds();
  for (IncomingStream* stream : streams_) {
    stream->End({static_cast<grpc::StatusCode>(status.raw_code()),
                 std::string(status.message())});
  }
}

size_t OpenStreams::count() const {
  const std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace signal_delivery::server
