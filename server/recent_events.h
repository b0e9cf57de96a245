#ifndef SERVER_RECENT_EVENTS_H_
#define SERVER_RECENT_EVENTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "datafly/delivery/v1/event_debugger.pb.h"
#include "server/event_filter.h"
#include "server/kept_event.h"

namespace signal_delivery::server {

// The latest events, redacted, for the event debugger: kept within bounds, and
// handed to those who watch. Who does not keep up loses events and is told how
// many; nobody waits for it. Knows nothing of gRPC.
//
// Thread-safe.
class RecentEvents {
 public:
  struct Limits {
    // Of the kept events, as serialized. 8 MiB are some 5,000 events.
    size_t max_bytes = 8 * 1024 * 1024;
    size_t max_events = 10'000;
    // Of what waits for one who watches, beside what was kept when it began.
    size_t max_waiting_bytes = 1024 * 1024;
    size_t max_waiting_events = 1'000;
    // How many may watch at a time.
    size_t max_tails = 16;
  };

  // One who watches. All functions are called under the lock of the
  // RecentEvents, of which they must therefore call nothing.
  class Tail {
   public:
    virtual ~Tail() = default;
    // Sends the message. Not before the one before was sent.
    virtual void Send(datafly::delivery::v1::TailEventsResponse message) = 0;
    // There is nothing more to send. The tail is closed already.
    virtual void End() = 0;
    // End() would wait for a message that is not sent yet: give it up. The tail
    // is not closed yet.
    virtual void Abandon() = 0;
  };

  RecentEvents() : RecentEvents(Limits()) {}
  explicit RecentEvents(Limits limits) : limits_(limits) {}

  const Limits& limits() const { return limits_; }

  // Keeps the events of one call, and numbers them; `missed` more of the
  // integration were not worth keeping.
  void Add(const std::string& integration_id, std::vector<KeptEvent> events,
           int64_t missed);

  // Sends the latest kept events that match, `filter.wanted.recent` at most,
  // and then those that follow, if the filter wants that. False where too many
  // watch already. `tail` must live until it is closed.
  bool Open(Tail& tail, EventFilter filter);
  // The tail's latest message is sent.
  void Sent(Tail& tail);
  // Nothing is called of the tail thereafter. False where that was so already.
  bool Close(Tail& tail);

  // Nobody watches for longer than what waits for them takes to be sent. Unless
  // it is allowed, nobody does again: who tries is sent what is kept.
  enum class Reopening { kAllowed, kNo };
  void EndTails(Reopening reopening);
  // Nor for that.
  void AbandonTails();

  // The latest kept events that match and are newer than `since`, oldest first.
  struct Page {
    std::vector<datafly::delivery::v1::DebuggedEvent> events;
    // How many newer ones, which may have matched, are not in it.
    int64_t missed = 0;
    // The number of the newest event, whether or not it matches.
    int64_t last = 0;
  };
  Page Latest(const EventFilter& filter, int64_t since, size_t max) const;

 private:
  struct Kept {
    KeptEvent event;
    int64_t sequence;

    datafly::delivery::v1::DebuggedEvent Read() const;
  };
  struct Waiting {
    Kept kept;
    int64_t missed;  // before it
  };
  struct Watching {
    EventFilter filter;
    bool ends = false;  // once nothing waits
    bool is_sending = false;
    std::deque<Waiting> waiting;
    size_t waiting_bytes = 0;
    int64_t missed = 0;  // after those that wait
  };
  using Tails = std::map<Tail*, Watching>;

  // Until what is kept is within its bounds.
  void ForgetOldest();
  void Queue(const Kept& kept, Watching& watching) const;
  // Sends what comes next, if anything may be sent; ends the tail if it is to.
  // Returns the tail after it.
  Tails::iterator Go(Tails::iterator tail);
  // The kept events that match, as many of the latest as `max`; oldest first.
  std::vector<const Kept*> LatestKept(const EventFilter& filter, int64_t since,
                                      size_t max) const;

  const Limits limits_;
  mutable std::mutex mutex_;  // not Abseil's: Debian's build hides it from TSan
  // Guarded by mutex_.
  int64_t last_ = 0;
  std::deque<Kept> kept_;
  size_t kept_bytes_ = 0;
  bool ending_ = false;
  Tails tails_;
};

}  // namespace signal_delivery::server

#endif  // SERVER_RECENT_EVENTS_H_
