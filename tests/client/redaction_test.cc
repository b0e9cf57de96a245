#include "client/redaction.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "client/destination.h"

namespace signal_delivery::client {
namespace {

constexpr char kKey[] = "us1-key-0123456789";
constexpr char kSecret[] = "s3cret/of+the=feed";

std::string Redact(const std::string& message) {
  return Redaction(BasicAuthorization(kKey, kSecret).Reveal()).Apply(message);
}

TEST(Redaction, TakesCredentialsOutAndLeavesTheRest) {
  EXPECT_EQ(Redact(absl::StrCat("bad key ", kKey, ", secret ", kSecret, ".")),
            "bad key ***, secret ***.");
  EXPECT_EQ(Redact("user_identities.email is not valid"),
            "user_identities.email is not valid");
}

TEST(Redaction, TakesTheHeaderOutAsItWasSentAndWithoutItsPadding) {
  const std::string token =
      absl::Base64Escape(absl::StrCat(kKey, ":", kSecret));
  ASSERT_EQ(token.back(), '=') << "or the second line tests nothing";
  EXPECT_EQ(Redact(absl::StrCat("Authorization: Basic ", token, "!")),
            "Authorization: Basic ***!");
  EXPECT_EQ(Redact(absl::StrCat(token.substr(0, token.find('=')), "!")),
            "***!");
}

TEST(Redaction, TakesOutTheBeginningOfACredentialThatWasCutOff) {
  EXPECT_EQ(Redact("you sent s3cret/o"), "you sent ***");
  EXPECT_EQ(Redact("you sent s3c"), "you sent s3c")
      << "three give nothing away";
}

TEST(Redaction, LeavesAloneWhatIsTooShortToBeACredential) {
  EXPECT_EQ(Redaction(BasicAuthorization("a", "").Reveal()).Apply("a banana"),
            "a banana");
}

TEST(Redaction, KnowsACredentialThatIsNotBasic) {
  EXPECT_EQ(Redaction("token-1234").Apply("got token-1234"), "got ***");
}

}  // namespace
}  // namespace signal_delivery::client
