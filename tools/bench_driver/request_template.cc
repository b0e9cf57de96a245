#include "tools/bench_driver/request_template.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "datafly/delivery/v1/delivery_service.pb.h"
#include "google/protobuf/struct.pb.h"
#include "grpcpp/impl/grpc_library.h"
#include "grpcpp/support/slice.h"

namespace signal_delivery::bench {
namespace {

using ::datafly::delivery::v1::DeliverEventsRequest;
using ::datafly::signal::v1::Event;

// Each place in a request that holds a name first holds one of these, followed
// by the number of the event or user.
constexpr char kEventMark[] = "event-";
constexpr char kUserMark[] = "user--";
// As many hexadecimal digits hold any 64 bits.
constexpr size_t kDigits = 16;

std::string Marked(const char* mark, int number) {
  return absl::StrCat(mark, absl::Hex(number, absl::kZeroPad16));
}

void WriteHex(uint64_t number, char* digits) {
  for (size_t i = kDigits; i-- > 0; number >>= 4) {
    digits[i] = "0123456789abcdef"[number & 15];
  }
}

// What a shop's browser sends, but for personal data.
void FillIn(int properties, Event& event) {
  event.set_type(datafly::signal::v1::EVENT_TYPE_TRACK);
  event.set_event("Logged In");
  const absl::Time now = absl::Now();
  event.mutable_timestamp()->set_seconds(absl::ToUnixSeconds(now));
  auto& context = *event.mutable_context();
  context.set_ip("203.0.113.50");
  context.set_user_agent(
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 "
      "(KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36");
  context.set_locale("en-US");
  context.mutable_page()->set_url("https://shop.example/account/login");
  context.mutable_page()->set_title("Log in");
  auto& fields = *event.mutable_properties()->mutable_fields();
  for (int i = 0; i < properties; ++i) {
    google::protobuf::Value& value = fields[absl::StrCat("property_", i)];
    switch (i % 4) {
      case 0:
        value.set_string_value(absl::StrCat("some text of usual length ", i));
        break;
      case 1:
        value.set_number_value(i);
        break;
      case 2:
        value.set_number_value(i + 0.99);
        break;
      default:
        value.set_bool_value(i % 8 == 3);
    }
  }
}

}  // namespace

RequestTemplate::RequestTemplate(const Shape& shape)
    : next_name_(absl::GetCurrentTimeNanos()) {
  // Bytes of gRPC's are of its library, and a program that holds that itself
  // has only as much of it as is asked for.
  grpc::internal::GrpcLibraryInitializer().summon();
  DeliverEventsRequest request;
  request.set_integration_id(shape.integration);
  for (int i = 0; i < shape.events; ++i) {
    Event& event = *request.add_events();
    FillIn(shape.properties, event);
    event.set_message_id(Marked(kEventMark, i));
    event.set_user_id(Marked(kUserMark, i % shape.users));
    event.set_anonymous_id(Marked(kUserMark, i % shape.users));
  }
  wire_ = request.SerializeAsString();
  events_ = FindPlaces(kEventMark);
  users_ = FindPlaces(kUserMark);
}

std::vector<RequestTemplate::Place> RequestTemplate::FindPlaces(
    const std::string& mark) const {
  std::vector<Place> places;
  for (size_t found = wire_.find(mark); found != std::string::npos;
       found = wire_.find(mark, found + 1)) {
    const size_t digits = found + mark.size();
    const std::string number = wire_.substr(digits, kDigits);
    places.push_back({digits, std::stoi(number, nullptr, /*base=*/16)});
  }
  return places;
}

grpc::ByteBuffer RequestTemplate::Next() {
  for (const std::vector<Place>* places : {&events_, &users_}) {
    for (const Place& place : *places) {
      WriteHex(next_name_ + place.number, wire_.data() + place.offset);
    }
  }
  next_name_ += events_.size();
  const grpc::Slice slice(wire_);
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace signal_delivery::bench
