#ifndef SERVER_VERSION_H_
#define SERVER_VERSION_H_

namespace signal_delivery::server {

// What this program is.
inline constexpr char kVersion[] = "0.1.0";
#ifdef __clang__
inline constexpr char kCompiler[] = __VERSION__;
#else
inline constexpr char kCompiler[] = "gcc " __VERSION__;
#endif

}  // namespace signal_delivery::server

#endif  // SERVER_VERSION_H_
