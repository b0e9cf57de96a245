#ifndef SERVER_VERSION_H_
#define SERVER_VERSION_H_

namespace signal_delivery::server {

// What this program is: the newest entry of CHANGELOG.md, and its day. This is
// where both programs, the metric, the manual and the image have it from.
inline constexpr char kVersion[] = "0.1.0";
inline constexpr char kVersionDay[] = "2026-11-26";
#ifdef __clang__
inline constexpr char kCompiler[] = __VERSION__;
#else
inline constexpr char kCompiler[] = "gcc " __VERSION__;
#endif

}  // namespace signal_delivery::server

#endif  // SERVER_VERSION_H_
