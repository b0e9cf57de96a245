#include "tests/support/random_events.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/random_names.h"
#include "tests/support/random_values.h"

namespace signal_delivery::support {
namespace {

using ::datafly::signal::v1::Consent;
using ::datafly::signal::v1::Context;
using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::EventType;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Timestamp;

// Beyond what a batch may hold, alone or together with others.
constexpr size_t kLargeText = 50'000;
constexpr size_t kTooLargeText = 130'000;

// In seconds since 1970.
constexpr int64_t kYear2000 = 946'684'800;
constexpr int64_t kYear2100 = 4'102'444'800;

void SetTime(RandomChoices& choices, Timestamp& time) {
  // The first and the last second that a timestamp may hold, and those beyond.
  static constexpr int64_t kOdd[] = {0,
                                     -1,
                                     -62'135'596'800,
                                     253'402'300'799,
                                     -62'135'596'801,
                                     253'402'300'800,
                                     INT64_MAX,
                                     INT64_MIN,
                                     kYear2000 - 1,
                                     kYear2100};
  static constexpr int32_t kNanos[] = {0, 999'999'999,   1'000'000, 999'999,
                                       1, 1'000'000'000, -1};
  time.set_seconds(choices.OneIn(10)
                       ? choices.Of(kOdd)
                       : 1'706'540'000 + static_cast<int>(choices.Below(200)));
  time.set_nanos(choices.OneIn(10)
                     ? choices.Of(kNanos)
                     : static_cast<int>(choices.Below(1000)) * 1'000'000);
}

// Sets some of the texts of `message` and of those below it.
void SetTexts(RandomChoices& choices, Message& message) {
  const auto& reflection = *message.GetReflection();
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor* field = descriptor.field(i);
    if (field->is_repeated() || choices.OneIn(2)) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection.SetString(&message, field, RandomText(choices));
    } else if (field->message_type() != Consent::descriptor()) {
      SetTexts(choices, *reflection.MutableMessage(&message, field));
    }
  }
}

// Of no shape, of one map or both; names in one of them or both.
void SetConsent(RandomChoices& choices, Consent& consent) {
  for (const std::string& category : ConsentCategories()) {
    if (choices.OneIn(3)) {
      (*consent.mutable_categories())[category] = !choices.OneIn(4);
    }
    if (choices.OneIn(4)) {
      (*consent.mutable_canonical())[category] = !choices.OneIn(4);
    }
  }
}

void SetContext(RandomChoices& choices, Context& context) {
  if (choices.OneIn(4)) SetTexts(choices, context);
  if (choices.OneIn(2)) context.set_ip(RandomIpAddress(choices));
  if (choices.OneIn(2)) SetConsent(choices, *context.mutable_consent());
}

struct User {
  std::string user_id;
  std::string anonymous_id;
  Context context;
};

std::vector<User> RandomUsers(RandomChoices& choices) {
  std::vector<User> users(1 + choices.Below(4));
  for (size_t i = 0; i < users.size(); ++i) {
    // Some have only one of the ids, some share one with another.
    if (!choices.OneIn(4)) {
      users[i].user_id = absl::StrCat("user-", choices.Below(3));
    }
    if (users[i].user_id.empty() || !choices.OneIn(4)) {
      users[i].anonymous_id = absl::StrCat("anonymous-", choices.Below(4));
    }
    SetContext(choices, users[i].context);
  }
  return users;
}

void SetName(RandomChoices& choices, const std::vector<std::string>& names,
             Event& event) {
  const std::string name = choices.OneIn(10) || names.empty()
                               ? RandomText(choices)
                               : choices.Of(names);
  switch (event.type()) {
    case EventType::EVENT_TYPE_TRACK:
      event.set_event(name);
      break;
    case EventType::EVENT_TYPE_PAGE:
      if (!choices.OneIn(3)) event.set_name(RandomText(choices));
      break;
    case EventType::EVENT_TYPE_GROUP:
      event.set_group_id(RandomText(choices));
      break;
    default:
      break;
  }
}

Event RandomEvent(RandomChoices& choices, const std::vector<std::string>& names,
                  const User& user, size_t index) {
  Event event;
  static constexpr EventType kTypes[] = {
      EventType::EVENT_TYPE_TRACK,    EventType::EVENT_TYPE_TRACK,
      EventType::EVENT_TYPE_TRACK,    EventType::EVENT_TYPE_PAGE,
      EventType::EVENT_TYPE_IDENTIFY, EventType::EVENT_TYPE_GROUP};
  event.set_type(choices.Of(kTypes));
  if (choices.OneIn(60)) event.set_type(static_cast<EventType>(99));
  SetName(choices, names, event);
  if (!user.user_id.empty()) event.set_user_id(user.user_id);
  if (!user.anonymous_id.empty()) event.set_anonymous_id(user.anonymous_id);
  if (choices.OneIn(40)) event.clear_user_id();
  if (choices.OneIn(40)) event.set_anonymous_id("");
  *event.mutable_context() = user.context;
  if (choices.OneIn(8)) SetContext(choices, *event.mutable_context());
  if (choices.OneIn(20)) event.clear_context();
  if (!choices.OneIn(10)) SetTime(choices, *event.mutable_timestamp());
  if (!choices.OneIn(10)) {
    event.set_message_id(absl::StrCat("evt_", index));
    // Two events of the same name, or none.
    if (choices.OneIn(20))
      event.set_message_id(choices.OneIn(2) ? "evt_0" : "");
    if (choices.OneIn(60)) event.set_message_id(RandomText(choices));
  }
  if (choices.OneIn(2)) {
    *event.mutable_properties() = RandomObject(choices, PropertyNames());
  }
  if (event.type() == EventType::EVENT_TYPE_IDENTIFY || choices.OneIn(6)) {
    *event.mutable_traits() = RandomObject(choices, TraitNames());
  }
  if (choices.OneIn(150)) {
    (*event.mutable_properties()->mutable_fields())["order_id"]
        .set_string_value(
            std::string(choices.OneIn(4) ? kTooLargeText : kLargeText, 'L'));
  }
  return event;
}

// Adds attributes, so that a batch holds a few such events at most.
void Enlarge(RandomChoices& choices, Event& event) {
  constexpr int kTexts = 40;
  auto& fields = *event.mutable_properties()->mutable_fields();
  const std::string text(choices.Below(2000), 'L');
  for (int i = 0; i < kTexts; ++i) {
    fields[absl::StrCat("large", i)].set_string_value(text);
  }
}

}  // namespace

const std::vector<std::string>& ConsentCategories() {
  static const auto& categories = *new std::vector<std::string>{
      "marketing", "analytics", "functional", "advertising"};
  return categories;
}

std::vector<Event> RandomEvents(RandomChoices& choices,
                                const std::vector<std::string>& names,
                                size_t most) {
  const std::vector<User> users = RandomUsers(choices);
  std::vector<Event> events;
  const size_t count = 1 + choices.Below(most);
  for (size_t i = 0; i < count; ++i) {
    // The same event again.
    if (i > 0 && choices.OneIn(40)) {
      events.push_back(Event(choices.Of(events)));
    } else {
      events.push_back(RandomEvent(choices, names, choices.Of(users), i));
    }
  }
  if (choices.OneIn(40)) {
    for (Event& event : events) Enlarge(choices, event);
  }
  return events;
}

bool HasOddTime(const Event& event) {
  const int64_t seconds = event.timestamp().seconds();
  if (event.has_timestamp() && (seconds < kYear2000 || seconds >= kYear2100)) {
    return true;
  }
  const std::string bytes = event.SerializeAsString();
  return std::any_of(
      OddTimes().begin(), OddTimes().end(),
      [&](const std::string& time) { return absl::StrContains(bytes, time); });
}

}  // namespace signal_delivery::support
