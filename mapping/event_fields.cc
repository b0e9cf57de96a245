#include "mapping/event_fields.h"

#include <string>

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;

// Each field that is one text, in both shapes.
constexpr struct {
  int number;
  bool (Event::*has)() const;
  const std::string& (Event::*get)() const;
  std::string* (Event::*mutate)();
} kTexts[] = {
    {Event::kEventFieldNumber, &Event::has_event, &Event::event,
     &Event::mutable_event},
    {Event::kNameFieldNumber, &Event::has_name, &Event::name,
     &Event::mutable_name},
    {Event::kUserIdFieldNumber, &Event::has_user_id, &Event::user_id,
     &Event::mutable_user_id},
    {Event::kAnonymousIdFieldNumber, &Event::has_anonymous_id,
     &Event::anonymous_id, &Event::mutable_anonymous_id},
    {Event::kGroupIdFieldNumber, &Event::has_group_id, &Event::group_id,
     &Event::mutable_group_id},
    {Event::kMessageIdFieldNumber, &Event::has_message_id, &Event::message_id,
     &Event::mutable_message_id},
};

}  // namespace

EventFields::EventFields(const Event& event) {
  if (event.has_type()) set_type(event.type());
  for (const auto& text : kTexts) {
    if ((event.*text.has)()) SetText(text.number, (event.*text.get)());
  }
  if (event.has_timestamp()) {
    set_timestamp({event.timestamp().seconds(), event.timestamp().nanos()});
  }
  if (event.has_context()) set_context(event.context());
}

Event EventFields::ToMessage() const {
  Event event;
  if (type_.has_value()) event.set_type(*type_);
  for (const auto& text : kTexts) {
    if (const auto said = Text(text.number)) {
      (event.*text.mutate)()->assign(said->data(), said->size());
    }
  }
  if (timestamp_.has_value()) {
    event.mutable_timestamp()->set_seconds(timestamp_->seconds);
    event.mutable_timestamp()->set_nanos(timestamp_->nanos);
  }
  if (has_context()) *event.mutable_context() = *context_;
  return event;
}

}  // namespace signal_delivery::mapping
