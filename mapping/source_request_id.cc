#include "mapping/source_request_id.h"

#include "absl/strings/str_cat.h"
#include "mapping/sha256.h"

namespace signal_delivery::mapping {

BatchId SourceRequestId(absl::string_view api_key,
                        absl::string_view integration_id,
                        const EventKeyList& events) {
  // With their lengths, as the events' keys have theirs.
  const absl::AlphaNum api_key_size(api_key.size());
  const absl::AlphaNum integration_id_size(integration_id.size());
  BatchId id;
  WriteSha256Hex(
      {api_key_size.Piece(), ":", api_key, ",", integration_id_size.Piece(),
       ":", integration_id, events.text()},
      id.Fill());
  return id;
}

}  // namespace signal_delivery::mapping
