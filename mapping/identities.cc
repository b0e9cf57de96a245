#include "mapping/identities.h"

#include <algorithm>

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Struct;

// `changes` on top of `base`. (Struct's own MergeFrom does just that: a map's
// entry replaces the one of the same key.)
void Overlay(const Struct& changes, Struct& base) { base.MergeFrom(changes); }

void AddMissing(const Struct& more, Struct& base) {
  for (const auto& [name, value] : more.fields()) {
    if (!base.fields().contains(name)) {
      (*base.mutable_fields())[name] = value;
    }
  }
}

void AddMissing(const std::vector<int>& more, std::vector<int>& base) {
  for (const int index : more) {
    if (std::find(base.begin(), base.end(), index) == base.end()) {
      base.push_back(index);
    }
  }
}

}  // namespace

Identities::Profile* Identities::Find(const ProfilesById& profiles,
                                      const std::string& id) {
  const auto found = profiles.find(id);
  return found == profiles.end() ? nullptr : found->second;
}

Identities::Profile& Identities::ProfileOf(ProfilesById& profiles,
                                           const std::string& id) {
  Profile*& profile = profiles[id];
  if (profile == nullptr) profile = &profiles_.emplace_back();
  return *profile;
}

void Identities::Learn(const Event& identify, int index) {
  const bool is_anonymous = identify.user_id().empty();
  Profile& profile = is_anonymous
                         ? ProfileOf(anonymous_users_, identify.anonymous_id())
                         : ProfileOf(users_, identify.user_id());
  if (!is_anonymous) {
    profile.user_id = identify.user_id();
    const Profile* told_before =
        Find(anonymous_users_, identify.anonymous_id());
    if (told_before != nullptr) {
      AddMissing(told_before->traits, profile.traits);
      AddMissing(told_before->told_by, profile.told_by);
    }
  }
  if (!identify.anonymous_id().empty()) {
    latest_on_device_[identify.anonymous_id()] = &profile;
  }
  Overlay(identify.traits(), profile.traits);
  profile.told_by.push_back(index);
}

Identities::Known Identities::Look(const Event& event) {
  static const auto* const kNobody = new std::vector<int>();
  Known known{{&event, event.user_id(),
               event.has_traits() ? &event.traits() : nullptr, nullptr},
              kNobody};
  const Profile* profile = event.user_id().empty()
                               ? Find(latest_on_device_, event.anonymous_id())
                               : Find(users_, event.user_id());
  if (profile == nullptr) return known;
  known.told_by = &profile->told_by;
  if (known.view.user_id.empty()) known.view.user_id = profile->user_id;
  if (!event.has_traits()) {
    known.view.traits = &profile->traits;
  } else {
    Struct& merged = merged_.emplace_back(profile->traits);
    Overlay(event.traits(), merged);
    known.view.traits = &merged;
  }
  return known;
}

}  // namespace signal_delivery::mapping
