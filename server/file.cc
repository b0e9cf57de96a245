#include "server/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace signal_delivery::server {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is a folder, not a file"));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  if (!file || !(content << file.rdbuf())) {
    // An empty file sets the fail bit and no errno.
    if (file && errno == 0) return std::string();
    return absl::NotFoundError(
        absl::StrCat(path, ": cannot be read: ",
                     errno != 0 ? std::strerror(errno) : "unknown error"));
  }
  return content.str();
}

std::string BesideFile(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

}  // namespace signal_delivery::server
