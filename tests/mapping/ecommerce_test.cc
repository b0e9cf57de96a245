// Properties that come by type, in an event's `ecommerce`. That they are mapped
// as the same ones in `properties` also golden_test and property_test show.
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "datafly/signal/v1/event.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "mapping/mapper.h"
#include "mapping/mapping_config.h"
#include "mapping/signal_json.h"
#include "mapping/source_path.h"
#include "tests/mapping/test_time.h"
#include "tests/support/typed_properties.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::signal_delivery::support::DifferenceByForm;
using ::signal_delivery::support::WithEcommerce;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

// An order with all that a field can say, and what none can.
constexpr char kOrder[] = R"({
  "type": "track", "event": "Order Completed", "userId": "u",
  "messageId": "evt_1", "timestamp": "2024-01-29T14:53:20Z",
  "properties": {
    "order_id": "ORD-1", "currency": "usd", "revenue": 129.99, "total": 0,
    "tax": 8, "shipping": 4.99, "coupon": "", "affiliation": "Web",
    "list_id": "l", "list_name": "Sale", "step": 2, "payment_method": "Visa",
    "shipping_method": "Next day", "query": "shoes", "gift": true,
    "note": {"to": "J", "empty": {}}, "none": null,
    "products": [
      {"product_id": "A", "name": "Widget", "brand": "B", "category": "C",
       "variant": "V", "position": 1, "price": 49.99, "quantity": 0.5,
       "coupon": "P", "sku": "S", "color": "red", "size": {"eu": 42}},
      {}, {"name": "Gadget"}],
    "promotions": [{"promotion_id": "p", "name": "n", "creative": "c",
                    "position": "top"}]}})";

Event OrderFromJson() {
  absl::StatusOr<Event> event = EventFromJson(kOrder);
  EXPECT_TRUE(event.ok()) << event.status();
  return *std::move(event);
}

std::unique_ptr<const Mapper> MakeMapper(const std::string& yaml = "{}") {
  absl::StatusOr<ConfigNode> file = ConfigNode::Parse(yaml, "case.yaml");
  EXPECT_TRUE(file.ok()) << file.status();
  absl::StatusOr<MappingConfig> config = LoadMappings(*file);
  EXPECT_TRUE(config.ok()) << config.status();
  auto mapper = Mapper::Create(*config, {.api_key = "key"});
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  return *std::move(mapper);
}

TEST(EcommerceTest, EveryFieldIsThePropertyOfItsName) {
  const Event typed = WithEcommerce(OrderFromJson());
  // All is there by type that has a type.
  const auto fields =
      Event::descriptor()->file()->FindMessageTypeByName("Ecommerce");
  for (int i = 0; i < fields->field_count(); ++i) {
    const auto* field = fields->field(i);
    EXPECT_FALSE(typed.properties().fields().contains(field->name()))
        << field->name();
    const auto* reflection = typed.ecommerce().GetReflection();
    EXPECT_TRUE(field->is_repeated()
                    ? reflection->FieldSize(typed.ecommerce(), field) > 0
                    : reflection->HasField(typed.ecommerce(), field))
        << field->name();
  }
  EXPECT_EQ(typed.ecommerce().products(0).properties().fields_size(), 2);

  for (const char* preset : {"default", "retail"}) {
    EXPECT_EQ(DifferenceByForm(*MakeMapper(absl::StrCat("preset: ", preset)),
                               {OrderFromJson()}, kNow),
              "");
  }
}

TEST(EcommerceTest, WhatNoMappingTakesBecomesAttributesAsFromAStruct) {
  const Event typed = WithEcommerce(OrderFromJson());
  const MappedEvents mapped = MakeMapper()->Map({&typed}, kNow);
  ASSERT_EQ(mapped.batches.size(), 1);
  const std::string& body = mapped.batches[0].body;
  EXPECT_THAT(body, HasSubstr(R"("payment_method":"Visa")"));
  EXPECT_THAT(body, HasSubstr(R"("step":2)"));
  EXPECT_THAT(body, HasSubstr(R"("total":0)"));
  EXPECT_THAT(body, HasSubstr(R"("size.eu":"42")"));
  EXPECT_THAT(body, HasSubstr(R"([{\"creative\":\"c\",\"name\":\"n\",)"));
}

TEST(EcommerceTest, DroppedPropertiesAreDroppedByTypeToo) {
  const auto mapper = MakeMapper(
      "drop_properties: [payment_method, products.color, promotions.name, "
      "note.to]");
  EXPECT_EQ(DifferenceByForm(*mapper, {OrderFromJson()}, kNow), "");
  const Event typed = WithEcommerce(OrderFromJson());
  const MappedEvents mapped = mapper->Map({&typed}, kNow);
  ASSERT_EQ(mapped.batches.size(), 1);
  EXPECT_THAT(mapped.batches[0].body, Not(HasSubstr("payment_method")));
  EXPECT_THAT(mapped.batches[0].body, Not(HasSubstr("red")));
  EXPECT_THAT(mapped.batches[0].body, Not(HasSubstr(R"(\"name\")")));
}

TEST(EcommerceTest, ListsOfObjectsAreNoSingleValuesToATransform) {
  EXPECT_EQ(
      DifferenceByForm(
          *MakeMapper(
              "events:\n"
              "  Order Completed:\n"
              "    mappings:\n"
              "      - {source: properties.products, target: "
              "data.custom_attributes.all, transform: {join: ','}}\n"
              "      - {source: properties.promotions.name, target: "
              "data.custom_attributes.none}\n"
              "      - {source: properties.step, target: "
              "data.custom_attributes.step, transform: {multiply: 10}}\n"
              "      - {source: [properties.coupon, properties.promotions], "
              "target: user_attributes.p}\n"),
          {OrderFromJson()}, kNow),
      "");
}

TEST(EcommerceTest, WithoutAMessageIdTheIdIsTheSameToo) {
  Event order = OrderFromJson();
  order.clear_message_id();
  EXPECT_EQ(DifferenceByForm(*MakeMapper(), {order}, kNow), "");
  const Event typed = WithEcommerce(order);
  Event other = typed;
  other.mutable_ecommerce()->set_total(1);
  EXPECT_NE(MakeMapper()->Map({&typed}, kNow).batches[0].source_request_id,
            MakeMapper()->Map({&other}, kNow).batches[0].source_request_id);
}

TEST(EcommerceTest, OfAPropertyThatIsSetTwiceTheTypedOneCountsWithAWarning) {
  Event event;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        type: EVENT_TYPE_TRACK
        event: "Order Completed"
        user_id: "u"
        message_id: "evt_1"
        timestamp { seconds: 1706540000 }
        properties {
          fields {
            key: "order_id"
            value { string_value: "hidden" }
          }
          fields {
            key: "tax"
            value { null_value: NULL_VALUE }
          }
          fields {
            key: "coupon"
            value { string_value: "kept" }
          }
        }
        ecommerce {
          order_id: "typed"
          tax: 0
          products { product_id: "A" }
          products {
            product_id: "B"
            properties {
              fields {
                key: "product_id"
                value { string_value: "hidden" }
              }
            }
          }
        })pb",
      &event));
  const MappedEvents mapped = MakeMapper()->Explain({&event}, kNow);
  ASSERT_EQ(mapped.batches.size(), 1);
  EXPECT_THAT(mapped.batches[0].body, Not(HasSubstr("hidden")));
  EXPECT_THAT(mapped.batches[0].body, HasSubstr(R"("tax_amount":0)"));
  EXPECT_THAT(mapped.batches[0].body, HasSubstr(R"("coupon_code":"kept")"));
  const std::vector<Finding>& warnings = mapped.fates[0].findings.warnings;
  ASSERT_EQ(warnings.size(), 2);
  EXPECT_EQ(warnings[0].rule, Rule::kPropertyOnce);
  EXPECT_EQ(warnings[0].signal_path, "properties.order_id");
  EXPECT_EQ(warnings[1].rule, Rule::kPropertyOnce);
  EXPECT_EQ(warnings[1].signal_path, "properties.products[1].product_id");
}

TEST(EcommerceTest, ANumberThatJsonHasNoWordForIsLeftOut) {
  Event event = WithEcommerce(OrderFromJson());
  event.mutable_ecommerce()->set_tax(std::numeric_limits<double>::infinity());
  const MappedEvents mapped = MakeMapper()->Map({&event}, kNow);
  ASSERT_EQ(mapped.batches.size(), 1);
  EXPECT_THAT(mapped.batches[0].body, Not(HasSubstr("tax_amount")));
  EXPECT_THAT(mapped.fates[0].findings.warnings,
              Contains(AllOf(Field(&Finding::rule, Rule::kFiniteNumber),
                             Field(&Finding::signal_path, "properties.tax"))));
}

TEST(EcommerceTest, MappingsNameThemAsProperties) {
  const auto path = SourcePath::IntoEvent("ecommerce.order_id");
  EXPECT_THAT(path.status().message(),
              HasSubstr("write \"properties.order_id\""));
  EXPECT_THAT(SourcePath::IntoEvent("ecommerc").status().message(),
              Not(HasSubstr("ecommerce\"?")));
}

TEST(EcommerceTest, JsonHasThemInProperties) {
  EXPECT_EQ(EventToJson(WithEcommerce(OrderFromJson())),
            EventToJson(OrderFromJson()));
  const auto event =
      EventFromJson(R"({"type": "track", "ecommerce": {"order_id": "O"}})");
  EXPECT_EQ(event.status().message(),
            "ecommerce: JSON has all properties in \"properties\"; move them "
            "there");
  EXPECT_TRUE(EventFromJson(R"({"type": "track", "ecommerce": null})").ok());
}

}  // namespace
}  // namespace signal_delivery::mapping
