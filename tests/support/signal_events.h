#ifndef TESTS_SUPPORT_SIGNAL_EVENTS_H_
#define TESTS_SUPPORT_SIGNAL_EVENTS_H_

#include <string>

#include "datafly/signal/v1/event.pb.h"

namespace signal_delivery::support {

// Personal data in every event below: to be found in no answer of the service.
inline constexpr char kEmail[] = "canary.person@example.com";
inline constexpr char kPhone[] = "+44canaryphone";
inline constexpr char kIp[] = "198.51.100.77";

// Small events that the default preset accepts. Each is named by its
// message_id; those of one user_id share their anonymous_id.
datafly::signal::v1::Event Identify(const std::string& message_id,
                                    const std::string& user_id);
datafly::signal::v1::Event LoggedIn(const std::string& message_id,
                                    const std::string& user_id);

// The same event from elsewhere: what differs at the root of a batch needs a
// batch of its own.
datafly::signal::v1::Event From(const std::string& ip,
                                datafly::signal::v1::Event event);

// Adds a property.
datafly::signal::v1::Event With(const std::string& property, double value,
                                datafly::signal::v1::Event event);
datafly::signal::v1::Event With(const std::string& property,
                                const std::string& value,
                                datafly::signal::v1::Event event);

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_SIGNAL_EVENTS_H_
