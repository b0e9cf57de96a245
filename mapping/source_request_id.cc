#include "mapping/source_request_id.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "mapping/sha256.h"

namespace signal_delivery::mapping {
namespace {

// Between the parts of a key; U+001F, the unit separator.
constexpr char kSeparator[] = "\x1f";

std::string HexOfHash(absl::string_view data) {
  return Sha256Hex(data).substr(0, kSourceRequestIdDigits);
}

}  // namespace

std::string EventKey(const datafly::signal::v1::Event& event) {
  if (!event.message_id().empty()) {
    return absl::StrJoin(
        std::make_tuple(static_cast<int>(event.type()),
                        event.timestamp().seconds(), event.timestamp().nanos(),
                        event.message_id(), event.event(), event.user_id(),
                        event.anonymous_id()),
        kSeparator);
  }
  std::string content;
  {
    google::protobuf::io::StringOutputStream stream(&content);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    event.SerializeToCodedStream(&coded);
  }
  return absl::StrCat("content:", HexOfHash(content));
}

std::string SourceRequestId(absl::string_view api_key,
                            absl::string_view integration_id,
                            const std::vector<std::string>& event_keys) {
  // With their lengths, so that no two lists of keys read alike.
  std::string data = absl::StrCat(api_key.size(), ":", api_key, ",",
                                  integration_id.size(), ":", integration_id);
  for (const std::string& key : event_keys) {
    absl::StrAppend(&data, ",", key.size(), ":", key);
  }
  return HexOfHash(data);
}

}  // namespace signal_delivery::mapping
