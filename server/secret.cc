#include "server/secret.h"

#include <cstdlib>
#include <optional>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "mapping/status_macros.h"
#include "server/file.h"

namespace signal_delivery::server {
namespace {

using mapping::ConfigNode;

absl::StatusOr<std::string> FromEnvironment(const ConfigNode& node) {
  ASSIGN_OR_RETURN(std::string name, node.AsString());
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    return node.Error(absl::StrCat("the environment variable ", name,
                                   " is not set; set it before the start"));
  }
  return std::string(value);
}

absl::StatusOr<std::string> FromFile(const ConfigNode& node) {
  ASSIGN_OR_RETURN(std::string path, node.AsString());
  absl::StatusOr<std::string> text = ReadFile(BesideFile(node.file(), path));
  if (!text.ok()) return node.Error(text.status().message());
  std::string secret(absl::StripSuffix(absl::StripSuffix(*text, "\n"), "\r"));
  client::Wipe(*text);
  if (secret.empty()) return node.Error(absl::StrCat(path, " is empty"));
  return secret;
}

absl::StatusOr<std::string> Read(const ConfigNode& node) {
  RETURN_IF_ERROR(CheckSecret(node));
  if (node.IsScalar()) return node.AsString();
  const std::optional<ConfigNode> env = node.Find("env");
  return env.has_value() ? FromEnvironment(*env) : FromFile(*node.Find("file"));
}

}  // namespace

absl::StatusOr<client::Secret> ReadSecret(const ConfigNode& node) {
  ASSIGN_OR_RETURN(std::string text, Read(node));
  client::Secret secret(std::move(text));
  // Such a key or secret never works; it comes of a careless copy.
  if (absl::c_any_of(secret.Reveal(), absl::ascii_iscntrl)) {
    return node.Error("holds a line break or another control character");
  }
  return secret;
}

std::optional<std::string> SecretFile(const ConfigNode& node) {
  const std::optional<ConfigNode> file = node.Find("file");
  if (!file.has_value()) return std::nullopt;
  return BesideFile(file->file(), file->AsString().value_or(""));
}

absl::Status CheckSecret(const ConfigNode& node) {
  if (node.IsScalar()) {
    ASSIGN_OR_RETURN(const std::string text, node.AsString());
    return text.empty() ? node.Error("is empty") : absl::OkStatus();
  }
  RETURN_IF_ERROR(node.ExpectKeys({"env", "file"}));
  const std::optional<ConfigNode> env = node.Find("env");
  const std::optional<ConfigNode> file = node.Find("file");
  if (env.has_value() == file.has_value()) {
    return node.Error("expected a text, {env: NAME} or {file: PATH}");
  }
  return (env.has_value() ? *env : *file).AsString().status();
}

}  // namespace signal_delivery::server
