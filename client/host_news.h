#ifndef CLIENT_HOST_NEWS_H_
#define CLIENT_HOST_NEWS_H_

#include <functional>
#include <list>
#include <utility>

namespace signal_delivery::client {

// What the destinations of one host tell each other: that it answered one of
// them. A destination that rests because its attempts failed need not wait for
// long then: it was, or may have been, the host that was ill.
//
// Not thread-safe.
class HostNews {
 public:
  using Listener = std::function<void()>;
  // Valid until it is handed to Forget.
  using Handle = std::list<Listener>::iterator;

  // `listener` is called with every answer; it must not call back.
  Handle Await(Listener listener) {
    return listeners_.insert(listeners_.end(), std::move(listener));
  }
  void Forget(Handle handle) { listeners_.erase(handle); }

  void OnAnswer() const {
    for (const Listener& listener : listeners_) listener();
  }

 private:
  std::list<Listener> listeners_;
};

}  // namespace signal_delivery::client

#endif  // CLIENT_HOST_NEWS_H_
