#include "mapping/source_request_id.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace signal_delivery::mapping {
namespace {

constexpr size_t kIdBytes = 16;

std::string HexOfHash(absl::string_view data) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
         hash);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(hash), kIdBytes));
}

}  // namespace

std::string EventKey(const datafly::signal::v1::Event& event) {
  if (!event.message_id().empty()) return event.message_id();
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
                            const std::vector<std::string>& event_keys) {
  // With their lengths, so that no two lists of keys read alike.
  std::string data = absl::StrCat(api_key.size(), ":", api_key);
  for (const std::string& key : event_keys) {
    absl::StrAppend(&data, ",", key.size(), ":", key);
  }
  return HexOfHash(data);
}

}  // namespace signal_delivery::mapping
