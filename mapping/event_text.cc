#include "mapping/event_text.h"

namespace signal_delivery::mapping {
namespace {

using ::datafly::signal::v1::Campaign;
using ::datafly::signal::v1::Context;
using ::datafly::signal::v1::Device;
using ::datafly::signal::v1::Event;
using ::datafly::signal::v1::Page;

template <auto kHas, auto kText, typename Message>
const std::string* TextIn(const Message& message) {
  return (message.*kHas)() ? &(message.*kText)() : nullptr;
}

template <auto kHas, auto kText>
const std::string* OfEvent(const Event& event) {
  return TextIn<kHas, kText>(event);
}

template <auto kHas, auto kText>
const std::string* OfContext(const Event& event) {
  return TextIn<kHas, kText>(event.context());
}

template <auto kPart, auto kHas, auto kText>
const std::string* OfPart(const Event& event) {
  return TextIn<kHas, kText>((event.context().*kPart)());
}

template <auto kHas, auto kText>
constexpr EventText kOfPage = OfPart<&Context::page, kHas, kText>;
template <auto kHas, auto kText>
constexpr EventText kOfDevice = OfPart<&Context::device, kHas, kText>;
template <auto kHas, auto kText>
constexpr EventText kOfCampaign = OfPart<&Context::campaign, kHas, kText>;

// All that event.proto has: a test holds this to it.
constexpr struct {
  absl::string_view path;
  EventText text;
} kTexts[] = {
    {"event", OfEvent<&Event::has_event, &Event::event>},
    {"name", OfEvent<&Event::has_name, &Event::name>},
    {"user_id", OfEvent<&Event::has_user_id, &Event::user_id>},
    {"anonymous_id", OfEvent<&Event::has_anonymous_id, &Event::anonymous_id>},
    {"group_id", OfEvent<&Event::has_group_id, &Event::group_id>},
    {"message_id", OfEvent<&Event::has_message_id, &Event::message_id>},
    {"context.locale", OfContext<&Context::has_locale, &Context::locale>},
    {"context.timezone", OfContext<&Context::has_timezone, &Context::timezone>},
    {"context.ip", OfContext<&Context::has_ip, &Context::ip>},
    {"context.user_agent",
     OfContext<&Context::has_user_agent, &Context::user_agent>},
    {"context.page.url", kOfPage<&Page::has_url, &Page::url>},
    {"context.page.path", kOfPage<&Page::has_path, &Page::path>},
    {"context.page.referrer", kOfPage<&Page::has_referrer, &Page::referrer>},
    {"context.page.title", kOfPage<&Page::has_title, &Page::title>},
    {"context.page.search", kOfPage<&Page::has_search, &Page::search>},
    {"context.device.type", kOfDevice<&Device::has_type, &Device::type>},
    {"context.device.manufacturer",
     kOfDevice<&Device::has_manufacturer, &Device::manufacturer>},
    {"context.device.model", kOfDevice<&Device::has_model, &Device::model>},
    {"context.campaign.source",
     kOfCampaign<&Campaign::has_source, &Campaign::source>},
    {"context.campaign.medium",
     kOfCampaign<&Campaign::has_medium, &Campaign::medium>},
    {"context.campaign.name",
     kOfCampaign<&Campaign::has_name, &Campaign::name>},
    {"context.campaign.term",
     kOfCampaign<&Campaign::has_term, &Campaign::term>},
    {"context.campaign.content",
     kOfCampaign<&Campaign::has_content, &Campaign::content>},
};

}  // namespace

EventText FindEventText(absl::string_view path) {
  for (const auto& [known, text] : kTexts) {
    if (known == path) return text;
  }
  return nullptr;
}

}  // namespace signal_delivery::mapping
