#include "tools/sandbox/commerce_rules.h"

namespace signal_delivery::sandbox {
namespace {

constexpr UnknownFields kRefused = UnknownFields::kRefused;
constexpr UnknownFields kIgnored = UnknownFields::kIgnored;

Rule Products() {
  return ListOf(Object(
      kIgnored,
      Join(
          {AllOptional({"id", "name"}, Text()),
           AllOptional({"brand", "category", "variant", "coupon_code"},
                       Scalar()),
           AllOptional({"price", "quantity", "total_product_amount"}, Number()),
           {Optional("position", Integer()),
            Optional("added_to_cart_time_ms", Milliseconds()),
            // Unlike an event's, a product's attributes are texts only.
            Optional("custom_attributes", MapOf(Text()))}})));
}

Rule ProductAction() {
  return Object(
      kRefused,
      Join({{// The last one is spelt so by mParticle.
             Required(
                 "action",
                 OneOf({"add_to_cart", "remove_from_cart", "checkout",
                        "checkout_option", "click", "view_detail", "purchase",
                        "refund", "add_to_wishlist", "remove_from_wish_list"})),
             Optional("checkout_step", Integer()),
             Optional("transaction_id", Text()),
             Optional("products", Products())},
            AllOptional({"total_amount", "tax_amount", "shipping_amount"},
                        Number()),
            AllOptional({"checkout_options", "product_action_list",
                         "product_list_source", "affiliation", "coupon_code"},
                        Scalar())}));
}

Rule PromotionAction() {
  const Rule promotion =
      Object(kRefused, Join({AllOptional({"id", "name"}, Text()),
                             AllOptional({"creative", "position"}, Scalar())}));
  return Object(kRefused, {Required("action", OneOf({"view", "click"})),
                           Optional("promotions", ListOf(promotion))});
}

Rule ProductImpressions() {
  return ListOf(Object(kRefused, {Required("product_impression_list", Text()),
                                  Required("products", Products())}));
}

}  // namespace

std::vector<Field> CommerceFields() {
  return {
      Optional("product_action", ProductAction()),
      Optional("promotion_action", PromotionAction()),
      Optional("product_impressions", ProductImpressions()),
      Optional("shopping_cart",
               Object(kRefused, {Required("products", Products())})),
      Optional("currency_code", Scalar()),
      Optional("is_non_interactive", Boolean()),
      Optional("custom_event_type", OneOf({"navigation",
                                           "location",
                                           "search",
                                           "transaction",
                                           "user_content",
                                           "user_preference",
                                           "social",
                                           "other",
                                           "media",
                                           "add_to_cart",
                                           "remove_from_cart",
                                           "checkout",
                                           "checkout_option",
                                           "click",
                                           "view_detail",
                                           "purchase",
                                           "refund",
                                           "promotion_view",
                                           "promotion_click",
                                           "add_to_wishlist",
                                           "remove_from_wishlist",
                                           "impression",
                                           "attribution",
                                           "consent_granted",
                                           "consent_denied"})),
  };
}

}  // namespace signal_delivery::sandbox
