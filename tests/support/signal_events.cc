#include "tests/support/signal_events.h"

namespace signal_delivery::support {
namespace {

using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::EventType;

Event OfUser(const std::string& user_id, const std::string& message_id) {
  Event event;
  event.set_message_id(message_id);
  event.set_user_id(user_id);
  event.set_anonymous_id("anonymous-" + user_id);
  event.mutable_timestamp()->set_seconds(1'706'540'000);
  event.mutable_context()->set_ip(kIp);
  return event;
}

}  // namespace

Event Identify(const std::string& message_id, const std::string& user_id) {
  Event event = OfUser(user_id, message_id);
  event.set_type(EventType::EVENT_TYPE_IDENTIFY);
  auto& traits = *event.mutable_traits()->mutable_fields();
  traits["email"].set_string_value(kEmail);
  traits["phone"].set_string_value(kPhone);
  return event;
}

Event LoggedIn(const std::string& message_id, const std::string& user_id) {
  Event event = OfUser(user_id, message_id);
  event.set_type(EventType::EVENT_TYPE_TRACK);
  event.set_event("Logged In");
  return event;
}

Event From(const std::string& ip, Event event) {
  event.mutable_context()->set_ip(ip);
  return event;
}

Event With(const std::string& property, double value, Event event) {
  (*event.mutable_properties()->mutable_fields())[property].set_number_value(
      value);
  return event;
}

Event With(const std::string& property, const std::string& value, Event event) {
  (*event.mutable_properties()->mutable_fields())[property].set_string_value(
      value);
  return event;
}

}  // namespace signal_delivery::support
