#include "server/integration.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/endpoint.h"
#include "client/secret.h"
#include "mapping/config_node.h"
#include "mapping/mapping_config.h"
#include "mapping/sha256.h"
#include "mapping/status_macros.h"
#include "server/file.h"
#include "server/integration_keys.h"
#include "server/integration_observer.h"
#include "server/mapper_options.h"
#include "server/secret.h"

namespace signal_delivery::server {
namespace {

using mapping::ConfigNode;

constexpr char kExtension[] = ".yaml";
constexpr absl::string_view kEventsPath = "/v2/events";

// mParticle's pods. Elsewhere events vanish without an error, so any other host
// must be meant (`allow_unlisted_host`).
const std::vector<std::string>& PodHosts() {
  static const auto* const kHosts = new std::vector<std::string>{
      "s2s.mparticle.com",     "s2s.us1.mparticle.com", "s2s.us2.mparticle.com",
      "s2s.eu1.mparticle.com", "s2s.au1.mparticle.com",
  };
  return *kHosts;
}

// "eu1" of s2s.eu1.mparticle.com; "default" of s2s.mparticle.com, which names
// none; "unlisted" of any other host.
std::string PodOf(const std::string& host) {
  const std::vector<std::string>& pods = PodHosts();
  if (std::find(pods.begin(), pods.end(), host) == pods.end()) {
    return "unlisted";
  }
  const std::vector<std::string> parts = absl::StrSplit(host, '.');
  return parts.size() == 4 ? parts[1] : "default";
}

absl::StatusOr<client::Endpoint> ReadHost(const ConfigNode& parameters) {
  ASSIGN_OR_RETURN(ConfigNode node, parameters.Require("s2s_host"));
  ASSIGN_OR_RETURN(std::string text, node.AsString());
  bool allow_unlisted = false;
  if (std::optional<ConfigNode> allow =
          parameters.Find("allow_unlisted_host")) {
    ASSIGN_OR_RETURN(allow_unlisted, allow->AsBool());
  }
  const std::vector<std::string>& pods = PodHosts();
  if (!allow_unlisted &&
      std::find(pods.begin(), pods.end(), text) == pods.end()) {
    return node.Error(absl::StrCat(
        "\"", text, "\" is not an mParticle host, and a wrong one loses events",
        " without an error; write one of ", absl::StrJoin(pods, ", "),
        ", or for a sandbox or a proxy add allow_unlisted_host: true"));
  }
  absl::StatusOr<client::Endpoint> endpoint = client::ParseEndpoint(text);
  if (!endpoint.ok()) return node.Error(endpoint.status().message());
  return endpoint;
}

// More is beyond one network thread.
constexpr int kMostBatchesPerSecond = 100'000;

absl::StatusOr<double> ReadRate(const ConfigNode& parameters) {
  const std::optional<ConfigNode> node =
      parameters.Find("max_batches_per_second");
  if (!node.has_value()) return client::Destination::kDefaultRequestsPerSecond;
  ASSIGN_OR_RETURN(const int rate, node->AsInt(1, kMostBatchesPerSecond));
  return rate;
}

// "" where it names none.
absl::StatusOr<std::string> ReadCaFile(const ConfigNode& parameters) {
  const std::optional<ConfigNode> node = parameters.Find("ca_file");
  if (!node.has_value()) return "";
  ASSIGN_OR_RETURN(const std::string file, node->AsString());
  return BesideFile(node->file(), file);
}

absl::StatusOr<std::shared_ptr<const client::TlsContext>> ReadTrust(
    const ConfigNode& parameters, TrustByFile& trust) {
  ASSIGN_OR_RETURN(const std::string path, ReadCaFile(parameters));
  std::shared_ptr<const client::TlsContext>& known = trust[path];
  if (known == nullptr) {
    auto created = client::TlsContext::Create(path);
    if (!created.ok()) {
      return parameters.Find("ca_file")
          .value_or(parameters)
          .Error(created.status().message());
    }
    known = *std::move(created);
  }
  return known;
}

absl::Status CheckDeliveryMode(const ConfigNode& file) {
  if (std::optional<ConfigNode> mode = file.Find("delivery_mode")) {
    ASSIGN_OR_RETURN(std::string word, mode->AsString());
    if (word != "server_side") {
      return mode->UnknownWord("delivery mode", word, {"server_side"});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> IdOf(const std::string& path) {
  const std::filesystem::path file(path);
  if (file.extension() != kExtension) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the service reads files named NAME.yaml only; rename it"));
  }
  const std::string id = file.stem().string();
  const bool plain =
      !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
      });
  if (!plain) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the file's name is the integration's id; use letters, digits,",
        " \"-\", \"_\" and \".\""));
  }
  return id;
}

absl::StatusOr<client::Secret> ReadApiKey(const ConfigNode& node) {
  ASSIGN_OR_RETURN(client::Secret api_key, ReadSecret(node));
  // RFC 7617: the first colon ends the user name.
  if (absl::StrContains(api_key.Reveal(), ':')) {
    return node.Error("must not hold a colon");
  }
  return api_key;
}

// What a file says, but for the secret and whom to trust.
struct Settings {
  std::string id;
  ConfigNode parameters;
  // Whoever checks a file has all else checked, the key there or not.
  absl::StatusOr<client::Secret> api_key;
  ConfigNode api_secret;
  client::Endpoint endpoint;
  double max_batches_per_second;
  std::string environment;
  std::unique_ptr<const mapping::Mapper> mapper;
  bool skip_repeats = true;
  // As Integration's.
  std::vector<std::string> files;
  std::string content_hash;
};

// Of what `files` hold; the first of them holds, or held, `own_text`.
std::string HashOf(const std::vector<std::string>& files,
                   absl::string_view own_text) {
  std::string hashes = mapping::Sha256Hex(own_text);
  for (size_t i = 1; i < files.size(); ++i) {
    const absl::StatusOr<std::string> content = ReadFile(files[i]);
    absl::StrAppend(&hashes, content.ok() ? mapping::Sha256Hex(*content) : "",
                    "\n");
  }
  return mapping::Sha256Hex(hashes);
}

bool HoldTheSame(const Integration& integration) {
  const auto text = ReadFile(integration.files.front());
  return text.ok() &&
         HashOf(integration.files, *text) == integration.content_hash;
}

absl::StatusOr<Settings> ReadSettings(const std::string& path) {
  ASSIGN_OR_RETURN(std::string id, IdOf(path));
  ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  ASSIGN_OR_RETURN(ConfigNode file, ConfigNode::Parse(text, path));
  RETURN_IF_ERROR(file.ExpectKeys(IntegrationKeys()));
  RETURN_IF_ERROR(mapping::CheckVersion(file));
  RETURN_IF_ERROR(CheckDeliveryMode(file));

  ASSIGN_OR_RETURN(ConfigNode parameters, file.Require("parameters"));
  RETURN_IF_ERROR(parameters.ExpectKeys(ParameterKeys()));
  ASSIGN_OR_RETURN(const ConfigNode key, parameters.Require("api_key"));
  RETURN_IF_ERROR(CheckSecret(key));
  ASSIGN_OR_RETURN(ConfigNode api_secret, parameters.Require("api_secret"));
  RETURN_IF_ERROR(CheckSecret(api_secret));
  ASSIGN_OR_RETURN(client::Endpoint endpoint, ReadHost(parameters));
  ASSIGN_OR_RETURN(const double max_batches_per_second, ReadRate(parameters));

  std::vector<std::string> files = {path};
  for (const ConfigNode& secret : {key, api_secret}) {
    if (std::optional<std::string> secret_file = SecretFile(secret)) {
      files.push_back(*std::move(secret_file));
    }
  }
  ASSIGN_OR_RETURN(std::string ca_file, ReadCaFile(parameters));
  if (!ca_file.empty()) files.push_back(std::move(ca_file));
  // Before they are read: whatever changes from here on is seen as a change.
  std::string content_hash = HashOf(files, text);
  absl::StatusOr<client::Secret> api_key = ReadApiKey(key);

  bool skip_repeats = true;
  if (std::optional<ConfigNode> node = file.Find("skip_repeats")) {
    ASSIGN_OR_RETURN(skip_repeats, node->AsBool());
  }
  ASSIGN_OR_RETURN(mapping::Mapper::Options options, ReadMapperOptions(file));
  options.integration_id = id;
  if (api_key.ok()) options.api_key = std::string(api_key->Reveal());
  const bool is_production =
      options.environment == mparticle::events::v2::ENVIRONMENT_PRODUCTION;
  ASSIGN_OR_RETURN(mapping::MappingConfig mappings,
                   mapping::LoadMappings(file));
  ASSIGN_OR_RETURN(std::unique_ptr<const mapping::Mapper> mapper,
                   mapping::Mapper::Create(mappings, std::move(options)));
  return Settings{.id = std::move(id),
                  .parameters = std::move(parameters),
                  .api_key = std::move(api_key),
                  .api_secret = std::move(api_secret),
                  .endpoint = std::move(endpoint),
                  .max_batches_per_second = max_batches_per_second,
                  .environment = is_production ? "production" : "development",
                  .mapper = std::move(mapper),
                  .skip_repeats = skip_repeats,
                  .files = std::move(files),
                  .content_hash = std::move(content_hash)};
}

}  // namespace

absl::StatusOr<std::shared_ptr<Integration>> LoadIntegration(
    const std::string& path, TrustByFile& trust_by_file,
    const Integration* before) {
  ASSIGN_OR_RETURN(Settings settings, ReadSettings(path));
  auto integration = std::make_shared<Integration>();
  integration->files = std::move(settings.files);
  integration->content_hash = std::move(settings.content_hash);
  integration->id = std::move(settings.id);
  integration->s2s_host = client::FormatEndpoint(settings.endpoint);
  integration->pod = PodOf(integration->s2s_host);
  integration->environment = std::move(settings.environment);
  integration->skip_repeats = settings.skip_repeats;
  ASSIGN_OR_RETURN(const client::Secret api_key, std::move(settings.api_key));
  ASSIGN_OR_RETURN(const client::Secret api_secret,
                   ReadSecret(settings.api_secret));
  ASSIGN_OR_RETURN(std::shared_ptr<const client::TlsContext> trust,
                   ReadTrust(settings.parameters, trust_by_file));
  integration->unique_names = before != nullptr
                                  ? before->unique_names
                                  : std::make_shared<UniqueNames>();
  integration->metrics = before != nullptr
                             ? before->metrics
                             : std::make_shared<IntegrationMetrics>();
  absl::StatusOr<std::shared_ptr<const client::Destination>> destination =
      client::Destination::Create(
          std::move(settings.endpoint), std::move(trust), kEventsPath,
          client::BasicAuthorization(api_key.Reveal(), api_secret.Reveal())
              .Reveal(),
          settings.max_batches_per_second,
          std::make_shared<IntegrationObserver>(integration->id,
                                                integration->metrics));
  if (!destination.ok()) {
    return settings.parameters.Error(destination.status().message());
  }
  integration->destination = *std::move(destination);
  integration->mapper = std::move(settings.mapper);
  return integration;
}

absl::StatusOr<IntegrationRules> LoadRules(const std::string& path) {
  ASSIGN_OR_RETURN(Settings settings, ReadSettings(path));
  return IntegrationRules{.id = std::move(settings.id),
                          .s2s_host = client::FormatEndpoint(settings.endpoint),
                          .environment = std::move(settings.environment),
                          .mapper = std::move(settings.mapper),
                          .api_key = settings.api_key.status()};
}

absl::StatusOr<std::vector<std::string>> FindIntegrations(
    const std::string& dir) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dir, error)) {
    if (entry.path().extension() == kExtension) {
      paths.push_back(entry.path().string());
    }
  }
  if (error) {
    return absl::NotFoundError(absl::StrCat(
        "integrations_dir ", dir, ": cannot be read: ", error.message()));
  }
  if (paths.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "integrations_dir ", dir, ": holds no integration (NAME.yaml)"));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

absl::StatusOr<Integrations> LoadIntegrations(const std::string& dir,
                                              const Integrations& known) {
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, FindIntegrations(dir));
  Integrations integrations;
  TrustByFile trust;
  std::vector<std::string> problems;
  absl::flat_hash_map<absl::string_view, std::shared_ptr<const Integration>>
      known_by_file;
  for (const auto& [id, integration] : known) {
    known_by_file.emplace(integration->files.front(), integration);
  }
  for (const std::string& path : paths) {
    const std::shared_ptr<const Integration> before = known_by_file[path];
    if (before != nullptr && HoldTheSame(*before)) {
      integrations.emplace(before->id, before);
      continue;
    }
    auto integration = LoadIntegration(path, trust, before.get());
    if (!integration.ok()) {
      problems.emplace_back(integration.status().message());
      continue;
    }
    integrations.emplace((*integration)->id, *std::move(integration));
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  }
  return integrations;
}

}  // namespace signal_delivery::server
