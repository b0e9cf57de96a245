#include "mapping/batch_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "mparticle/events/v2/batch.pb.h"

namespace signal_delivery::mapping {
namespace {

namespace pb = google::protobuf;
namespace v2 = mparticle::events::v2;

using ::testing::ElementsAre;

const pb::FieldDescriptor& Field(const pb::Descriptor* message,
                                 const char* name) {
  return *message->FindFieldByName(name);
}

absl::string_view SpellingOf(const pb::EnumDescriptor* type, int number) {
  return Spelling(*type->FindValueByNumber(number));
}

void Collect(const pb::Descriptor* message,
             std::set<const pb::Descriptor*>* messages) {
  if (!messages->insert(message).second) return;
  for (int i = 0; i < message->field_count(); ++i) {
    if (const auto* type = message->field(i)->message_type()) {
      Collect(type, messages);
    }
  }
}

std::set<const pb::Descriptor*> AllMessages() {
  std::set<const pb::Descriptor*> messages;
  Collect(v2::Batch::descriptor(), &messages);
  return messages;
}

TEST(SpellingTest, IsTheLowerCaseOfTheNameWithoutItsPrefix) {
  EXPECT_EQ(
      SpellingOf(v2::Environment_descriptor(), v2::ENVIRONMENT_PRODUCTION),
      "production");
  EXPECT_EQ(SpellingOf(v2::ProductActionType_descriptor(),
                       v2::PRODUCT_ACTION_TYPE_REMOVE_FROM_WISH_LIST),
            "remove_from_wish_list");
  EXPECT_EQ(SpellingOf(v2::CommerceCustomEventType_descriptor(),
                       v2::COMMERCE_CUSTOM_EVENT_TYPE_REMOVE_FROM_WISHLIST),
            "remove_from_wishlist");
}

TEST(SpellingTest, IsTheAnnotationWhereThereIsOne) {
  EXPECT_EQ(SpellingOf(v2::Platform_descriptor(), v2::PLATFORM_IOS), "iOS");
  EXPECT_EQ(SpellingOf(v2::ApplicationOs_descriptor(), v2::APPLICATION_OS_IOS),
            "IOS");
}

TEST(SpellingTest, TheValueThatSaysThatNoneIsSetHasNone) {
  EXPECT_EQ(SpellingOf(v2::Platform_descriptor(), v2::PLATFORM_UNSPECIFIED),
            "");
}

TEST(SpellingTest, StaysWhereItIs) {
  const auto first =
      SpellingOf(v2::Environment_descriptor(), v2::ENVIRONMENT_PRODUCTION);
  for (int i = 1; i < v2::CommerceCustomEventType_ARRAYSIZE; ++i) {
    EXPECT_NE(SpellingOf(v2::CommerceCustomEventType_descriptor(), i), "");
  }
  EXPECT_EQ(SpellingOf(v2::Environment_descriptor(), v2::ENVIRONMENT_PRODUCTION)
                .data(),
            first.data());
}

TEST(FindBySpellingTest, FindsEveryValueOfTheBatchByItsSpelling) {
  for (const pb::Descriptor* message : AllMessages()) {
    for (int i = 0; i < message->field_count(); ++i) {
      const pb::EnumDescriptor* type = message->field(i)->enum_type();
      for (int j = 1; type != nullptr && j < type->value_count(); ++j) {
        EXPECT_EQ(FindBySpelling(*type, Spelling(*type->value(j))),
                  type->value(j));
      }
    }
  }
}

TEST(FindBySpellingTest, FindsNothingElse) {
  const pb::EnumDescriptor& type = *v2::Platform_descriptor();
  for (const char* no : {"", "ios", "IOS", "PLATFORM_IOS", "unspecified"}) {
    EXPECT_EQ(FindBySpelling(type, no), nullptr) << no;
  }
}

TEST(AnnotationTest, AreReadFromTheDescriptors) {
  EXPECT_TRUE(IsInlined(*v2::UserAttributeValue::descriptor()));
  EXPECT_FALSE(IsInlined(*v2::Batch::descriptor()));

  EXPECT_TRUE(IsRequired(Field(v2::ConsentPurpose::descriptor(), "consented")));
  EXPECT_FALSE(IsRequired(Field(v2::ConsentPurpose::descriptor(), "document")));

  EXPECT_EQ(FormatOf(Field(v2::Batch::descriptor(), "ip")),
            v2::TEXT_FORMAT_IP_ADDRESS);
  EXPECT_EQ(FormatOf(Field(v2::Batch::descriptor(), "mp_deviceid")),
            v2::TEXT_FORMAT_UUID);
  EXPECT_EQ(FormatOf(Field(v2::Batch::descriptor(), "job_id")),
            v2::TEXT_FORMAT_UNSPECIFIED);

  EXPECT_EQ(DiscriminatorOf(*v2::Event::descriptor()->oneof_decl(0)),
            "event_type");
  EXPECT_EQ(DiscriminatorOf(*v2::AttributeValue::descriptor()->oneof_decl(0)),
            "");
}

// What the messages promise one another, and what the JSON writer relies on.

TEST(BatchProtoTest, EveryEventHasTheSameCommonFields) {
  constexpr int kFirstOwnNumber = 20;
  const pb::Descriptor* common = v2::FirstRunData::descriptor();
  ASSERT_EQ(common->field_count(), kFirstOwnNumber - 1);
  const pb::OneofDescriptor* kinds = v2::Event::descriptor()->oneof_decl(0);
  for (int i = 0; i < kinds->field_count(); ++i) {
    const pb::Descriptor* data = kinds->field(i)->message_type();
    for (int j = 0; j < data->field_count(); ++j) {
      const pb::FieldDescriptor* field = data->field(j);
      if (j >= common->field_count()) {
        EXPECT_GE(field->number(), kFirstOwnNumber) << field->full_name();
        continue;
      }
      const pb::FieldDescriptor* expected = common->field(j);
      EXPECT_EQ(field->name(), expected->name()) << data->name();
      EXPECT_EQ(field->number(), expected->number()) << field->full_name();
      EXPECT_EQ(field->type(), expected->type()) << field->full_name();
      EXPECT_EQ(FormatOf(*field), FormatOf(*expected)) << field->full_name();
      EXPECT_EQ(IsRequired(*field), IsRequired(*expected))
          << field->full_name();
      if (!field->is_map() && field->message_type() != nullptr) {
        EXPECT_EQ(field->message_type(), expected->message_type());
      }
    }
  }
}

TEST(BatchProtoTest, FieldsAreDeclaredInTheOrderOfTheirNumbers) {
  for (const pb::Descriptor* message : AllMessages()) {
    for (int i = 1; i < message->field_count(); ++i) {
      EXPECT_LT(message->field(i - 1)->number(), message->field(i)->number())
          << message->field(i)->full_name();
    }
  }
}

TEST(BatchProtoTest, EverySingleValueSaysWhetherItIsSet) {
  for (const pb::Descriptor* message : AllMessages()) {
    if (message->options().map_entry()) continue;
    for (int i = 0; i < message->field_count(); ++i) {
      const pb::FieldDescriptor* field = message->field(i);
      EXPECT_TRUE(field->is_repeated() || field->has_presence())
          << field->full_name();
    }
  }
}

TEST(BatchProtoTest, EventsAreTheLastMemberOfABatch) {
  const pb::Descriptor* batch = v2::Batch::descriptor();
  EXPECT_EQ(batch->field(batch->field_count() - 1)->name(), "events");
}

TEST(BatchProtoTest, EventKindsAreThoseOfTheSchema) {
  std::vector<std::string> kinds;
  const pb::OneofDescriptor* oneof = v2::Event::descriptor()->oneof_decl(0);
  for (int i = 0; i < oneof->field_count(); ++i) {
    kinds.push_back(oneof->field(i)->name());
  }
  EXPECT_THAT(
      kinds, ElementsAre("session_start", "session_end", "screen_view",
                         "custom_event", "crash_report", "opt_out", "first_run",
                         "push_registration", "application_state_transition",
                         "push_message", "network_performance", "breadcrumb",
                         "profile", "commerce_event", "user_attribute_change",
                         "user_identity_change", "uninstall"));
}

TEST(BatchProtoTest, IdentityTypesAreTheFieldsOfUserIdentities) {
  const pb::Descriptor* identities = v2::UserIdentities::descriptor();
  const pb::EnumDescriptor* types = v2::IdentityType_descriptor();
  ASSERT_EQ(types->value_count(), identities->field_count() + 1);
  for (int i = 0; i < identities->field_count(); ++i) {
    EXPECT_NE(FindBySpelling(*types, identities->field(i)->name()), nullptr);
  }
}

}  // namespace
}  // namespace signal_delivery::mapping
