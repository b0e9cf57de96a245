#ifndef MAPPING_TOLD_TRAITS_H_
#define MAPPING_TOLD_TRAITS_H_

#include <deque>
#include <vector>

#include "mapping/node.h"

namespace signal_delivery::mapping {

// What identifies told about one user, one after the other: of traits with one
// name the last. Borrows the identifies.
//
// However few each of many identifies tells, all of them together take little
// more than the sorting of what they tell: it is kept in runs, each at least
// twice as long as the next. Not thread-safe.
class ToldTraits {
 public:
  // What is found before is invalid then.
  void Add(const ObjectView& traits);

  // nullptr where none has the name.
  const Node* Find(const MemberName& name) const;

  // All in one. What it holds are other nodes than those that are found, where
  // more than one identify told something. Valid until the next is added: what
  // is left over of it is written from there.
  ObjectView All() const;

  // Each is an object; what is told in one counts more than what is told in
  // those before.
  std::vector<ObjectView> runs() const;

 private:
  struct Run {
    ObjectView traits;
    std::vector<Member> merged;  // empty where they are an identify's own
  };

  std::deque<Run> runs_;  // a merged one stays where it is
  mutable std::vector<Member> all_;
};

}  // namespace signal_delivery::mapping

#endif  // MAPPING_TOLD_TRAITS_H_
