#ifndef MAPPING_STATUS_MACROS_H_
#define MAPPING_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Abseil's status without the `if` after every line. Abseil has no such macros
// in its public release; these are the usual two.

// Returns from the function if `expression`, an absl::Status, is an error.
#define RETURN_IF_ERROR(expression)                           \
  do {                                                        \
    if (absl::Status status_ = (expression); !status_.ok()) { \
      return status_;                                         \
    }                                                         \
  } while (false)

// Assigns the value of `expression`, an absl::StatusOr, to `target`, or returns
// its error.
#define ASSIGN_OR_RETURN(target, expression)                                  \
  ASSIGN_OR_RETURN_IMPL_(STATUS_MACROS_CONCAT_(status_or_, __LINE__), target, \
                         expression)

#define ASSIGN_OR_RETURN_IMPL_(status_or, target, expression) \
  auto status_or = (expression);                              \
  if (!status_or.ok()) return std::move(status_or).status();  \
  target = *std::move(status_or)

#define STATUS_MACROS_CONCAT_(a, b) STATUS_MACROS_CONCAT_INNER_(a, b)
#define STATUS_MACROS_CONCAT_INNER_(a, b) a##b

#endif  // MAPPING_STATUS_MACROS_H_
