#ifndef SERVER_FILE_H_
#define SERVER_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace signal_delivery::server {

// The content of a file. The error names the file and the reason.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// What `path`, written in `file`, names: relative to the file's own folder.
std::string BesideFile(const std::string& file, const std::string& path);

}  // namespace signal_delivery::server

#endif  // SERVER_FILE_H_
