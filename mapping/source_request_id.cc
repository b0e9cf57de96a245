#include "mapping/source_request_id.h"

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "mapping/sha256.h"

namespace signal_delivery::mapping {
namespace {

// Of one event, all that is hashed has room there, and as much again.
constexpr size_t kBytesOnStack = 1024;

// Between the parts of a key; U+001F, the unit separator.
constexpr char kSeparator[] = "\x1f";

BatchId IdOf(absl::string_view data) {
  BatchId id;
  WriteSha256Hex(data, id.Fill());
  return id;
}

}  // namespace

std::string EventKey(const SourceEvent& source) {
  const EventFields& event = source.fields;
  if (!event.message_id().empty()) {
    const auto [seconds, nanos] =
        event.timestamp().value_or(EventFields::Timestamp());
    return absl::StrCat(static_cast<int>(event.type()), kSeparator, seconds,
                        kSeparator, nanos, kSeparator, event.message_id(),
                        kSeparator, event.event(), kSeparator, event.user_id(),
                        kSeparator, event.anonymous_id());
  }
  // The same event has the same key, whichever way its properties came.
  std::string content;
  {
    google::protobuf::io::StringOutputStream stream(&content);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    WholeMessage(source).SerializeToCodedStream(&coded);
  }
  return absl::StrCat("content:", IdOf(content).text());
}

BatchId SourceRequestId(absl::string_view api_key,
                        absl::string_view integration_id,
                        absl::Span<const std::string> event_keys) {
  std::array<std::byte, kBytesOnStack> memory;
  std::pmr::monotonic_buffer_resource resource(memory.data(), memory.size());
  std::pmr::string data(&resource);
  data.reserve(memory.size() / 2);
  // With their lengths, so that no two lists of keys read alike.
  const auto append = [&](absl::string_view part) {
    const absl::AlphaNum size(part.size());
    data.append(size.data(), size.size()).append(":");
    data.append(part.data(), part.size());
  };
  append(api_key);
  data.append(",");
  append(integration_id);
  for (const std::string& key : event_keys) {
    data.append(",");
    append(key);
  }
  return IdOf({data.data(), data.size()});
}

}  // namespace signal_delivery::mapping
