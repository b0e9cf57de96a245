// Every text of event.proto can be read, and is the one that its path says.
#include "mapping/event_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "mapping/ecommerce_nodes.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Event;
using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::testing::IsNull;
using ::testing::NotNull;

using Steps = std::vector<const FieldDescriptor*>;

// All texts below `message` that stand alone, each as the way there.
void FindTexts(const Descriptor& message, const Steps& way,
               std::vector<Steps>& found) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor* const field = message.field(i);
    if (field->is_repeated() || IsReadAsProperties(*field)) continue;
    Steps further = way;
    further.push_back(field);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      found.push_back(further);
    } else if (field->message_type() != nullptr &&
               field->message_type()->file() == Event::descriptor()->file()) {
      FindTexts(*field->message_type(), further, found);
    }
  }
}

std::string PathOf(const Steps& way) {
  std::string path;
  for (const FieldDescriptor* step : way) {
    path += (path.empty() ? "" : ".") + step->name();
  }
  return path;
}

class EventTextTest : public testing::TestWithParam<Steps> {
 protected:
  void Set(const std::string& text) {
    Message* message = &event_;
    for (const FieldDescriptor* step : GetParam()) {
      const auto& reflection = *message->GetReflection();
      if (step == GetParam().back()) {
        reflection.SetString(message, step, text);
      } else {
        message = reflection.MutableMessage(message, step);
      }
    }
  }

  const EventText text_ = FindEventText(PathOf(GetParam()));
  Event event_;
};

TEST_P(EventTextTest, IsReadWhereItIsSet) {
  ASSERT_THAT(text_, NotNull());
  EXPECT_EQ(text_(EventFields(event_)), std::nullopt);
  Set("");
  EXPECT_EQ(text_(EventFields(event_)), "");
  Set("this one");
  EXPECT_EQ(text_(EventFields(event_)), "this one");
}

std::vector<Steps> AllTexts() {
  std::vector<Steps> texts;
  FindTexts(*Event::descriptor(), {}, texts);
  return texts;
}

INSTANTIATE_TEST_SUITE_P(All, EventTextTest, testing::ValuesIn(AllTexts()),
                         [](const auto& info) {
                           std::string name = PathOf(info.param);
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

TEST(FindEventTextTest, KnowsNothingElse) {
  EXPECT_THAT(FindEventText("context.page"), IsNull());
  EXPECT_THAT(FindEventText("timestamp"), IsNull());
  EXPECT_THAT(FindEventText(""), IsNull());
}

}  // namespace
}  // namespace signal_delivery::mapping
