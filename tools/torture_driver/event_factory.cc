#include "tools/torture_driver/event_factory.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"

namespace signal_delivery::torture {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Struct;

constexpr uint32_t kMostEvents = 12;
constexpr uint32_t kMostEventsOfOneUser = 64;
// One in so many requests is of one user, with many events.
constexpr uint32_t kLargeRequests = 12;
constexpr uint32_t kPoisonousLargeRequests = 3;
// Large, and within mParticle's 4,096 characters of a value.
constexpr int kBulkyProperties = 8;
constexpr int kBulkyCharacters = 4000;

void SetText(Struct& properties, const std::string& name,
             const std::string& value) {
  (*properties.mutable_fields())[name].set_string_value(value);
}

void SetNumber(Struct& properties, const std::string& name, double value) {
  (*properties.mutable_fields())[name].set_number_value(value);
}

EventKind RandomKind(std::mt19937_64& random, uint32_t poison_one_in) {
  if (OneIn(random, poison_one_in)) {
    return OneIn(random, 3) ? EventKind::kPoison413 : EventKind::kPoison;
  }
  if (OneIn(random, 200)) return EventKind::kBulky;
  static constexpr EventKind kKinds[] = {
      EventKind::kLogin,     EventKind::kLogin,     EventKind::kSignUp,
      EventKind::kSearch,    EventKind::kSearch,    EventKind::kPage,
      EventKind::kPage,      EventKind::kPage,      EventKind::kAddToCart,
      EventKind::kAddToCart, EventKind::kOrder,     EventKind::kOrder,
      EventKind::kIdentify,  EventKind::kNotMapped, EventKind::kNoConsent,
      EventKind::kInvalid};
  return kKinds[Below(random, std::size(kKinds))];
}

void SetProduct(uint32_t number, Struct& properties) {
  auto* products =
      (*properties.mutable_fields())["products"].mutable_list_value();
  Struct& product = *products->add_values()->mutable_struct_value();
  SetText(product, "product_id", absl::StrCat("sku-", number % 100));
  SetText(product, "name", "Tee");
  SetNumber(product, "price", 19.5);
}

void SetWhatHappened(uint32_t number, EventKind kind, Event& event) {
  event.set_type(datafly::signal::v1::EVENT_TYPE_TRACK);
  Struct& properties = *event.mutable_properties();
  switch (kind) {
    case EventKind::kPage:
      event.set_type(datafly::signal::v1::EVENT_TYPE_PAGE);
      event.mutable_context()->mutable_page()->set_title(
          BatchEventName(number, kind));
      break;
    case EventKind::kIdentify:
      event.set_type(datafly::signal::v1::EVENT_TYPE_IDENTIFY);
      SetText(*event.mutable_traits(), "email", Email(number));
      break;
    case EventKind::kSignUp:
      event.set_event("Signed Up");
      break;
    case EventKind::kSearch:
      event.set_event("Products Searched");
      SetText(properties, "query", "grüne Jacke \"M\"\n");
      break;
    case EventKind::kAddToCart:
      event.set_event("Product Added");
      SetProduct(number, properties);
      break;
    case EventKind::kOrder:
      event.set_event("Order Completed");
      SetText(properties, "order_id", absl::StrCat("order-", number));
      SetNumber(properties, "total", 100 + number % 100);
      SetText(properties, "currency", "EUR");
      SetProduct(number, properties);
      break;
    case EventKind::kBulky:
      event.set_event("Logged In");
      for (int i = 0; i < kBulkyProperties; ++i) {
        SetText(properties, absl::StrCat("bulk_", i),
                std::string(kBulkyCharacters, 'x'));
      }
      break;
    case EventKind::kNotMapped:
      event.set_event("Not Mapped");
      break;
    case EventKind::kNoConsent:
      event.set_event("Logged In");
      (*event.mutable_context()
            ->mutable_consent()
            ->mutable_categories())["marketing"] = false;
      break;
    case EventKind::kInvalid:
      break;  // a track without a name
    default:
      event.set_event("Logged In");
      break;
  }
}

Event MakeEvent(uint32_t number, const EventFacts& facts) {
  Event event;
  SetWhatHappened(number, facts.kind, event);
  if (facts.has_user_id) event.set_user_id(UserId(facts));
  if (facts.has_anonymous_id) event.set_anonymous_id(AnonymousId(facts));
  if (facts.has_message_id) event.set_message_id(MessageId(number, facts.kind));
  const int64_t now_ms = absl::ToUnixMillis(absl::Now());
  event.mutable_timestamp()->set_seconds(now_ms / 1000);
  event.mutable_timestamp()->set_nanos(static_cast<int>(now_ms % 1000) *
                                       1'000'000);
  SetText(*event.mutable_properties(), "number", absl::StrCat(number));
  SetText(*event.mutable_properties(), "checksum", Checksum(number, facts));
  return event;
}

}  // namespace

std::string IntegrationId(int integration) {
  return absl::StrCat("torture-", integration);
}

Request MakeRequest(uint32_t number, int integration,
                    std::vector<uint32_t> users, std::mt19937_64& random,
                    Ledger& ledger) {
  const bool is_large = OneIn(random, kLargeRequests);
  uint32_t poison_one_in = 200;
  uint32_t count = 1 + Below(random, kMostEvents);
  if (is_large) {
    users.resize(1);
    count = 8 + Below(random, kMostEventsOfOneUser - 8);
    if (OneIn(random, kPoisonousLargeRequests)) poison_one_in = 15;
  }
  Request request{number, integration, std::move(users), {}, {}};
  // By position in request.users.
  std::vector<std::optional<uint32_t>> identifies(request.users.size());
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t who = Below(random, request.users.size());
    EventFacts facts;
    facts.kind = RandomKind(random, poison_one_in);
    facts.integration = static_cast<uint8_t>(integration);
    facts.user = request.users[who];
    facts.request = number;
    facts.identify = identifies[who];
    if (facts.kind == EventKind::kIdentify) {
      // One per user, so that each of its traits is told by one event only.
      if (identifies[who].has_value()) continue;
    } else {
      const uint32_t ids = Below(random, 8);
      facts.has_user_id = ids != 0;
      facts.has_anonymous_id = ids != 1;
      facts.has_message_id = IsPoison(facts.kind) || !OneIn(random, 20);
    }
    const uint32_t event_number = ledger.Add(facts);
    if (facts.kind == EventKind::kIdentify) identifies[who] = event_number;
    request.events.push_back(MakeEvent(event_number, facts));
    request.numbers.push_back(event_number);
    if (IsGood(facts) && OneIn(random, 100)) {
      facts.copy_of = event_number;
      request.numbers.push_back(ledger.Add(facts));
      request.events.push_back(Event(request.events.back()));
    }
  }
  return request;
}

}  // namespace signal_delivery::torture
