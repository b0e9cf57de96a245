#ifndef MAPPING_IDENTITIES_H_
#define MAPPING_IDENTITIES_H_

#include <deque>
#include <memory_resource>
#include <vector>

#include "absl/strings/string_view.h"
#include "mapping/id_map.h"
#include "mapping/source_event.h"
#include "mapping/source_path.h"
#include "mapping/told_traits.h"

namespace signal_delivery::mapping {

// What the identifies of one request told about its users so far. An event
// gets what earlier identifies told about the same user:
//
// - an event with a user_id, from identifies of that user_id;
// - an event without one, from the last identify of its anonymous_id: if that
//   one had a user_id, the event gets it and what is known of that user; if
//   not, what is known of the anonymous one. Events before it stay anonymous.
//
// What an anonymous user told stays with the events of the anonymous user: who
// logs in on that device later may be somebody else.
//
// An identify has no influence on an event that it does not tell something:
// else an event could change when it is sent again without that identify.
//
// Not thread-safe: one per request. Borrows the events and the request's
// memory.
class Identities {
 public:
  explicit Identities(std::pmr::memory_resource& memory)
      : profiles_(&memory),
        users_(&memory),
        anonymous_users_(&memory),
        latest_on_device_(&memory) {}

  // Remembers `identify`, which is the event at `index` of the request.
  void Learn(const SourceEvent& identify, int index);

  // `event` with what is known of its user. Valid until the next Learn.
  struct Known {
    EventView view;
    // The identifies that told it, as indexes of the request.
    const std::vector<int>* told_by = nullptr;
  };
  Known Look(const SourceEvent& event);

 private:
  struct Profile {
    absl::string_view user_id;
    ToldTraits traits;
    std::vector<int> told_by;
  };

  using ProfilesById = IdMap<Profile*>;

  // nullptr: none. Nobody is known by an empty id.
  static Profile* Find(const ProfilesById& profiles, absl::string_view id);
  // Makes it where there is none.
  Profile& ProfileOf(ProfilesById& profiles, absl::string_view id);

  // Profiles stay where they are when others are added.
  std::pmr::deque<Profile> profiles_;
  ProfilesById users_;            // by user_id
  ProfilesById anonymous_users_;  // by anonymous_id
  // By anonymous_id: whom the last identify was about.
  ProfilesById latest_on_device_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_IDENTITIES_H_
