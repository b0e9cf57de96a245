#include "mapping/rule.h"

namespace signal_delivery::mapping {
namespace {

// Sources: mParticle's Events API, its JSON reference and published schema, and
// its default service limits; the limits of single fields are annotations in
// proto/mparticle/events/v2. "Characters" are Unicode code points; a text is
// never cut inside one.
constexpr RuleInfo kRules[] = {
    {Rule::kType, "type", Policy::kReject,
     "An event's type is track, page, identify or group."},
    {Rule::kEvent, "event", Policy::kReject, "A track names what happened."},
    {Rule::kUser, "user", Policy::kReject,
     "An event has a user_id or an anonymous_id."},
    {Rule::kTimestamp, "timestamp", Policy::kReject,
     "An event's time lies between the years 1 and 9999."},
    {Rule::kMessageId, "message_id", Policy::kReject,
     "An event, other than an identify, has a message_id or a timestamp: "
     "without either, a repeat cannot be told from a new event."},
    {Rule::kRepeatRecognition, "repeat_recognition", Policy::kWarn,
     "An event, other than an identify, has a message_id: without one, a "
     "repeat is only recognised if it is the same in every field."},
    {Rule::kRepeat, "repeat", Policy::kFix,
     "No event of a request repeats another: of several with the same "
     "message_id, type, name, time, user and size the first is sent, and all "
     "get its result."},
    {Rule::kUtf8, "utf8", Policy::kReject, "All texts are UTF-8."},
    {Rule::kEventBytes, "event_bytes", Policy::kReject,
     "An event, as it arrives and as a batch of its own, has at most 128,000 "
     "bytes."},
    {Rule::kBatchBytes, "batch_bytes", Policy::kNextBatch,
     "A batch has at most 128,000 bytes of JSON."},
    {Rule::kBatchEvents, "batch_events", Policy::kNextBatch,
     "A batch has at most as many events as the integration's "
     "max_events_per_batch says."},
    {Rule::kFutureTime, "future_time", Policy::kIntegrationChooses,
     "The time of an event, other than an identify, is not more than ten "
     "minutes ahead of the service's clock, and neither is the one that a "
     "mapping writes instead. event_time.in_future chooses; the default is "
     "send."},
    {Rule::kOldTime, "old_time", Policy::kIntegrationChooses,
     "An event, other than an identify, is not older than 30 days, nor is "
     "the time that a mapping writes instead; mParticle has another endpoint"
     " for historical data. event_time.too_old chooses; the default is send."},
    {Rule::kRequiredField, "required_field", Policy::kReject,
     "An event has what mParticle requires of its kind."},
    {Rule::kCommerceParts, "commerce_parts", Policy::kReject,
     "A commerce event has exactly one of product_action, promotion_action and "
     "product_impressions."},
    {Rule::kUniqueNames, "unique_names", Policy::kWarn,
     "A workspace takes 1,000 different event and screen names and drops "
     "events with others without a word. The service counts those that it "
     "mapped since it started, delivered or not, and warns from the 901st "
     "on."},

    {Rule::kTransform, "transform", Policy::kLeaveOut,
     "A value is one that the mapping's transforms can take."},
    {Rule::kValueType, "value_type", Policy::kLeaveOut,
     "A value has the type of its target. An attribute is a text, a number or "
     "a "
     "boolean; a user attribute may also be a list of those."},
    {Rule::kNumberAsText, "number_as_text", Policy::kFix,
     "A number is a number: one that comes as text is read."},
    {Rule::kBooleanAsText, "boolean_as_text", Policy::kFix,
     "A boolean is a boolean: \"true\" and \"false\" are read."},
    {Rule::kTextFromNumber, "text_from_number", Policy::kFix,
     "A text, such as a product's id, is a text: a number or a boolean is "
     "written out."},
    {Rule::kFiniteNumber, "finite_number", Policy::kLeaveOut,
     "A number is neither infinite nor NaN: JSON has no word for those."},
    {Rule::kWholeNumber, "whole_number", Policy::kLeaveOut,
     "Where mParticle takes whole numbers, a number has no fraction and "
     "fits: 32 bits, times 53, ids 64. But JSON's numbers are only exact to "
     "53 bits: an id beyond that, also one for a text, must come as text."},
    {Rule::kEnumValue, "enum_value", Policy::kLeaveOut,
     "Where mParticle takes one of certain words, a text is one of them, to "
     "the "
     "letter."},
    {Rule::kIpAddress, "ip_address", Policy::kLeaveOut,
     "An ip is an IPv4 or IPv6 address, without a port."},
    {Rule::kUuid, "uuid", Policy::kLeaveOut,
     "Where mParticle takes a UUID, a text is one."},
    {Rule::kHashedEmail, "hashed_email", Policy::kLeaveOut,
     "An email is no 64 hexadecimal digits: those are a SHA-256 hash of one,"
     " so map it to a user attribute instead. Nothing else of an email is "
     "checked."},
    {Rule::kTimeUnit, "time_unit", Policy::kFix,
     "A time in ms is in ms: one that can only be seconds (before March 1973 "
     "if "
     "read as ms) or microseconds (after the year 9999) is converted."},
    {Rule::kTextLength, "text_length", Policy::kFix,
     "Event and screen names have at most 256 characters, attributes 4,096, "
     "texts in a list 512: what is longer is cut."},
    {Rule::kListLength, "list_length", Policy::kFix,
     "A list in a user attribute has at most 1,000 entries: what is longer is "
     "cut."},

    {Rule::kPropertyOnce, "property_once", Policy::kLeaveOut,
     "A property is set once: where `properties` has one that `ecommerce` has, "
     "the latter counts; likewise in a product."},
    {Rule::kAttributeName, "attribute_name", Policy::kLeaveOut,
     "An attribute's name has at most 256 characters and is not taken yet."},
    {Rule::kAttributeCount, "attribute_count", Policy::kLeaveOut,
     "An event has at most 100 custom attributes: those that a mapping names"
     " come first, then the others in the order of their names. Mappings to "
     "more than 100 attributes of an event or a user are an error of the "
     "file."},
    {Rule::kAttributePlace, "attribute_place", Policy::kLeaveOut,
     "A property that no mapping takes becomes a custom attribute, where the "
     "target has those."},
    {Rule::kListElement, "list_element", Policy::kLeaveOut,
     "An element of a list that `each` maps is an object that says something."},
    {Rule::kIncompletePart, "incomplete_part", Policy::kLeaveOut,
     "A part of a batch, such as a consent purpose or an impression, has what "
     "mParticle requires of it."},
};

constexpr bool InOrder() {
  int next = 0;
  for (const RuleInfo& info : kRules) {
    if (static_cast<int>(info.rule) != next++) return false;
  }
  return next == static_cast<int>(Rule::kIncompletePart) + 1;
}
static_assert(InOrder(), "the table holds every rule, in the enum's order");

}  // namespace

absl::Span<const RuleInfo> Rules() { return kRules; }

const RuleInfo& InfoOf(Rule rule) { return kRules[static_cast<int>(rule)]; }

}  // namespace signal_delivery::mapping
