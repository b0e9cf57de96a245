#ifndef TOOLS_BENCH_DRIVER_QUEUE_EVENT_H_
#define TOOLS_BENCH_DRIVER_QUEUE_EVENT_H_

namespace signal_delivery::bench {

// What the completion queue is given as a tag. Not thread-safe.
class QueueEvent {
 public:
  virtual void OnEvent(bool ok) = 0;

 protected:
  ~QueueEvent() = default;
};

// Calls a member function. Borrows the object.
template <typename Object, void (Object::*kFunction)(bool)>
class MemberEvent final : public QueueEvent {
 public:
  explicit MemberEvent(Object& object) : object_(object) {}
  // What gRPC gives back must be just what it was given.
  QueueEvent* tag() { return this; }
  void OnEvent(bool ok) override { (object_.*kFunction)(ok); }

 private:
  Object& object_;
};

}  // namespace signal_delivery::bench

#endif  // TOOLS_BENCH_DRIVER_QUEUE_EVENT_H_
