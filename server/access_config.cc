#include "server/access_config.h"

#include <arpa/inet.h>

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "datafly/delivery/v1/event_debugger.pb.h"
#include "mapping/sha256.h"
#include "mapping/status_macros.h"
#include "server/file.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::delivery::v1::TailEventsRequest;
using mapping::ConfigNode;

constexpr absl::string_view kAll = "*";

// Of all services that the schemas have.
std::vector<std::string> Methods() {
  std::vector<std::string> methods;
  for (const google::protobuf::FileDescriptor* schema :
       {DeliverEventsRequest::descriptor()->file(),
        TailEventsRequest::descriptor()->file()}) {
    for (int s = 0; s < schema->service_count(); ++s) {
      for (int m = 0; m < schema->service(s)->method_count(); ++m) {
        methods.push_back(schema->service(s)->method(m)->name());
      }
    }
  }
  return methods;
}

absl::Status ReadPath(const ConfigNode& tls, absl::string_view key,
                      std::string* path) {
  ASSIGN_OR_RETURN(const std::optional<ConfigNode> node, tls.FindFilled(key));
  if (!node.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string written, node->AsString());
  *path = BesideFile(tls.file(), written);
  return absl::OkStatus();
}

absl::StatusOr<TlsFiles> ReadTls(const ConfigNode& node) {
  RETURN_IF_ERROR(
      node.ExpectKeys({"certificate", "private_key", "client_ca", "crl"}));
  RETURN_IF_ERROR(node.Require("certificate").status());
  RETURN_IF_ERROR(node.Require("private_key").status());
  TlsFiles files;
  RETURN_IF_ERROR(ReadPath(node, "certificate", &files.certificate));
  RETURN_IF_ERROR(ReadPath(node, "private_key", &files.private_key));
  RETURN_IF_ERROR(ReadPath(node, "client_ca", &files.client_ca));
  RETURN_IF_ERROR(ReadPath(node, "crl", &files.crl));
  if (!files.crl.empty() && files.client_ca.empty()) {
    return node.Find("crl")->Error(
        "has nothing to revoke: no client is asked for a certificate; set "
        "client_ca");
  }
  files.location = absl::StrCat(node.Location(), ": tls");
  return files;
}

// One text, or a list of at least one.
absl::StatusOr<std::vector<std::pair<ConfigNode, std::string>>> ReadTexts(
    const ConfigNode& node) {
  std::vector<ConfigNode> items = {node};
  if (!node.IsScalar()) {
    ASSIGN_OR_RETURN(items, node.Items());
  }
  std::vector<std::pair<ConfigNode, std::string>> texts;
  for (const ConfigNode& item : items) {
    ASSIGN_OR_RETURN(std::string text, item.AsString());
    if (text.empty()) return item.Error("is empty");
    texts.emplace_back(item, std::move(text));
  }
  if (texts.empty()) return node.Error("names none; leave it out for all");
  return texts;
}

// Nothing where the key is absent, or has "*" for all.
absl::StatusOr<std::optional<absl::flat_hash_set<std::string>>> ReadAllowed(
    const ConfigNode& grant, absl::string_view key, absl::string_view what,
    const std::vector<std::string>& known) {
  std::optional<absl::flat_hash_set<std::string>> allowed;
  ASSIGN_OR_RETURN(const std::optional<ConfigNode> node, grant.FindFilled(key));
  if (!node.has_value()) return allowed;
  ASSIGN_OR_RETURN(const auto texts, ReadTexts(*node));
  allowed.emplace();
  for (const auto& [item, text] : texts) {
    if (text != kAll && !known.empty() && !absl::c_linear_search(known, text)) {
      return item.UnknownWord(what, text, known);
    }
    allowed->insert(text);
  }
  if (allowed->contains(kAll)) allowed.reset();
  return allowed;
}

absl::StatusOr<Grant> ReadGrant(const ConfigNode& node) {
  Grant grant;
  ASSIGN_OR_RETURN(grant.integrations,
                   ReadAllowed(node, "integrations", "integration", {}));
  ASSIGN_OR_RETURN(grant.methods,
                   ReadAllowed(node, "methods", "method", Methods()));
  return grant;
}

// The caller's `grants`, or the one that it has in `integrations` and
// `methods`.
absl::StatusOr<std::vector<Grant>> ReadGrants(const ConfigNode& caller) {
  ASSIGN_OR_RETURN(const std::optional<ConfigNode> node,
                   caller.FindFilled("grants"));
  std::vector<Grant> grants;
  if (!node.has_value()) {
    ASSIGN_OR_RETURN(grants.emplace_back(), ReadGrant(caller));
    return grants;
  }
  for (const char* key : {"integrations", "methods"}) {
    if (const std::optional<ConfigNode> other = caller.Find(key)) {
      return other->Error("goes into each of grants, where there are some");
    }
  }
  ASSIGN_OR_RETURN(const std::vector<ConfigNode> items, node->Items());
  if (items.empty()) return node->Error("names none; leave it out for all");
  for (const ConfigNode& item : items) {
    RETURN_IF_ERROR(item.ExpectKeys({"integrations", "methods"}));
    ASSIGN_OR_RETURN(grants.emplace_back(), ReadGrant(item));
  }
  return grants;
}

// What is known of the port when its callers are read.
struct Port {
  bool is_loopback;
  const std::optional<TlsFiles>& tls;
};

absl::Status ReadSans(const ConfigNode& node, const Port& port,
                      std::vector<std::string>& sans) {
  if (!port.tls.has_value() || port.tls->client_ca.empty()) {
    return node.Error(
        "no certificate of a caller is asked for; set tls.client_ca");
  }
  ASSIGN_OR_RETURN(const auto texts, ReadTexts(node));
  for (const auto& [item, text] : texts) sans.push_back(text);
  return absl::OkStatus();
}

absl::Status ReadTokenHashes(const ConfigNode& node, const Port& port,
                             std::vector<std::string>& hashes) {
  if (!port.tls.has_value() && !port.is_loopback) {
    return node.Error(
        "a token in plaintext is anyone's on the way; set tls, or listen on "
        "127.0.0.1");
  }
  ASSIGN_OR_RETURN(const auto texts, ReadTexts(node));
  for (const auto& [item, text] : texts) {
    // What is no hash may be the token: it is not repeated.
    if (!mapping::IsSha256Hex(text)) {
      return item.Error(
          "expected the token's SHA-256 as 64 hexadecimal digits: printf %s "
          "TOKEN | sha256sum");
    }
    hashes.push_back(absl::AsciiStrToLower(text));
  }
  return absl::OkStatus();
}

absl::StatusOr<Caller> ReadCaller(const ConfigNode& node, const Port& port) {
  RETURN_IF_ERROR(node.ExpectKeys(
      {"name", "san", "token_sha256", "integrations", "methods", "grants"}));
  Caller caller;
  ASSIGN_OR_RETURN(const ConfigNode name, node.Require("name"));
  ASSIGN_OR_RETURN(caller.name, name.AsString());
  if (caller.name.empty()) return name.Error("is empty");
  if (const std::optional<ConfigNode> san = node.Find("san")) {
    RETURN_IF_ERROR(ReadSans(*san, port, caller.sans));
  }
  if (const std::optional<ConfigNode> token = node.Find("token_sha256")) {
    RETURN_IF_ERROR(ReadTokenHashes(*token, port, caller.token_hashes));
  }
  if (caller.sans.empty() && caller.token_hashes.empty()) {
    return node.Error(
        "nothing to know the caller by; add san (of its certificate) or "
        "token_sha256");
  }
  ASSIGN_OR_RETURN(caller.grants, ReadGrants(node));
  return caller;
}

// Two callers of one name, certificate or token: the first would get the
// second's calls.
absl::Status CheckDistinct(const ConfigNode& node, const Caller& caller,
                           absl::flat_hash_set<std::string>& taken) {
  std::vector<std::string> marks = {absl::StrCat("name ", caller.name)};
  for (const std::string& san : caller.sans) {
    marks.push_back(absl::StrCat("san ", san));
  }
  for (const std::string& hash : caller.token_hashes) {
    marks.push_back(absl::StrCat("token_sha256 ", hash));
  }
  for (std::string& mark : marks) {
    if (!taken.insert(mark).second) {
      return node.Error(absl::StrCat("the ", mark, " is given twice"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Caller>> ReadCallers(const ConfigNode& node,
                                                const Port& port) {
  ASSIGN_OR_RETURN(const std::vector<ConfigNode> items, node.Items());
  if (items.empty()) {
    return node.Error("names nobody; leave it out to let everybody call");
  }
  std::vector<Caller> callers;
  absl::flat_hash_set<std::string> taken;
  for (const ConfigNode& item : items) {
    ASSIGN_OR_RETURN(Caller caller, ReadCaller(item, port));
    RETURN_IF_ERROR(CheckDistinct(item, caller, taken));
    callers.push_back(std::move(caller));
  }
  return callers;
}

}  // namespace

absl::StatusOr<AccessConfig> ReadAccess(const ConfigNode& file,
                                        const ConfigNode& listen) {
  AccessConfig access;
  ASSIGN_OR_RETURN(const std::string address, listen.AsString());
  const bool is_loopback = IsLoopback(address);
  // Without a value they would open the port unnoticed.
  ASSIGN_OR_RETURN(const std::optional<ConfigNode> tls, file.FindFilled("tls"));
  if (tls.has_value()) {
    ASSIGN_OR_RETURN(access.tls, ReadTls(*tls));
  }
  bool plaintext = false;
  if (const auto allowed = file.Find("plaintext_beyond_loopback")) {
    ASSIGN_OR_RETURN(plaintext, allowed->AsBool());
  }
  if (!access.tls.has_value() && !is_loopback && !plaintext) {
    return listen.Error(
        "would take calls in plaintext from other machines; set tls, listen on "
        "127.0.0.1, or set plaintext_beyond_loopback: true where something "
        "else guards the way");
  }
  ASSIGN_OR_RETURN(const std::optional<ConfigNode> callers,
                   file.FindFilled("callers"));
  if (callers.has_value()) {
    ASSIGN_OR_RETURN(access.callers,
                     ReadCallers(*callers, {is_loopback, access.tls}));
  }
  return access;
}

bool IsLoopback(absl::string_view address) {
  if (absl::StartsWith(address, "unix:") ||
      absl::StartsWith(address, "unix-abstract:")) {
    return true;
  }
  std::string host(address.substr(0, address.rfind(':')));
  if (host == "localhost" || host == "[::1]") return true;
  in_addr v4;
  // 127.0.0.0/8, RFC 1122 section 3.2.1.3.
  return inet_pton(AF_INET, host.c_str(), &v4) == 1 &&
         ntohl(v4.s_addr) >> 24 == 127;
}

}  // namespace signal_delivery::server
