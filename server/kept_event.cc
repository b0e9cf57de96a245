#include "server/kept_event.h"

#include <cstdint>
#include <string>
#include <utility>

namespace signal_delivery::server {
namespace {

// The text where the bytes have it, which is in its own field at the latest:
// one place is as good as another.
absl::string_view FindIn(absl::string_view bytes, const std::string& text) {
  return bytes.substr(bytes.find(text), text.size());
}

}  // namespace

KeptEvent::KeptEvent(const datafly::delivery::v1::DebuggedEvent& event)
    : size_(event.ByteSizeLong()) {
  auto bytes = std::make_shared_for_overwrite<char[]>(size_);
  event.SerializeWithCachedSizesToArray(
      reinterpret_cast<uint8_t*>(bytes.get()));
  const absl::string_view all(bytes.get(), size_);
  marks_ = {FindIn(all, event.integration_id()),
            FindIn(all, event.result().message_id()),
            FindIn(all, event.event_name()), event.result().outcome(),
            event.result().reason()};
  bytes_ = std::move(bytes);
}

datafly::delivery::v1::DebuggedEvent KeptEvent::Read() const {
  datafly::delivery::v1::DebuggedEvent event;
  event.ParseFromArray(bytes_.get(), static_cast<int>(size_));
  return event;
}

}  // namespace signal_delivery::server
