#ifndef SERVER_EVENTS_PAGE_H_
#define SERVER_EVENTS_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/recent_events.h"

namespace httplib {
struct Request;
struct Response;
class Server;
}  // namespace httplib

namespace signal_delivery::server {

// The event debugger as a page of the operator's HTTP port: `GET /events` is
// the page, `GET /events.json` what it asks for from time to time. It asks and
// is not told, so that an open page holds no thread of the port.
//
// Another page in the operator's browser can read neither: requests of other
// origins are refused, and so is a host name that is not the port's own, which
// is how a page would pass for one of the same origin (DNS rebinding). Nothing
// of an event is ever read as HTML: see events_page.html.
//
// Thread-safe. Borrows the events.
class EventsPage {
 public:
  // The most events of one answer.
  static constexpr size_t kMaxEvents = 200;

  // Without `events` the event debugger is off, and the page says so.
  // `admin_listen` is the port's own address, "HOST:PORT".
  EventsPage(const RecentEvents* events, const std::string& admin_listen);

  // Answers to the two paths. This must outlive the server.
  void AddTo(httplib::Server& http) const;

 private:
  // False, with the answer written, where the request may not be answered.
  bool Admit(const httplib::Request& request, httplib::Response& out) const;
  void WritePage(httplib::Response& out) const;
  void WriteEvents(const httplib::Request& request,
                   httplib::Response& out) const;

  const RecentEvents* const events_;
  const std::string own_host_;
  // Allows the page's own script and style, and to ask its own port.
  const std::string security_policy_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_EVENTS_PAGE_H_
