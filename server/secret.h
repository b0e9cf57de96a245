#ifndef SERVER_SECRET_H_
#define SERVER_SECRET_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/secret.h"
#include "mapping/config_node.h"

namespace signal_delivery::server {

// The text that a configuration names in one of three ways: `{env: NAME}`,
// `{file: PATH}` (relative to the configuration file's folder; one line break
// at the end is not part of it), or the text itself. A missing variable or
// file, an empty text and control characters are errors. Errors never hold the
// text.
absl::StatusOr<client::Secret> ReadSecret(const mapping::ConfigNode& node);

// Whether `node` is one of the three ways. Looks at no variable and no file.
absl::Status CheckSecret(const mapping::ConfigNode& node);

// The file that it is in; nothing where it is in none. `node` is one of the
// three ways.
std::optional<std::string> SecretFile(const mapping::ConfigNode& node);

}  // namespace signal_delivery::server

#endif  // SERVER_SECRET_H_
