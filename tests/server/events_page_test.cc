// The event debugger's page on the admin port, as an HTTP client sees it; in a
// browser tools/check_debugger_page looks at it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/event_debugger_fixture.h"
#include "tests/support/config_folder.h"
#include "tests/support/running_service.h"
#include "tests/support/server_action.h"

namespace signal_delivery::server {
namespace {

using nlohmann::json;
using support::LoggedIn;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class EventsPageTest : public DeliveryTest {
 protected:
  httplib::Result Get(const std::string& path,
                      const httplib::Headers& headers = {}) {
    return httplib::Client("127.0.0.1", service_.server().admin_port())
        .Get(path.c_str(), headers);
  }
  json Events(const std::string& query = "") {
    const auto answer = Get("/events.json" + query);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->get_header_value("Content-Type"), "application/json");
    return json::parse(answer->body);
  }
  int StatusUnder(const std::string& host, const std::string& site = "",
                  const std::string& path = "/events.json") {
    httplib::Headers headers = {{"Host", host}};
    if (!site.empty()) headers.emplace("Sec-Fetch-Site", site);
    return Get(path, headers)->status;
  }
};

TEST_F(EventsPageTest, IsOneFileThatRunsNothingButItsOwnScript) {
  const auto page = Get("/events");
  ASSERT_EQ(page->status, 200);
  EXPECT_THAT(page->body, HasSubstr("<title>Event debugger</title>"));
  for (const char* foreign : {"http:", "https:", "src=", "innerHTML"}) {
    EXPECT_THAT(page->body, Not(HasSubstr(foreign)));
  }
  const std::string policy = page->get_header_value("Content-Security-Policy");
  EXPECT_THAT(
      policy,
      AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'sha256-"),
            HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe"))));
  EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page->get_header_value("Cache-Control"), "no-store");
  EXPECT_FALSE(page->has_header("Access-Control-Allow-Origin"));
}

TEST_F(EventsPageTest, TellsWhatIsNewSinceTheLastTime) {
  EXPECT_EQ(Events(), json::parse(R"({"last": 0, "missed": 0, "events": []})"));
  service_.Deliver({LoggedIn("m-1", "u"), LoggedIn("m-2", "u")}, "acme");
  json answer = Events();
  ASSERT_THAT(answer["events"], SizeIs(2));
  EXPECT_EQ(answer["last"], 2);
  EXPECT_EQ(answer["events"][0]["result"]["message_id"], "m-1");
  EXPECT_EQ(answer["events"][0]["result"]["outcome"], "OUTCOME_ACCEPTED");
  EXPECT_EQ(answer["events"][0]["environment"], "production");
  answer = Events("?since=1");
  ASSERT_THAT(answer["events"], SizeIs(1));
  EXPECT_EQ(answer["events"][0]["result"]["message_id"], "m-2");
  EXPECT_THAT(Events("?since=2")["events"], IsEmpty());
}

TEST_F(EventsPageTest, Filters) {
  service_.Deliver({LoggedIn("m-1", "u"), WithoutUser("m-2")}, "acme");
  EXPECT_THAT(Events("?message_id=m-1")["events"], SizeIs(1));
  EXPECT_THAT(Events("?outcome=REJECTED")["events"], SizeIs(1));
  EXPECT_THAT(Events("?outcome=REJECTED&outcome=ACCEPTED")["events"],
              SizeIs(2));
  EXPECT_THAT(Events("?reason=TAKEN&outcome=")["events"], SizeIs(1));
  EXPECT_THAT(Events("?event=Logged%20In")["events"], SizeIs(2));
  EXPECT_THAT(Events("?integration=beta")["events"], IsEmpty());
  for (const char* query :
       {"?outcome=NONE", "?reason=none", "?since=x", "?since=-1"}) {
    EXPECT_EQ(Get(std::string("/events.json") + query)->status, 400) << query;
  }
}

TEST_F(EventsPageTest, ShowsNothingThatAPersonMightBeKnownBy) {
  mparticle_.OnNextRequest(support::Action::Answer(
      400, R"({"errors":[{"message":"canary-note"}]})"));
  service_.Deliver({CanaryEvent("m-1")}, "acme");
  service_.Deliver({CanaryEvent("m-2"), CanaryPage("m-3")}, "acme");
  const auto answer = Get("/events.json");
  ASSERT_THAT(json::parse(answer->body)["events"], SizeIs(3));
  EXPECT_THAT(answer->body, Not(HasSubstr("canary")));
}

TEST_F(EventsPageTest, IsNotForOtherPagesOfTheBrowser) {
  for (const char* host : {"localhost:9464", "LOCALHOST:1", "127.0.0.1:9464",
                           "10.0.0.1:9464", "[::1]:9464"}) {
    EXPECT_EQ(StatusUnder(host), 200) << host;
    EXPECT_EQ(StatusUnder(host, "same-origin"), 200) << host;
  }
  for (const char* host :
       {"rebound.example:9464", "rebound.example", "localhost.example:9464",
        "127.0.0.1.example:9464", ":9464"}) {
    EXPECT_EQ(StatusUnder(host), 403) << host;
    EXPECT_EQ(StatusUnder(host, "", "/events"), 403) << host;
  }
  EXPECT_EQ(StatusUnder("localhost:9464", "cross-site"), 403);
  EXPECT_EQ(StatusUnder("localhost:9464", "same-site"), 403);
  EXPECT_EQ(StatusUnder("localhost:9464", "cross-site", "/events"), 200)
      << "a link to it";
}

TEST_F(EventsPageTest, KeepsNoThreadFromAnsweringProbes) {
  std::vector<std::unique_ptr<httplib::Client>> pages;
  for (int i = 0; i < 50; ++i) {
    pages.push_back(std::make_unique<httplib::Client>(
        "127.0.0.1", service_.server().admin_port()));
    pages.back()->set_keep_alive(true);
    const auto answer = pages.back()->Get("/events.json");
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->get_header_value("Connection"), "close");
  }
  EXPECT_EQ(Get("/healthz")->status, 200);
}

TEST(EventsPageOffTest, SaysHowToTurnItOn) {
  support::ScriptedTlsServer mparticle;
  support::RunningService service(
      {{"acme",
        support::IntegrationText(mparticle.name_and_port(),
                                 support::TestCertificates::Get().ca_file())}},
      "event_debugger: false\n");
  httplib::Client admin("127.0.0.1", service.server().admin_port());
  const auto page = admin.Get("/events");
  EXPECT_EQ(page->status, 200);
  EXPECT_THAT(page->body, HasSubstr("event_debugger: true"));
  EXPECT_EQ(admin.Get("/events.json")->status, 404);
}

}  // namespace
}  // namespace signal_delivery::server
