#include "server/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/status.h"

namespace signal_delivery::server {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kNoWait = absl::ZeroDuration();
constexpr absl::Duration kTimeLeft = absl::Seconds(10);

class AdmissionTest : public testing::Test {
 protected:
  // Keeps the permit, if there is one.
  absl::Status Admit(const std::string& integration, size_t bytes = 0) {
    auto permit = admission_.Admit(integration, bytes, kNoWait, kTimeLeft);
    if (!permit.ok()) return permit.status();
    permits_.push_back(*std::move(permit));
    return absl::OkStatus();
  }
  // How many calls are admitted until one is not.
  int Fill(const std::string& integration, size_t bytes = 0) {
    int calls = 0;
    while (Admit(integration, bytes).ok()) ++calls;
    return calls;
  }

  Admission admission_{{.max_calls = 12, .max_bytes = 1200}};
  std::vector<Admission::Permit> permits_;
};

TEST_F(AdmissionTest, OneIntegrationHoldsAtMostHalfOfTheCalls) {
  EXPECT_EQ(Fill("stuck"), 6);
}

TEST_F(AdmissionTest, OneIntegrationHoldsAtMostHalfOfTheBytes) {
  EXPECT_EQ(Fill("stuck", 150), 4);
}

TEST_F(AdmissionTest, HoweverManyAreStuckThereIsRoomForAnother) {
  EXPECT_EQ(Fill("stuck"), 6);
  EXPECT_EQ(Fill("stuck too"), 3);
  EXPECT_EQ(Fill("and a third"), 1);
  EXPECT_EQ(Fill("good"), 1);
}

TEST_F(AdmissionTest, RoomThatIsGivenBackIsThereAgain) {
  EXPECT_EQ(Fill("acme", 100), 6);
  permits_.clear();
  EXPECT_EQ(Fill("acme", 100), 6);
}

TEST_F(AdmissionTest, APermitThatWasMovedGivesItsRoomBackOnce) {
  auto permit = admission_.Admit("acme", 100, kNoWait, kTimeLeft);
  ASSERT_TRUE(permit.ok());
  { const Admission::Permit moved = *std::move(permit); }
  EXPECT_EQ(Fill("acme", 100), 6);
}

TEST_F(AdmissionTest, ARequestLargerThanAllHasNoRoom) {
  const absl::Status status = Admit("acme", 1201);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfterOf(status), absl::Seconds(1));
}

TEST_F(AdmissionTest, SaysWhatIsUnderWay) {
  Fill("acme", 100);
  EXPECT_THAT(std::string(Admit("acme", 100).message()),
              HasSubstr("integration acme: 6 calls of 600 bytes"));
}

TEST_F(AdmissionTest, ACallThatWouldWaitTooLongIsRefused) {
  const auto in_time =
      admission_.Admit("acme", 0, absl::Seconds(10), kTimeLeft);
  EXPECT_TRUE(in_time.ok());
  const auto late = admission_.Admit("acme", 0, absl::Seconds(12), kTimeLeft);
  EXPECT_EQ(late.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfterOf(late.status()), absl::Seconds(2))
      << "by then it would be in time";
}

TEST_F(AdmissionTest, ACallThatWouldNotWaitIsNotRefusedForItsDeadline) {
  EXPECT_TRUE(admission_.Admit("acme", 0, kNoWait, -absl::Seconds(1)).ok())
      << "it gets a result for each event";
}

}  // namespace
}  // namespace signal_delivery::server
