#ifndef MAPPING_SOURCE_REQUEST_ID_H_
#define MAPPING_SOURCE_REQUEST_ID_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "mapping/batch_id.h"
#include "mapping/source_event.h"

namespace signal_delivery::mapping {

// What an event is called when batches are told apart: its message_id with its
// type, name, time and user, so that a sender who uses a message_id twice loses
// nothing; where it has none, a hash of all it says, which for two events of
// the same content and timestamp is the same.
std::string EventKey(const SourceEvent& source);

// The id under which mParticle deduplicates a batch of these events: 32
// hexadecimal digits, the first half of a SHA-256 over the api key, the
// integration and the events' keys in order. Any replica, at any time, comes to
// the same one.
BatchId SourceRequestId(absl::string_view api_key,
                        absl::string_view integration_id,
                        absl::Span<const std::string> event_keys);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SOURCE_REQUEST_ID_H_
