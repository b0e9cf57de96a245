#include "server/integration_keys.h"

namespace signal_delivery::server {
namespace {

using mapping::ConfigKey;

constexpr ConfigKey kIntegrationKeys[] = {
    {"version", "The version of this format: 2. Required."},
    {"delivery_mode", "`server_side`, the only one here."},
    {"parameters", "The connection to mParticle. Required."},
    {"preset",
     "What `global`, `defaults` and `events` go on top of: a preset's name, or "
     "`none`. Without it `default`."},
    {"global", "What goes into every batch and event."},
    {"defaults", "What becomes of events that `events` does not name."},
    {"events",
     "By an event's name: what becomes of it. `page` and `group` stand for the "
     "events of these types."},
    {"consent", "Which events may be sent at all."},
    {"data_plan",
     "The data plan of the workspace that the events are checked against."},
    {"drop_properties",
     "Properties that never become custom attributes, such as `[email, "
     "address.street, products.name]`; of a list, each element's. A mapping "
     "may still take them."},
    {"event_time",
     "What to do with events of times that mParticle may not "
     "take well."},
    {"lone_identifies",
     "What becomes of an identify that no event of its request carries: "
     "`drop`, "
     "or `send` it as a batch without events, which updates the profile. "
     "Without it `drop`."},
    {"null_traits",
     "What a trait that is null says of the user attribute it is mapped to: "
     "`ignore` it, or `delete` the attribute. Without it `ignore`."},
    {"max_events_per_batch",
     "The most events of a batch, 1 to 10000. Without it: as many as fit into "
     "128,000 bytes."},
    {"skip_repeats",
     "`false` posts a batch again that mParticle took less than ten minutes "
     "ago, and sends an event twice that a request holds twice (with the same "
     "message_id, type, name, time, user and size). Without it `true`."},
    {"source_request_id",
     "`false` leaves it out: mParticle then counts a repeat twice. Without it "
     "`true`."},
};

constexpr ConfigKey kParameterKeys[] = {
    {"api_key",
     "The feed's S2S key: `{env: NAME}`, `{file: PATH}` or the text itself. "
     "A relative path starts at the integration's file. Required."},
    {"api_secret", "The feed's S2S secret, in the same forms. Required."},
    {"s2s_host",
     "The host of the account's pod: `s2s.mparticle.com` (US1), "
     "`s2s.us2.mparticle.com`, `s2s.eu1.mparticle.com` or "
     "`s2s.au1.mparticle.com`. Required."},
    {"environment",
     "`production` or `development`. Required: test events in production "
     "cannot "
     "be taken back."},
    {"allow_unlisted_host",
     "`true` allows a host that is not a pod's: a sandbox or a proxy."},
    {"ca_file",
     "PEM file of the authorities to trust instead of the system's. A relative "
     "path starts at the integration's file."},
    {"max_batches_per_second",
     "The most batches to post a second, 1 to 100000; fewer where mParticle's "
     "answers ask for it. Without it 270, with which an account starts."},
};

constexpr ConfigKey kConsentKeys[] = {
    {"required",
     "The consent categories that gate delivery: all must be granted. An "
     "event that says nothing of them is sent, unless `when_missing` says "
     "`drop`. "
     "Required."},
    {"when_missing",
     "What becomes of an event that says nothing about a category: `deliver` "
     "or "
     "`drop`. Without it `deliver`: Signal asks before it hands events on."},
};

constexpr ConfigKey kEventTimeKeys[] = {
    {"in_future",
     "For times more than ten minutes ahead of the service's clock: `send` "
     "with "
     "a warning, or `reject`. Without it `send`."},
    {"too_old",
     "For times more than 30 days ago: `send` with a warning, or `reject`. "
     "Without it `send`."},
};

}  // namespace

absl::Span<const ConfigKey> IntegrationKeys() { return kIntegrationKeys; }
absl::Span<const ConfigKey> ParameterKeys() { return kParameterKeys; }
absl::Span<const ConfigKey> ConsentKeys() { return kConsentKeys; }
absl::Span<const ConfigKey> EventTimeKeys() { return kEventTimeKeys; }

}  // namespace signal_delivery::server
