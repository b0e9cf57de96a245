// Any batch that the wire format can hold, as JSON: what is written is JSON,
// and the same whenever it is written; of what cannot be written, nothing is.
#include <cstdint>
#include <string>

#include "mapping/json_writer.h"
#include "mparticle/events/v2/batch.pb.h"
#include "tests/fuzz/require.h"
#include "tests/support/draft_of_message.h"
#include "tools/sandbox/strict_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using mparticle::events::v2::Batch;
  using signal_delivery::fuzz::Require;
  using signal_delivery::mapping::JsonWriter;
  using signal_delivery::support::AppendMessage;

  static const auto& writer = *new JsonWriter(Batch::descriptor());
  Batch batch;
  if (!batch.ParseFromArray(data, static_cast<int>(size))) return 0;
  // No batch of the mapping has fields that the schema does not know.
  batch.DiscardUnknownFields();
  std::string text = "before";
  const absl::Status status = AppendMessage(writer, batch, &text);
  if (!status.ok()) {
    Require(text == "before", "an error left something behind: " + text);
    Require(!status.message().empty(), "an error without a message");
    return 0;
  }
  text.erase(0, 6);
  Require(signal_delivery::sandbox::ParseStrictJson(text).ok(),
          "not JSON: " + text);

  // Its maps hold their entries in another order.
  Batch copy;
  Require(copy.ParseFromString(batch.SerializeAsString()), "no copy");
  std::string again;
  Require(AppendMessage(writer, copy, &again).ok() && again == text,
          "the same batch gives other bytes: " + again + " and " + text);
  return 0;
}
