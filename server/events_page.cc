#include "server/events_page.h"

#include <arpa/inet.h>
#include <httplib.h>

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "mapping/sha256.h"
#include "server/event_filter.h"
#include "server/events_page_html.h"

namespace signal_delivery::server {
namespace {

using ::datafly::delivery::v1::Outcome;
using ::datafly::delivery::v1::Reason;

constexpr int kForbidden = 403;
constexpr int kBadRequest = 400;
constexpr int kNotFound = 404;

constexpr char kOffPage[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
    "<title>Event debugger: off</title>"
    "<h1>The event debugger is off</h1>"
    "<p>To keep the latest events, without personal data, and to show them "
    "here and to <code>signalctl tail</code>, set "
    "<code>event_debugger: true</code> in the service's file and restart the "
    "service. This port asks nobody who they are: whoever reaches it, sees "
    "them.</p></html>\n";

// A source of a Content-Security-Policy that is what stands in the element.
std::string HashOf(absl::string_view element) {
  const absl::string_view page = EventsPageHtml();
  const size_t start =
      page.find(absl::StrCat("<", element, ">")) + element.size() + 2;
  const size_t end = page.find(absl::StrCat("</", element, ">"));
  return absl::StrCat("'sha256-",
                      absl::Base64Escape(absl::HexStringToBytes(
                          mapping::Sha256Hex(page.substr(start, end - start)))),
                      "'");
}

std::string MakeSecurityPolicy() {
  return absl::StrCat(
      "default-src 'none'; connect-src 'self'; img-src data:; script-src ",
      HashOf("script"), "; style-src ", HashOf("style"),
      "; base-uri 'none'; form-action 'none'; frame-ancestors "
      "'none'; require-trusted-types-for 'script'");
}

// Without the port; of an IPv6 address without its brackets.
std::string HostOf(absl::string_view host_and_port) {
  if (absl::ConsumePrefix(&host_and_port, "[")) {
    return std::string(host_and_port.substr(0, host_and_port.find(']')));
  }
  return absl::AsciiStrToLower(
      host_and_port.substr(0, host_and_port.rfind(':')));
}

// A name is what another's name server may point to this machine.
bool IsAddress(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// False where the query has a value that is none of the field's.
bool ReadFilter(const httplib::Request& request, EventFilter& filter,
                int64_t& since) {
  auto& wanted = filter.wanted;
  wanted.set_integration_id(request.get_param_value("integration"));
  wanted.set_message_id(request.get_param_value("message_id"));
  wanted.set_event_name(request.get_param_value("event"));
  for (const auto& [name, value] : request.params) {
    if (value.empty()) continue;
    Outcome outcome;
    Reason reason;
    if (name == "outcome") {
      if (!Outcome_Parse(absl::StrCat("OUTCOME_", value), &outcome)) {
        return false;
      }
      wanted.add_outcomes(outcome);
    } else if (name == "reason") {
      if (!Reason_Parse(absl::StrCat("REASON_", value), &reason)) return false;
      wanted.add_reasons(reason);
    } else if (name == "since") {
      if (!absl::SimpleAtoi(value, &since) || since < 0) return false;
    }
  }
  return true;
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // It fails for bad UTF-8 alone, which protobuf's texts are not.
  if (!MessageToJsonString(message, &json, options).ok()) return "{}";
  return json;
}

}  // namespace

EventsPage::EventsPage(const RecentEvents* events,
                       const std::string& admin_listen)
    : events_(events),
      own_host_(HostOf(admin_listen)),
      security_policy_(MakeSecurityPolicy()) {}

void EventsPage::AddTo(httplib::Server& http) const {
  http.Get("/events",
           [this](const httplib::Request& request, httplib::Response& out) {
             if (Admit(request, out)) WritePage(out);
           });
  http.Get("/events.json",
           [this](const httplib::Request& request, httplib::Response& out) {
             if (Admit(request, out)) WriteEvents(request, out);
           });
}

bool EventsPage::Admit(const httplib::Request& request,
                       httplib::Response& out) const {
  out.set_header("Cache-Control", "no-store");
  out.set_header("Content-Security-Policy", security_policy_);
  out.set_header("Cross-Origin-Opener-Policy", "same-origin");
  out.set_header("Cross-Origin-Resource-Policy", "same-origin");
  out.set_header("Referrer-Policy", "no-referrer");
  out.set_header("X-Content-Type-Options", "nosniff");
  // A thread of the port must not wait for a browser's next request.
  out.set_header("Connection", "close");

  const std::string host = HostOf(request.get_header_value("Host"));
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  const bool is_own =
      host == "localhost" || host == own_host_ || IsAddress(host);
  // Following a link to the page is no harm.
  const bool is_foreign = site == "cross-site" || site == "same-site";
  if (is_own && !(is_foreign && request.path != "/events")) return true;
  out.status = kForbidden;
  out.set_content(
      "Open this page under localhost, an IP address, or the host of "
      "admin_listen, and from nowhere else.\n",
      "text/plain");
  return false;
}

void EventsPage::WritePage(httplib::Response& out) const {
  const absl::string_view page =
      events_ == nullptr ? kOffPage : EventsPageHtml();
  out.set_content(page.data(), page.size(), "text/html; charset=utf-8");
}

void EventsPage::WriteEvents(const httplib::Request& request,
                             httplib::Response& out) const {
  constexpr char kJson[] = "application/json";
  if (events_ == nullptr) {
    out.status = kNotFound;
    out.set_content("{\"error\":\"the event debugger is off\"}\n", kJson);
    return;
  }
  EventFilter filter;
  int64_t since = 0;
  if (!ReadFilter(request, filter, since)) {
    out.status = kBadRequest;
    out.set_content("{\"error\":\"a filter that makes no sense\"}\n", kJson);
    return;
  }
  const RecentEvents::Page page = events_->Latest(filter, since, kMaxEvents);
  std::string json = absl::StrCat("{\"last\":", page.last,
                                  ",\"missed\":", page.missed, ",\"events\":");
  char separator = '[';
  for (const auto& event : page.events) {
    absl::StrAppend(&json, absl::string_view(&separator, 1), ToJson(event));
    separator = ',';
  }
  absl::StrAppend(&json, page.events.empty() ? "[]}" : "]}");
  out.set_content(json, kJson);
}

}  // namespace signal_delivery::server
