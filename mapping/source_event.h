#ifndef MAPPING_SOURCE_EVENT_H_
#define MAPPING_SOURCE_EVENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "mapping/event_fields.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// The most bytes of an event on the wire: twice what Signal's own door lets
// through (64 KB an event), and the size of a whole batch. An event beyond it
// is not delivered: neither is it worth the time, nor may an identify of such a
// size weigh on the events after it.
inline constexpr size_t kMaxEventBytes = 128'000;

// A Signal event as mappings read it. Borrows what it is made of.
struct SourceEvent {
  // Its context may be another event's, too.
  EventFields fields;
  // What the event's `properties` and its `ecommerce` say; do not exist where
  // it has neither.
  ObjectView properties;
  ObjectView traits;
  // The paths of those properties that fields of `ecommerce` hide.
  std::vector<std::string> hidden;
  // What it has on the wire.
  size_t bytes = 0;
  // Where it was read as a message: there may be fields that nobody knows.
  const datafly::signal::v1::Event* message = nullptr;
};

// Reads events from the wire. Not thread-safe.
class EventReader {
 public:
  // The events borrow from the arena.
  explicit EventReader(google::protobuf::Arena& arena) : arena_(arena) {}

  // `event` borrows from `wire`, an event's bytes. False where Protocol Buffers
  // cannot read them: then it is an empty one. Of more than kMaxEventBytes only
  // its type, texts and timestamp are read.
  bool Read(absl::string_view wire, SourceEvent& event);

 private:
  // False where the bytes are not those of a usual event.
  bool ReadPlain(absl::string_view wire, SourceEvent& event);
  bool ReadContext(absl::string_view wire, EventFields& fields);

  google::protobuf::Arena& arena_;
  // The context that was read last. Nearly all events of a request have the
  // same one: those that follow each other share it.
  struct {
    std::string bytes;
    const datafly::signal::v1::Context* message = nullptr;
  } latest_;
};

// The same of one that is a message already.
SourceEvent SourceEventOf(const datafly::signal::v1::Event& event,
                          google::protobuf::Arena& arena);

// All that it says in one message, and all of its properties in `properties`.
// For what is rare: this copies.
datafly::signal::v1::Event WholeMessage(const SourceEvent& event);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SOURCE_EVENT_H_
