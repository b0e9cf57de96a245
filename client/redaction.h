#ifndef CLIENT_REDACTION_H_
#define CLIENT_REDACTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/secret.h"

namespace signal_delivery::client {

// Takes what a destination signs in with out of what its host says: a host, or
// something that answers in its place, may quote the request.
//
// Knows the credentials as they are and as the header has them. Does not know
// them in other guises, such as letter by letter. Immutable and thread-safe.
class Redaction {
 public:
  // `authorization` is the value of that header.
  explicit Redaction(absl::string_view authorization);

  // With "***" in the place of each credential, and of what `message` ends with
  // where it may be the beginning of one that was cut off.
  std::string Apply(std::string message) const;

 private:
  std::vector<Secret> hidden_;  // the longest first
};

}  // namespace signal_delivery::client

#endif  // CLIENT_REDACTION_H_
