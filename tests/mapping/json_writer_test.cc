#include "mapping/json_writer.h"

#include <google/protobuf/struct.pb.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "mapping/batch_schema.h"
#include "mparticle/events/v2/batch.pb.h"
#include "tests/support/draft_of_message.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;
using namespace mparticle::events::v2;  // NOLINT: the subject of every test
using nlohmann::json;
using support::AppendMessage;

const JsonWriter& Writer() {
  static const auto& writer = *new JsonWriter(Batch::descriptor());
  return writer;
}

std::string Bytes(const pb::Message& message) {
  std::string out;
  const absl::Status status = AppendMessage(Writer(), message, &out);
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

json Json(const pb::Message& message) { return json::parse(Bytes(message)); }

TEST(JsonWriterTest, AppendsToWhatIsThere) {
  Batch batch;
  batch.set_schema_version(2);
  std::string out = "body=";
  ASSERT_TRUE(AppendMessage(Writer(), batch, &out).ok());
  EXPECT_EQ(out, R"(body={"schema_version":2})");
}

TEST(JsonWriterTest, WhatIsNotSetIsAbsent) { EXPECT_EQ(Bytes(Batch()), "{}"); }

TEST(JsonWriterTest, WhatIsSetToNothingIsKept) {
  Batch batch;
  batch.set_job_id("");
  batch.set_mpid(0);
  batch.mutable_device_info()->set_is_tablet(false);
  batch.mutable_context();
  auto* action = batch.add_events()->mutable_commerce_event();
  action->mutable_product_action()->set_total_amount(0);
  EXPECT_EQ(Json(batch), json::parse(R"({
    "job_id": "", "mpid": 0, "device_info": {"is_tablet": false},
    "context": {},
    "events": [{"event_type": "commerce_event",
                "data": {"product_action": {"total_amount": 0}}}]})"));
}

TEST(JsonWriterTest, EmptyListsAndMapsAreAbsent) {
  Batch batch;
  batch.mutable_deleted_user_attributes();
  batch.mutable_user_attributes();
  batch.mutable_events();
  EXPECT_EQ(Bytes(batch), "{}");
}

TEST(JsonWriterTest, RequiredListsAreWrittenEvenIfEmpty) {
  CommerceEventData data;
  data.mutable_shopping_cart();
  data.add_product_impressions()->set_product_impression_list("Search");
  EXPECT_EQ(Json(data), json::parse(R"({
    "shopping_cart": {"products": []},
    "product_impressions": [
      {"product_impression_list": "Search", "products": []}]})"));
}

TEST(JsonWriterTest, MembersComeInTheOrderOfDeclaration) {
  Batch batch;
  batch.add_events()->mutable_screen_view()->set_screen_name("Home");
  batch.set_ip("203.0.113.42");
  batch.set_schema_version(2);
  batch.set_environment(ENVIRONMENT_PRODUCTION);
  EXPECT_EQ(Bytes(batch),
            R"({"environment":"production","schema_version":2,)"
            R"("ip":"203.0.113.42","events":[{"event_type":"screen_view",)"
            R"("data":{"screen_name":"Home"}}]})");
}

TEST(JsonWriterTest, MapsComeInTheOrderOfTheirKeys) {
  Product product;
  std::string expected = R"({"custom_attributes":{)";
  for (char key = 'A'; key <= 'z'; ++key) {
    if (key == '\\') continue;
    expected += std::string(key == 'A' ? "" : ",") + '"' + key + R"(":"")";
  }
  for (char key = 'z'; key >= 'A'; --key) {
    if (key == '\\') continue;
    (*product.mutable_custom_attributes())[std::string(1, key)] = "";
  }
  EXPECT_EQ(Bytes(product), expected + "}}");
}

TEST(JsonWriterTest, KeysAreEscaped) {
  Product product;
  (*product.mutable_custom_attributes())["a\"b\n"] = "c\\d";
  (*product.mutable_custom_attributes())[""] = "";
  EXPECT_EQ(Bytes(product), R"({"custom_attributes":{"":"","a\"b\n":"c\\d"}})");
}

TEST(JsonWriterTest, IntegersAreNumbersOverTheirWholeRange) {
  Batch batch;
  batch.set_mpid(std::numeric_limits<int64_t>::min());
  batch.set_batch_id(std::numeric_limits<int64_t>::max());
  batch.set_schema_version(std::numeric_limits<int32_t>::min());
  EXPECT_EQ(Bytes(batch),
            R"({"schema_version":-2147483648,"batch_id":9223372036854775807,)"
            R"("mpid":-9223372036854775808})");
}

TEST(JsonWriterTest, DoublesTakeTheirShortestForm) {
  ProductAction action;
  action.set_total_amount(129.99);
  action.set_tax_amount(8.00);
  action.set_shipping_amount(-0.1);
  EXPECT_EQ(Bytes(action),
            R"({"total_amount":129.99,"tax_amount":8,"shipping_amount":-0.1})");
}

TEST(JsonWriterTest, EnumsTakeTheirSpelling) {
  DeviceInformation device;
  device.set_platform(PLATFORM_TVOS);
  device.set_att_authorization_status(ATT_AUTHORIZATION_STATUS_NOT_DETERMINED);
  EXPECT_EQ(Json(device), json::parse(R"({
    "platform": "tvOS", "att_authorization_status": "not_determined"})"));
}

TEST(JsonWriterTest, AttributesStandAsTheirValue) {
  Batch batch;
  auto& attributes = *batch.mutable_user_attributes();
  attributes["text"].set_string_value("");
  attributes["number"].set_number_value(0.5);
  attributes["integer"].set_integer_value(9007199254740993);
  attributes["bool"].set_bool_value(false);
  attributes["none"].mutable_list_value();
  AttributeList& list = *attributes["list"].mutable_list_value();
  list.add_values()->set_string_value("a");
  list.add_values()->set_bool_value(true);
  list.add_values()->set_integer_value(-1);
  (*(*batch.mutable_integration_attributes())["1234"].mutable_entries())["k"] =
      "v";
  (*batch.mutable_integration_attributes())["5678"].mutable_entries();
  EXPECT_EQ(Json(batch), json::parse(R"({
    "user_attributes": {
      "text": "", "number": 0.5, "integer": 9007199254740993, "bool": false,
      "none": [], "list": ["a", true, -1]},
    "integration_attributes": {"1234": {"k": "v"}, "5678": {}}})"));
}

TEST(JsonWriterTest, EveryKindOfEventSaysItsType) {
  const pb::OneofDescriptor* kinds = Event::descriptor()->oneof_decl(0);
  for (int i = 0; i < kinds->field_count(); ++i) {
    Event event;
    event.GetReflection()->MutableMessage(&event, kinds->field(i));
    EXPECT_EQ(Json(event), json({{"event_type", kinds->field(i)->name()},
                                 {"data", json::object()}}));
  }
}

TEST(JsonWriterTest, BreadcrumbsOfACrashAreEventsToo) {
  CrashReportData crash;
  for (const char* label : {"first", "second"}) {
    crash.add_breadcrumbs()->mutable_breadcrumb()->set_label(label);
  }
  EXPECT_EQ(Json(crash), json::parse(R"({"breadcrumbs": [
    {"event_type": "breadcrumb", "data": {"label": "first"}},
    {"event_type": "breadcrumb", "data": {"label": "second"}}]})"));
}

TEST(JsonWriterTest, TheSameMessageAlwaysGivesTheSameBytes) {
  Batch one;
  Batch other;
  for (int i = 0; i < 100; ++i) {
    (*one.mutable_user_attributes())[std::to_string(i)].set_integer_value(i);
    (*other.mutable_user_attributes())[std::to_string(99 - i)]
        .set_integer_value(99 - i);
  }
  EXPECT_EQ(Bytes(one), Bytes(other));
}

// More than the writer's buffer holds, and more than its map entries.
TEST(JsonWriterTest, LargeBatchesAreWhole) {
  Batch batch;
  for (int i = 0; i < 1000; ++i) {
    auto* data = batch.add_events()->mutable_custom_event();
    data->set_event_name(std::string(i, 'n'));
    for (int j = 0; j < i % 40; ++j) {
      (*data->mutable_custom_attributes())[std::to_string(j)].set_bool_value(
          true);
    }
  }
  const json written = Json(batch);
  ASSERT_EQ(written["events"].size(), 1000u);
  EXPECT_EQ(written["events"][999]["data"]["event_name"],
            std::string(999, 'n'));
  EXPECT_EQ(written["events"][39]["data"]["custom_attributes"].size(), 39u);
}

// Lists in maps in lists, as deep as wanted: well-known types have no
// annotations, so each level is an object.
TEST(JsonWriterTest, NestsDeeply) {
  constexpr int kDepth = 500;
  pb::Value value;
  value.set_string_value("bottom");
  for (int i = 0; i < kDepth; ++i) {
    pb::Value outer;
    *outer.mutable_list_value()->add_values() = value;
    value = outer;
  }
  std::string out;
  ASSERT_TRUE(
      AppendMessage(JsonWriter(pb::Value::descriptor()), value, &out).ok());
  json level = json::parse(out);
  for (int i = 0; i < kDepth; ++i) level = level["list_value"]["values"][0];
  EXPECT_EQ(level, json({{"string_value", "bottom"}}));
}

// Sets every field of a message once, and says what JSON it then is.
json FillAndExpect(pb::Message* message);

json FillValue(pb::Message* message, const pb::FieldDescriptor* field) {
  const pb::Reflection* set = message->GetReflection();
  const bool adds = field->is_repeated();
  switch (field->cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_STRING:
      adds ? set->AddString(message, field, field->name())
           : set->SetString(message, field, field->name());
      return field->name();
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      set->SetDouble(message, field, field->number() + 0.5);
      return field->number() + 0.5;
    case pb::FieldDescriptor::CPPTYPE_INT32:
      set->SetInt32(message, field, -field->number());
      return -field->number();
    case pb::FieldDescriptor::CPPTYPE_INT64:
      set->SetInt64(message, field, 1706540000000 + field->number());
      return 1706540000000 + field->number();
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      set->SetBool(message, field, true);
      return true;
    case pb::FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = field->enum_type()->FindValueByNumber(1);
      set->SetEnum(message, field, value);
      return std::string(Spelling(*value));
    }
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return FillAndExpect(adds ? set->AddMessage(message, field)
                                : set->MutableMessage(message, field));
    default:
      ADD_FAILURE() << field->full_name();
      return nullptr;
  }
}

json FillAndExpect(pb::Message* message) {
  const pb::Descriptor* type = message->GetDescriptor();
  json expected = json::object();
  for (int i = 0; i < type->field_count(); ++i) {
    const pb::FieldDescriptor* field = type->field(i);
    const pb::OneofDescriptor* oneof = field->real_containing_oneof();
    if (oneof != nullptr && oneof->field(0) != field) continue;
    json value = FillValue(message, field);
    if (field->is_map()) {
      value = {{value["key"].get<std::string>(), value["value"]}};
    } else if (field->is_repeated()) {
      value = json::array({value});
    }
    if (IsInlined(*type)) return value;
    if (oneof != nullptr) {
      expected[std::string(DiscriminatorOf(*oneof))] = field->name();
      expected[oneof->name()] = value;
    } else {
      expected[field->name()] = value;
    }
  }
  return expected;
}

TEST(JsonWriterTest, EveryFieldOfABatchHasItsPlace) {
  Batch batch;
  const json expected = FillAndExpect(&batch);
  EXPECT_EQ(expected.size(),
            static_cast<size_t>(Batch::descriptor()->field_count()));
  EXPECT_EQ(Json(batch), expected);
}

TEST(JsonWriterTest, EveryFieldOfEveryKindOfEventHasItsPlace) {
  const pb::OneofDescriptor* kinds = Event::descriptor()->oneof_decl(0);
  for (int i = 0; i < kinds->field_count(); ++i) {
    Event event;
    const json expected = FillAndExpect(
        event.GetReflection()->MutableMessage(&event, kinds->field(i)));
    EXPECT_EQ(Json(event)["data"], expected) << kinds->field(i)->name();
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
