#ifndef SERVER_EVENTS_PAGE_HTML_H_
#define SERVER_EVENTS_PAGE_HTML_H_

#include "absl/strings/string_view.h"

namespace signal_delivery::server {

// The file events_page.html, built in.
absl::string_view EventsPageHtml();

}  // namespace signal_delivery::server

#endif  // SERVER_EVENTS_PAGE_HTML_H_
