#include "server/live_integrations.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "mapping/sha256.h"
#include "mapping/status_macros.h"

namespace signal_delivery::server {
namespace {

// Enough to tell versions apart, and to read them out.
constexpr size_t kVersionDigits = 12;

}  // namespace

std::string VersionOf(const Integrations& integrations) {
  std::map<absl::string_view, absl::string_view> contents;  // by id, in order
  for (const auto& [id, integration] : integrations) {
    contents.emplace(id, integration->content_hash);
  }
  std::string all;
  for (const auto& [id, hash] : contents) {
    absl::StrAppend(&all, id, " ", hash, "\n");
  }
  return mapping::Sha256Hex(all).substr(0, kVersionDigits);
}

absl::StatusOr<std::unique_ptr<LiveIntegrations>> LiveIntegrations::Load(
    std::string dir, Clock clock) {
  ASSIGN_OR_RETURN(Integrations integrations, LoadIntegrations(dir));
  return absl::WrapUnique(
      new LiveIntegrations(std::move(dir), std::move(integrations), clock));
}

LiveIntegrations::LiveIntegrations(std::string dir, Integrations integrations,
                                   Clock clock)
    : dir_(std::move(dir)),
      clock_(clock),
      loaded_(Versioned(std::move(integrations))) {
  reloads_.loaded_at = reloads_.last_good_at = clock_();
}

std::shared_ptr<const Integration> LiveIntegrations::Find(
    absl::string_view id) const {
  const std::shared_ptr<const Loaded> loaded = Get();
  const auto found = loaded->integrations.find(id);
  return found == loaded->integrations.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Integration>> LiveIntegrations::All() const {
  std::vector<std::shared_ptr<const Integration>> all;
  for (const auto& [id, integration] : Get()->integrations) {
    all.push_back(integration);
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a->id < b->id; });
  return all;
}

LiveIntegrations::Reloads LiveIntegrations::reloads() const {
  std::lock_guard lock(mutex_);
  return reloads_;
}

size_t LiveIntegrations::size() const { return Get()->integrations.size(); }

std::string LiveIntegrations::development() const {
  std::vector<std::string> ids;
  for (const auto& integration : All()) {
    if (integration->environment != "production") {
      ids.push_back(integration->id);
    }
  }
  return absl::StrJoin(ids, ", ");
}

std::string LiveIntegrations::version() const { return Get()->version; }

absl::StatusOr<bool> LiveIntegrations::Reload() {
  const std::shared_ptr<const Loaded> before = Get();
  absl::StatusOr<Integrations> integrations =
      LoadIntegrations(dir_, before->integrations);
  const absl::Time now = clock_();
  std::shared_ptr<const Loaded> loaded;
  if (integrations.ok() && *integrations != before->integrations) {
    loaded = Versioned(*std::move(integrations));
  }
  std::lock_guard lock(mutex_);
  reloads_.last_was_good = integrations.ok();
  if (!integrations.ok()) {
    ++reloads_.failures;
    return integrations.status();
  }
  reloads_.last_good_at = now;
  if (loaded == nullptr) return false;
  reloads_.loaded_at = now;
  loaded_ = std::move(loaded);
  return true;
}

std::shared_ptr<const LiveIntegrations::Loaded> LiveIntegrations::Versioned(
    Integrations integrations) {
  std::string version = VersionOf(integrations);
  return std::make_shared<const Loaded>(
      Loaded{std::move(integrations), std::move(version)});
}

std::shared_ptr<const LiveIntegrations::Loaded> LiveIntegrations::Get() const {
  std::lock_guard lock(mutex_);
  return loaded_;
}

}  // namespace signal_delivery::server
