#ifndef CLIENT_ERROR_MESSAGE_H_
#define CLIENT_ERROR_MESSAGE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace signal_delivery::client {

// Our own limits, so that what a host says cannot fill an answer to a caller.
inline constexpr size_t kMaxErrorBodySize = 4 * 1024;
inline constexpr size_t kMaxErrorMessageCharacters = 200;

// What mParticle says is wrong: `message` of the first error of a body
// {"errors": [{"code": "...", "message": "..."}]}. Cut to its limit, control
// characters replaced by spaces. Empty where the body is anything else, or
// longer than its limit; nothing but this message ever comes out of a body.
std::string ReadErrorMessage(absl::string_view body);

}  // namespace signal_delivery::client

#endif  // CLIENT_ERROR_MESSAGE_H_
