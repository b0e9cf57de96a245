#ifndef TESTS_SUPPORT_UNUSED_PORT_H_
#define TESTS_SUPPORT_UNUSED_PORT_H_

namespace signal_delivery::support {

// A port of 127.0.0.1 that nothing listens on.
int UnusedPort();

}  // namespace signal_delivery::support

#endif  // TESTS_SUPPORT_UNUSED_PORT_H_
