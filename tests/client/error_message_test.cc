#include "client/error_message.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace signal_delivery::client {
namespace {

std::string BodyWith(const std::string& message_json) {
  return absl::StrCat(R"({"errors":[{"code":"BAD_REQUEST","message":)",
                      message_json, "}]}");
}

TEST(ErrorMessage, IsThatOfTheFirstError) {
  EXPECT_EQ(ReadErrorMessage(BodyWith(R"("events[0] is wrong")")),
            "events[0] is wrong");
  EXPECT_EQ(ReadErrorMessage(R"({"errors":[{"message":"a"},{"message":"b"}]})"),
            "a");
}

TEST(ErrorMessage, IsEmptyWhereThereIsNone) {
  for (const std::string& body :
       {std::string(), std::string("<html>"), std::string("[]"),
        std::string("null"), std::string("{}"), std::string(R"({"errors":{}})"),
        std::string(R"({"errors":[]})"), std::string(R"({"errors":["a"]})"),
        std::string(R"({"errors":[{"code":"a"}]})"), BodyWith("1"),
        BodyWith("null"), BodyWith(R"("a")") + "x", BodyWith("\"\xff\""),
        std::string(kMaxErrorBodySize, '[')}) {
    EXPECT_EQ(ReadErrorMessage(body), "") << body;
  }
}

TEST(ErrorMessage, OfABodyBeyondTheLimitIsNotRead) {
  std::string body = BodyWith(R"("a")");
  body.append(kMaxErrorBodySize - body.size(), ' ');
  EXPECT_EQ(ReadErrorMessage(body), "a");
  EXPECT_EQ(ReadErrorMessage(body + " "), "");
}

TEST(ErrorMessage, IsCutBetweenCharacters) {
  const std::string most(kMaxErrorMessageCharacters - 1, 'x');
  EXPECT_EQ(ReadErrorMessage(BodyWith("\"" + most + "\xC3\xA9\"")),
            most + "\xC3\xA9");
  EXPECT_EQ(ReadErrorMessage(BodyWith("\"" + most + "\xC3\xA9z\"")),
            most + "\xC3\xA9");
}

TEST(ErrorMessage, HasNoControlCharacters) {
  EXPECT_EQ(ReadErrorMessage(BodyWith(R"("a\nb\u0000c\u001b[1md\u007fe")")),
            "a b c [1md e");
  EXPECT_EQ(ReadErrorMessage(BodyWith(R"("a\u0085b\u00a0c\u009f")")),
            "a b\xC2\xA0"
            "c ");
}

}  // namespace
}  // namespace signal_delivery::client
