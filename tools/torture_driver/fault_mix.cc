#include "tools/torture_driver/fault_mix.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/torture_driver/event_factory.h"

namespace signal_delivery::torture {
namespace {

struct Kind {
  absl::string_view members;  // of the script's entry
  uint32_t most;              // at a time: some cost more than others
};

// Of connections.
constexpr Kind kConnectionFaults[] = {
    {R"("fault":"refuse_connections","delay_ms":300)", 1},
    {R"("fault":"refuse_connections","delay_ms":900)", 1},
    {R"("fault":"slow_accept","delay_ms":300)", 2},
    {R"("fault":"reset_on_connect")", 20},
    {R"("fault":"bad_tls")", 20},
    {R"("fault":"wrong_certificate")", 20},
    {R"("fault":"reset_in_handshake")", 20},
    {R"("fault":"slow_connect","delay_ms":700)", 10},
};

// Of requests. These end connections, so that the ones above come to pass.
constexpr Kind kRequestFaults[] = {
    {R"("fault":"reset_before_request")", 30},
    {R"("fault":"reset_during_request")", 30},
    {R"("fault":"reset_after_request")", 30},
    {R"("fault":"taken_then_reset")", 30},
    {R"("fault":"garbage_reply")", 30},
    {R"("fault":"garbage_reply","take":true)", 30},
    {R"("fault":"stall")", 5},
    {R"("fault":"stall","take":true)", 5},
    {R"("fault":"cut_reply")", 30},
    {R"("fault":"cut_reply","bytes":0)", 30},
    {R"("fault":"drip","bytes":1,"every_ms":20)", 10},
    {R"("fault":"drip","bytes":20,"every_ms":100)", 20},
    {R"("fault":"close_after_reply")", 30},
    {R"("fault":"reset_after_reply")", 30},
    {R"("delay_ms":300)", 40},
    {R"("delay_ms":2500)", 10},
};

// Of answers. What a status says of the batch stays true: only those that say
// nothing may have been taken.
constexpr Kind kAnswers[] = {
    {R"("answer":{"status":200})", 30},
    {R"("answer":{"status":204})", 30},
    {R"("answer":{"status":301,"headers":{"Location":"/other"}})", 30},
    {R"("answer":{"status":307,"headers":{"Location":"/v2/events"}})", 30},
    {R"("answer":{"status":401})", 6},
    {R"("answer":{"status":403})", 6},
    {R"("answer":{"status":404})", 30},
    {R"("answer":{"status":408})", 30},
    {R"("answer":{"status":500})", 30},
    {R"("answer":{"status":500},"take":true)", 30},
    {R"("answer":{"status":501})", 30},
    {R"("answer":{"status":501},"take":true)", 30},
    {R"("answer":{"status":502})", 30},
    {R"("answer":{"status":502},"take":true)", 30},
    {R"("answer":{"status":503})", 60},
    {R"("answer":{"status":503,"headers":{"Retry-After":"2"}})", 60},
    {R"("answer":{"status":504})", 30},
    {R"("answer":{"status":504},"take":true)", 30},
};

// These slow the service down for long after them.
constexpr Kind kRateFaults[] = {
    {R"("answer":{"status":429})", 60},
    {R"("answer":{"status":429,"headers":{"Retry-After":"1"}})", 60},
    {R"("answer":{"status":429,"headers":{"Retry-After":"-7"}})", 30},
    {R"("answer":{"status":429,"headers":{"Retry-After":"soon, please"}})", 30},
    {R"("fault":"rate_limit","per_second":40)", 400},
    {R"("fault":"rate_limit","per_second":60,"growth":10,"retry_after":"1")",
     400},
};

template <std::size_t size>
const Kind& Pick(const Kind (&kinds)[size], std::mt19937_64& random) {
  return kinds[Below(random, size)];
}

}  // namespace

std::string RandomFaultScript(std::mt19937_64& random) {
  std::vector<const Kind*> kinds;
  if (OneIn(random, 2)) kinds.push_back(&Pick(kConnectionFaults, random));
  kinds.push_back(&Pick(kRequestFaults, random));
  kinds.push_back(&Pick(kAnswers, random));
  if (OneIn(random, 2)) kinds.push_back(&Pick(kAnswers, random));
  if (OneIn(random, 6)) kinds.push_back(&Pick(kRateFaults, random));

  constexpr int kRounds = 12;
  std::string script;
  for (int round = 0; round < kRounds; ++round) {
    for (const Kind* kind : kinds) {
      // A few at a time, after some that pass; not more than `most` in all.
      const uint32_t at_once = 1 + kind->most / kRounds;
      if (kind->most < kRounds && round >= static_cast<int>(kind->most)) {
        continue;
      }
      absl::StrAppend(&script, "{", kind->members,
                      ",\"count\":", 1 + Below(random, at_once),
                      ",\"skip\":", Below(random, 6), "}\n");
    }
  }
  return script;
}

}  // namespace signal_delivery::torture
