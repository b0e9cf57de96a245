#include "server/recent_events.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace signal_delivery::server {

using ::datafly::delivery::v1::DebuggedEvent;
using ::datafly::delivery::v1::TailEventsResponse;

void RecentEvents::Add(const std::string& integration_id,
                       std::vector<KeptEvent> events, int64_t missed) {
  std::lock_guard lock(mutex_);
  for (auto& [tail, watching] : tails_) {
    if (watching.filter.MayMatch(integration_id)) watching.missed += missed;
  }
  last_ += missed;
  for (KeptEvent& event : events) {
    kept_.push_back({std::move(event), ++last_});
    kept_bytes_ += kept_.back().event.size();
    for (auto& [tail, watching] : tails_) {
      if (!watching.ends &&
          watching.filter.Matches(kept_.back().event.marks())) {
        Queue(kept_.back(), watching);
      }
    }
    ForgetOldest();
  }
  for (auto tail = tails_.begin(); tail != tails_.end();) tail = Go(tail);
}

DebuggedEvent RecentEvents::Kept::Read() const {
  DebuggedEvent read = event.Read();
  read.set_sequence(sequence);
  return read;
}

void RecentEvents::ForgetOldest() {
  while (kept_bytes_ > limits_.max_bytes || kept_.size() > limits_.max_events) {
    kept_bytes_ -= kept_.front().event.size();
    kept_.pop_front();
  }
}

void RecentEvents::Queue(const Kept& kept, Watching& watching) const {
  if (watching.waiting.size() == limits_.max_waiting_events ||
      watching.waiting_bytes + kept.event.size() > limits_.max_waiting_bytes) {
    ++watching.missed;
    return;
  }
  watching.waiting.push_back({kept, std::exchange(watching.missed, 0)});
  watching.waiting_bytes += kept.event.size();
}

bool RecentEvents::Open(Tail& tail, EventFilter filter) {
  std::lock_guard lock(mutex_);
  if (tails_.size() >= limits_.max_tails) return false;
  Watching watching;
  for (const Kept* kept :
       LatestKept(filter, 0, std::max(filter.wanted.recent(), 0))) {
    watching.waiting.push_back({*kept, 0});
    watching.waiting_bytes += kept->event.size();
  }
  watching.ends = ending_ || !filter.wanted.follow();
  watching.filter = std::move(filter);
  Go(tails_.emplace(&tail, std::move(watching)).first);
  return true;
}

void RecentEvents::Sent(Tail& tail) {
  std::lock_guard lock(mutex_);
  const auto found = tails_.find(&tail);
  if (found == tails_.end()) return;
  found->second.is_sending = false;
  Go(found);
}

bool RecentEvents::Close(Tail& tail) {
  std::lock_guard lock(mutex_);
  return tails_.erase(&tail) > 0;
}

RecentEvents::Tails::iterator RecentEvents::Go(Tails::iterator tail) {
  Watching& watching = tail->second;
  if (watching.is_sending) return std::next(tail);
  if (watching.waiting.empty() && watching.missed == 0) {
    if (!watching.ends) return std::next(tail);
    Tail* const ended = tail->first;
    const auto next = tails_.erase(tail);
    ended->End();
    return next;
  }
  TailEventsResponse message;
  if (!watching.waiting.empty()) {
    const Waiting& next = watching.waiting.front();
    *message.mutable_event() = next.kept.Read();
    message.set_missed(next.missed);
    watching.waiting_bytes -= next.kept.event.size();
    watching.waiting.pop_front();
  } else {
    message.set_missed(std::exchange(watching.missed, 0));
  }
  watching.is_sending = true;
  tail->first->Send(std::move(message));
  return std::next(tail);
}

void RecentEvents::EndTails(Reopening reopening) {
  std::lock_guard lock(mutex_);
  if (reopening == Reopening::kNo) ending_ = true;
  for (auto tail = tails_.begin(); tail != tails_.end();) {
    tail->second.ends = true;
    tail = Go(tail);
  }
}

void RecentEvents::AbandonTails() {
  std::lock_guard lock(mutex_);
  for (auto& [tail, watching] : tails_) tail->Abandon();
}

std::vector<const RecentEvents::Kept*> RecentEvents::LatestKept(
    const EventFilter& filter, int64_t since, size_t max) const {
  std::vector<const Kept*> latest;
  for (auto kept = kept_.rbegin(); kept != kept_.rend(); ++kept) {
    if (latest.size() >= max || kept->sequence <= since) break;
    if (filter.Matches(kept->event.marks())) latest.push_back(&*kept);
  }
  std::reverse(latest.begin(), latest.end());
  return latest;
}

RecentEvents::Page RecentEvents::Latest(const EventFilter& filter,
                                        int64_t since, size_t max) const {
  Page page;
  std::vector<Kept> shown;
  {
    std::lock_guard lock(mutex_);
    page.last = last_;
    // Where the numbers have gaps, events were not kept.
    int64_t newer = 0;
    for (auto kept = kept_.rbegin();
         kept != kept_.rend() && kept->sequence > since; ++kept) {
      ++newer;
    }
    page.missed = std::max<int64_t>(last_ - since - newer, 0);
    const std::vector<const Kept*> all = LatestKept(filter, since, newer);
    const size_t left_out = all.size() - std::min(all.size(), max);
    page.missed += static_cast<int64_t>(left_out);
    for (size_t i = left_out; i < all.size(); ++i) shown.push_back(*all[i]);
  }
  // Calls that are answered in the meantime need not wait for this.
  for (const Kept& kept : shown) page.events.push_back(kept.Read());
  return page;
}

}  // namespace signal_delivery::server
