#include "mapping/identities.h"

#include <utility>

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Struct;

// `changes` on top of `base`. (Struct's own MergeFrom does just that: a map's
// entry replaces the one of the same key.)
void Overlay(const Struct& changes, Struct& base) { base.MergeFrom(changes); }

}  // namespace

Identities::Profile* Identities::Find(const ProfilesById& profiles,
                                      const std::string& id) {
  const auto found = profiles.find(id);
  return found == profiles.end() ? nullptr : found->second;
}

void Identities::Learn(const Event& identify, int index) {
  Profile* const on_device = Find(by_anonymous_id_, identify.anonymous_id());
  Profile* profile = on_device;
  if (!identify.user_id().empty()) {
    profile = Find(by_user_id_, identify.user_id());
    if (profile == nullptr) {
      profile = by_user_id_[identify.user_id()] = &profiles_.emplace_back();
      profile->user_id = identify.user_id();
    }
    if (on_device != nullptr && on_device->user_id.empty()) {
      // The anonymous user of this device turns out to be this one.
      Overlay(on_device->traits, profile->traits);
      profile->told_by.insert(profile->told_by.end(),
                              on_device->told_by.begin(),
                              on_device->told_by.end());
    }
  } else if (profile == nullptr) {
    profile = &profiles_.emplace_back();
  }
  if (!identify.anonymous_id().empty()) {
    by_anonymous_id_[identify.anonymous_id()] = profile;
  }
  Overlay(identify.traits(), profile->traits);
  profile->told_by.push_back(index);
}

const Identities::Profile* Identities::FindUserOf(const Event& event) const {
  if (const Profile* profile = Find(by_user_id_, event.user_id())) {
    return profile;
  }
  const Profile* profile = Find(by_anonymous_id_, event.anonymous_id());
  // Somebody else on the same device.
  if (profile != nullptr && !event.user_id().empty() &&
      !profile->user_id.empty()) {
    return nullptr;
  }
  return profile;
}

Identities::Known Identities::Look(const Event& event) {
  static const auto* const kNobody = new std::vector<int>();
  Known known{{&event, event.user_id(),
               event.has_traits() ? &event.traits() : nullptr, nullptr},
              kNobody};
  const Profile* profile = FindUserOf(event);
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
