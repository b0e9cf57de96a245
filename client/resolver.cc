#include "client/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace signal_delivery::client {

absl::StatusOr<std::vector<std::string>> LookupWithSystem(
    const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // else every address comes once per type
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
      error != 0) {
    return absl::UnavailableError(
        absl::StrCat(host, ": ", gai_strerror(error)));
  }
  std::vector<std::string> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text),
                    nullptr, 0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  freeaddrinfo(found);
  if (addresses.empty()) {
    return absl::UnavailableError("the name has no address");
  }
  return addresses;
}

// Outlives the resolver where a lookup does.
struct Resolver::State {
  explicit State(LookupFunction lookup_function)
      : lookup(std::move(lookup_function)) {}

  void Finish(const std::string& host,
              const absl::StatusOr<std::vector<std::string>>& addresses) {
    std::lock_guard lock(mutex);
    auto waiters = waiting.extract(host);
    if (waiters.empty()) return;  // the resolver has gone
    for (Done& done : waiters.mapped()) done(addresses);
  }

  const LookupFunction lookup;
  std::mutex mutex;  // not Abseil's: Debian's build hides it from TSan
  // Guarded by it.
  absl::flat_hash_map<std::string, std::vector<Done>> waiting;
};

Resolver::Resolver(LookupFunction lookup)
    : state_(std::make_shared<State>(std::move(lookup))) {}

Resolver::~Resolver() {
  std::lock_guard lock(state_->mutex);
  state_->waiting.clear();
}

void Resolver::Resolve(const std::string& host, Done done) {
  {
    std::lock_guard lock(state_->mutex);
    std::vector<Done>& waiters = state_->waiting[host];
    waiters.push_back(std::move(done));
    if (waiters.size() > 1) return;  // the lookup is under way
  }
  try {
    std::thread([state = state_, host] {
      state->Finish(host, state->lookup(host));
    }).detach();
  } catch (const std::system_error& error) {
    state_->Finish(host,
                   absl::ResourceExhaustedError(absl::StrCat(
                       "no thread to look ", host, " up: ", error.what())));
  }
}

}  // namespace signal_delivery::client
