#ifndef MAPPING_SOURCE_REQUEST_ID_H_
#define MAPPING_SOURCE_REQUEST_ID_H_

#include "absl/strings/string_view.h"
#include "mapping/batch_id.h"
#include "mapping/event_key_list.h"

namespace signal_delivery::mapping {

// The id under which mParticle deduplicates a batch of these events: 32
// hexadecimal digits, the first half of a SHA-256 over the api key, the
// integration and the events' keys in order. Any replica, at any time, comes to
// the same one.
BatchId SourceRequestId(absl::string_view api_key,
                        absl::string_view integration_id,
                        const EventKeyList& events);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_SOURCE_REQUEST_ID_H_
