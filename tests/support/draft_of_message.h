#ifndef TESTS_SUPPORT_DRAFT_OF_MESSAGE_H_
#define TESTS_SUPPORT_DRAFT_OF_MESSAGE_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "mapping/draft.h"
#include "mapping/draft_memory.h"
#include "mapping/json_writer.h"

namespace signal_delivery::support {

// What is set in `message`, as a draft in `memory`: generated code makes it
// easy to say in a test what a batch holds. Unknown fields are in it under
// their numbers.
mapping::Draft DraftOf(const google::protobuf::Message& message,
                       mapping::DraftMemory& memory);

// JsonWriter::Append for it.
absl::Status AppendMessage(const mapping::JsonWriter& writer,
                           const google::protobuf::Message& message,
                           std::string* out);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_DRAFT_OF_MESSAGE_H_
