// What integrations of one host gain from each other, over real sockets.
#include <gtest/gtest.h>

#include <memory>

#include "absl/time/time.h"
#include "client/delivery_client.h"
#include "client/verdict.h"
#include "tests/client/test_client.h"
#include "tests/support/scripted_tls_server.h"
#include "tests/support/server_action.h"

namespace signal_delivery::client {
namespace {

using support::Action;
using Kind = Verdict::Kind;

// Beyond the second after which a host is probed that answers others, and
// short of the two seconds for one that does not.
constexpr absl::Duration kBetween = absl::Milliseconds(1900);

TEST(HostNewsTest, IsHeardByDestinationsOfOtherThreads) {
  support::ScriptedTlsServer mparticle;
  DeliveryClient::Options options;
  options.threads = 2;
  const std::unique_ptr<DeliveryClient> client = MakeClient(options);
  // One thread each: they follow each other.
  const auto ill = DestinationAt(mparticle.name_and_port());
  const auto well = DestinationAt(mparticle.name_and_port());

  mparticle.ByDefault(Action::Answer(500));
  for (int i = 0; i < 5; ++i) Deliver(*client, ill, "{}", kShort);
  EXPECT_NE(Deliver(*client, ill, "{}", kBetween).kind, Kind::kAccepted)
      << "the probe after a second; the next comes up to two seconds later";

  mparticle.ByDefault(Action::Answer(202));
  EXPECT_EQ(Deliver(*client, well).kind, Kind::kAccepted);
  EXPECT_EQ(Deliver(*client, ill, "{}", kBetween).kind, Kind::kAccepted);
}

}  // namespace
}  // namespace signal_delivery::client
