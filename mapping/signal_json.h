// Signal's canonical events as JSON text <-> the Event message.
//
// The one place that knows both spellings. Reading is lenient where Signal is
// known to vary and strict where a silent guess would lose data:
//
//   * Names are Signal's (`userId`) or the schema's (`user_id`), as server-side
//     senders use both. Where an object has both, Signal's spelling wins unless
//     it is null.
//   * `null` in a field of the schema means: not there. Inside `properties` and
//     `traits` it is kept as a value.
//   * Fields that the schema does not have are ignored, because Signal adds
//     fields. Of a name that an object has twice, the last one counts.
//   * A value of the wrong type is an error; nothing is converted.
//   * Numbers are doubles, as in google.protobuf.Struct: an integer beyond 2^53
//     is rounded to the nearest one. A number beyond a double is an error.
//   * `timestamp` is ISO 8601 with a time zone, kept to the nanosecond.
//   * `context.consent` comes in three forms: flat booleans,
//     {"categories": {...}}, and {"categories": {...}, "canonical": {...}}.
//   * All properties stand in `properties`. `ecommerce`, which the message has
//     for callers in typed languages, is an error in JSON.
//
// Whether an event makes sense (a name, a user, ...) is not checked here: an
// event of which JSON says too little is read as it is.
//
// Errors are INVALID_ARGUMENT and name place and expectation, never the value:
// "events[2].context.ip: expected a string, found a number".
#ifndef MAPPING_SIGNAL_JSON_H_
#define MAPPING_SIGNAL_JSON_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::mapping {

// One event from the text of one JSON object.
absl::StatusOr<datafly::signal::v1::Event> EventFromJson(
    absl::string_view text);

// Events, in order, from objects or arrays of objects, any number of them one
// after the other: so a single event, a JSON array and JSON lines are all
// understood. Text without any is no error and gives no events.
//
// All or nothing: the first error is returned. It counts events from 0, and
// for an object that stands on its own it adds the line that it starts on.
absl::StatusOr<std::vector<datafly::signal::v1::Event>> EventsFromJson(
    absl::string_view text);

// The event in Signal's spelling, on one line, with sorted names; consent as
// {"categories", "canonical"}. What is not set is left out. EventFromJson reads
// the same event back, with four exceptions that JSON cannot express: what is
// in `ecommerce` is written, and so read, as `properties`, an unspecified type
// is left out, NaN and infinities become null, and bytes that are not UTF-8
// become U+FFFD.
std::string EventToJson(const datafly::signal::v1::Event& event);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SIGNAL_JSON_H_
