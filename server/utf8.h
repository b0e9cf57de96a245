#ifndef SERVER_UTF8_H_
#define SERVER_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace signal_delivery::server {

// The path to the first text in `wire`, a serialised message of type `type`,
// that is not UTF-8: "context.page.title", "properties.city". Empty where there
// is none. Reads as far as the wire format can be read.
std::string PathOfInvalidUtf8(const google::protobuf::Descriptor& type,
                              absl::string_view wire);

}  // namespace signal_delivery::server

#endif  // SERVER_UTF8_H_
