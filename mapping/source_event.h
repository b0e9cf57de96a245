#ifndef MAPPING_SOURCE_EVENT_H_
#define MAPPING_SOURCE_EVENT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/arena.h"
#include "mapping/node.h"

namespace signal_delivery::mapping {

// A Signal event as mappings read it. Borrows what it is made of.
struct SourceEvent {
  // Whether it has properties and traits of its own, nobody is to ask.
  const datafly::signal::v1::Event* fields =
      &datafly::signal::v1::Event::default_instance();
  // What the event's `properties` and its `ecommerce` say; do not exist where
  // it has neither.
  ObjectView properties;
  ObjectView traits;
  // The paths of those properties that fields of `ecommerce` hide.
  std::vector<std::string> hidden;
  // What it has on the wire.
  size_t bytes = 0;
};

// Reads an event from its bytes on the wire, both of which it borrows from, as
// it does from the arena. False where Protocol Buffers cannot read it: then
// `event` is an empty one.
bool ReadEvent(absl::string_view wire, google::protobuf::Arena& arena,
               SourceEvent& event);

// The same of one that is a message already.
SourceEvent SourceEventOf(const datafly::signal::v1::Event& event,
                          google::protobuf::Arena& arena);

// All that it says in one message, and all of its properties in `properties`.
// For what is rare: this copies.
datafly::signal::v1::Event WholeMessage(const SourceEvent& event);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SOURCE_EVENT_H_
