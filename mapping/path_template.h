#ifndef MAPPING_PATH_TEMPLATE_H_
#define MAPPING_PATH_TEMPLATE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace signal_delivery::mapping {

// The path of a URL, or a path itself, with ":id" for every part that holds a
// digit, without query, fragment and a slash at the end:
// "https://acme.example/orders/1234?tab=2" gives "/orders/:id". "/" where there
// is no path.
std::string TemplateOfPath(absl::string_view path);

}  // namespace signal_delivery::mapping

#endif  // MAPPING_PATH_TEMPLATE_H_
