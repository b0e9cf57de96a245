// What the tests of signal_json have in common.
#ifndef TESTS_MAPPING_SIGNAL_JSON_TESTING_H_
#define TESTS_MAPPING_SIGNAL_JSON_TESTING_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "datafly/signal/v1/event.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "mapping/signal_json.h"

namespace signal_delivery::mapping {

inline datafly::signal::v1::Event Textproto(const std::string& text) {
  datafly::signal::v1::Event event;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &event));
  return event;
}

// Reads one event that must be readable.
inline datafly::signal::v1::Event Read(const std::string& json) {
  absl::StatusOr<datafly::signal::v1::Event> event = EventFromJson(json);
  EXPECT_TRUE(event.ok()) << event.status() << "\n" << json;
  return event.ok() ? *event : datafly::signal::v1::Event();
}

// The message of the error that `json` must give.
inline std::string Error(const std::string& json) {
  absl::StatusOr<datafly::signal::v1::Event> event = EventFromJson(json);
  EXPECT_FALSE(event.ok()) << json;
  if (event.ok()) return "";
  EXPECT_EQ(event.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(event.status().message());
}

MATCHER_P(EqualsEvent, expected, "") {
  *result_listener << arg.DebugString();
  return google::protobuf::util::MessageDifferencer::Equals(arg, expected);
}

}  // namespace signal_delivery::mapping

#endif  // TESTS_MAPPING_SIGNAL_JSON_TESTING_H_
