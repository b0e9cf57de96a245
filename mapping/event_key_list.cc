#include "mapping/event_key_list.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "mapping/batch_id.h"
#include "mapping/event_fields.h"
#include "mapping/sha256.h"

namespace signal_delivery::mapping {
namespace {

// Between the parts of a key; U+001F, the unit separator.
constexpr char kSeparator = '\x1f';

// The same for the same event, whichever way its properties came.
std::string ContentOf(const SourceEvent& event) {
  std::string content;
  {
    google::protobuf::io::StringOutputStream stream(&content);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    WholeMessage(event).SerializeToCodedStream(&coded);
  }
  return content;
}

}  // namespace

void EventKeyList::Add(const SourceEvent& event) {
  const EventFields& fields = event.fields;
  if (fields.message_id().empty()) {
    BatchId hash;
    WriteSha256Hex({ContentOf(event)}, hash.Fill());
    return Append({absl::StrCat("content:", hash.text())});
  }
  const auto [seconds, nanos] =
      fields.timestamp().value_or(EventFields::Timestamp());
  Append({absl::AlphaNum(static_cast<int>(fields.type())).Piece(),
          absl::AlphaNum(seconds).Piece(), absl::AlphaNum(nanos).Piece(),
          fields.message_id(), fields.event(), fields.user_id(),
          fields.anonymous_id()});
}

void EventKeyList::Append(std::initializer_list<absl::string_view> parts) {
  size_t bytes = parts.size() - 1;  // of separators
  for (const absl::string_view part : parts) bytes += part.size();
  const absl::AlphaNum length(bytes);
  if (text_.empty()) text_.reserve(2 + length.size() + bytes);
  text_.push_back(',');
  text_.append(length.data(), length.size());
  char before = ':';
  for (const absl::string_view part : parts) {
    text_.push_back(std::exchange(before, kSeparator));
    text_.append(part.data(), part.size());
  }
  ends_.push_back(text_.size());
}

EventKeyList EventKeyList::Part(size_t first, size_t last) const {
  EventKeyList part;
  const size_t start = StartOf(first);
  part.text_ = text_.substr(start, StartOf(last) - start);
  part.ends_.reserve(last - first);
  for (size_t i = first; i < last; ++i) part.ends_.push_back(ends_[i] - start);
  return part;
}

}  // namespace signal_delivery::mapping
