#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "mapping/json_writer.h"
#include "mparticle/events/v2/batch.pb.h"
#include "tests/support/draft_of_message.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;
using namespace mparticle::events::v2;  // NOLINT: the subject of every test
using support::AppendMessage;

const JsonWriter& Writer() {
  static const auto& writer = *new JsonWriter(Batch::descriptor());
  return writer;
}

// The message of the error that writing fails with.
std::string Error(const pb::Message& message) {
  std::string out = "before";
  const absl::Status status = AppendMessage(Writer(), message, &out);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(out, "before");
  return std::string(status.message());
}

TEST(JsonWriterErrorTest, NamesTheFieldThatIsNotANumber) {
  Batch batch;
  batch.add_events()->mutable_screen_view();
  auto* action =
      batch.add_events()->mutable_commerce_event()->mutable_product_action();
  action->set_total_amount(std::nan(""));
  EXPECT_EQ(Error(batch),
            "events[1].data.product_action.total_amount: is NaN or infinite");
  action->clear_total_amount();
  action->add_products();
  action->add_products()->set_price(HUGE_VAL);
  EXPECT_EQ(
      Error(batch),
      "events[1].data.product_action.products[1].price: is NaN or infinite");
}

TEST(JsonWriterErrorTest, NamesTheTextThatIsNotUtf8) {
  Batch batch;
  batch.add_deleted_user_attributes("fine");
  batch.add_deleted_user_attributes("\xff");
  EXPECT_EQ(Error(batch), "deleted_user_attributes[1]: is not UTF-8");
}

TEST(JsonWriterErrorTest, NamesTheMapWhoseKeyIsNotUtf8) {
  Batch batch;
  (*batch.mutable_partner_identities())["\xff"] = "";
  EXPECT_EQ(Error(batch), "partner_identities: has a key that is not UTF-8");
}

TEST(JsonWriterErrorTest, NamesTheAttributeAndTheElementOfItsList) {
  Batch batch;
  AttributeList* list =
      (*batch.mutable_user_attributes())["sizes"].mutable_list_value();
  list->add_values()->set_integer_value(1);
  list->add_values()->set_number_value(std::nan(""));
  EXPECT_EQ(Error(batch), "user_attributes.sizes[1]: is NaN or infinite");
}

TEST(JsonWriterErrorTest, AnAttributeMustHaveAValue) {
  Batch batch;
  (*batch.mutable_user_attributes())["city"];
  EXPECT_EQ(Error(batch), "user_attributes.city: has no value");
}

TEST(JsonWriterErrorTest, AnEventMustBeOfAKind) {
  Batch batch;
  batch.add_events();
  EXPECT_EQ(Error(batch), "events[0]: has no value");
}

TEST(JsonWriterErrorTest, AnEnumMustHaveOneOfItsValues) {
  for (const int number : {0, 3, -1, std::numeric_limits<int>::min(),
                           std::numeric_limits<int>::max()}) {
    Batch batch;
    batch.set_environment(static_cast<Environment>(number));
    EXPECT_EQ(Error(batch), "environment: is none of the enum's values");
  }
}

TEST(JsonWriterErrorTest, UnknownFieldsAreNotLostSilently) {
  Batch batch;
  batch.GetReflection()->MutableUnknownFields(&batch)->AddVarint(1000, 1);
  EXPECT_EQ(Error(batch), "has an unknown field");
}

TEST(JsonWriterErrorTest, RefusesTypesThatTheBatchDoesNotHave) {
  std::string out;
  pb::BytesValue bytes;
  bytes.set_value("x");
  EXPECT_EQ(AppendMessage(JsonWriter(pb::BytesValue::descriptor()), bytes, &out)
                .message(),
            "value: is of a type that has no form in the batch's JSON");
  EXPECT_EQ(out, "");
}

TEST(JsonWriterErrorTest, RefusesAMessageThatItDoesNotKnow) {
  EXPECT_EQ(Error(pb::BytesValue()),
            "google.protobuf.BytesValue is not one of the messages that this "
            "writer knows");
}

}  // namespace
}  // namespace signal_delivery::mapping
