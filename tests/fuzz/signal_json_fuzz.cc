// Any text as Signal events: what is read and written again reads as the same.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "mapping/signal_json.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using datafly::signal::v1::Event;
  using google::protobuf::util::MessageDifferencer;
  using signal_delivery::fuzz::Require;

  const absl::StatusOr<std::vector<Event>> events =
      signal_delivery::mapping::EventsFromJson(
          absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!events.ok()) {
    Require(!events.status().message().empty(), "an error without a message");
    return 0;
  }
  for (const Event& event : *events) {
    const std::string text = signal_delivery::mapping::EventToJson(event);
    const absl::StatusOr<Event> again =
        signal_delivery::mapping::EventFromJson(text);
    Require(again.ok(), "what was written cannot be read: " + text);
    Require(MessageDifferencer::Equals(event, *again),
            "what was written reads as another event: " + text);
  }
  return 0;
}
