#include "mapping/identities.h"

namespace signal_delivery::mapping {
Identities::Profile* Identities::Find(const ProfilesById& profiles,
                                      absl::string_view id) {
  Profile* const* found = profiles.Find(id);
  return found == nullptr ? nullptr : *found;
}

Identities::Profile& Identities::ProfileOf(ProfilesById& profiles,
                                           absl::string_view id) {
  Profile*& profile = profiles.FindOrAdd(id, nullptr);
  if (profile == nullptr) profile = &profiles_.emplace_back();
  return *profile;
}

void Identities::Learn(const SourceEvent& identify, int index) {
  const absl::string_view user_id = identify.fields.user_id();
  const absl::string_view anonymous_id = identify.fields.anonymous_id();
  Profile& profile = user_id.empty() ? ProfileOf(anonymous_users_, anonymous_id)
                                     : ProfileOf(users_, user_id);
  profile.user_id = user_id;
  if (!anonymous_id.empty()) {
    latest_on_device_.FindOrAdd(anonymous_id, nullptr) = &profile;
  }
  profile.traits.Add(identify.traits);
  profile.told_by.push_back(index);
}

Identities::Known Identities::Look(const SourceEvent& event) {
  static const auto* const kNobody = new std::vector<int>();
  const absl::string_view user_id = event.fields.user_id();
  Known known{{.event = &event, .user_id = user_id}, kNobody};
  const Profile* profile =
      user_id.empty() ? Find(latest_on_device_, event.fields.anonymous_id())
                      : Find(users_, user_id);
  if (profile == nullptr) return known;
  known.told_by = &profile->told_by;
  if (user_id.empty()) known.view.user_id = profile->user_id;
  known.view.told_traits = &profile->traits;
  return known;
}

}  // namespace signal_delivery::mapping
