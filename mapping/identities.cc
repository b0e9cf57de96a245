#include "mapping/identities.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;

}  // namespace

Identities::Profile* Identities::Find(const ProfilesById& profiles,
                                      absl::string_view id) {
  const auto found = profiles.find(id);
  return found == profiles.end() ? nullptr : found->second;
}

Identities::Profile& Identities::ProfileOf(ProfilesById& profiles,
                                           absl::string_view id) {
  Profile*& profile = profiles[id];
  if (profile == nullptr) profile = &profiles_.emplace_back();
  return *profile;
}

void Identities::Learn(const Event& identify, int index) {
  const bool is_anonymous = identify.user_id().empty();
  Profile& profile = is_anonymous
                         ? ProfileOf(anonymous_users_, identify.anonymous_id())
                         : ProfileOf(users_, identify.user_id());
  profile.user_id = identify.user_id();
  if (!identify.anonymous_id().empty()) {
    latest_on_device_[identify.anonymous_id()] = &profile;
  }
  if (profile.traits == nullptr) {
    profile.traits = &identify.traits();
  } else {
    if (!profile.merged.has_value()) profile.merged = *profile.traits;
    // A map's entry replaces the one of the same key.
    profile.merged->MergeFrom(identify.traits());
    profile.traits = &*profile.merged;
  }
  profile.told_by.push_back(index);
}

Identities::Known Identities::Look(const Event& event) {
  static const auto* const kNobody = new std::vector<int>();
  Known known{{.event = &event, .user_id = event.user_id()}, kNobody};
  const Profile* profile = event.user_id().empty()
                               ? Find(latest_on_device_, event.anonymous_id())
                               : Find(users_, event.user_id());
  if (profile == nullptr) return known;
  known.told_by = &profile->told_by;
  if (known.view.user_id.empty()) known.view.user_id = profile->user_id;
  known.view.told_traits = profile->traits;
  return known;
}

}  // namespace signal_delivery::mapping
