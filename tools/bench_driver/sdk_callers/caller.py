"""Sends events for some seconds, by mParticle's own SDK for Python or to the
service, and prints what that took of this process's CPU and of another's. The
events say the same in both forms; making them is part of what is measured. Nothing
may fail."""

import argparse
import itertools
import json
import os
import sys
import threading
import time

# New ones each time, so that nothing can be answered from memory.
ids = itertools.count(time.time_ns())


def properties():
    return {"property_%d" % i:
            ["some text of usual length %d" % i, i, i + 0.99, i % 8 == 3][i % 4] for i in range(20)}


def sdk(options):
    """The function that makes and sends one call."""
    import mparticle

    configuration = mparticle.Configuration()
    configuration.api_key = "benchmark-key"
    configuration.api_secret = "benchmark-secret"
    configuration.host = "https://%s/v2" % options.target
    configuration.ssl_ca_cert = options.ca
    configuration.connection_pool_size = options.in_flight
    api = mparticle.EventsApi(configuration)

    def send(count):
        batch = mparticle.Batch()
        batch.environment = "development"
        batch.user_identities = mparticle.UserIdentities()
        batch.user_identities.customerid = "user-%d" % next(ids)
        batch.ip = "203.0.113.50"
        events = []
        for _ in range(count):
            event = mparticle.AppEvent("Logged In", "other")
            event.source_message_id = "event-%d" % next(ids)
            event.timestamp_unixtime_ms = int(time.time() * 1000)
            event.custom_attributes = properties()
            events.append(event)
        batch.events = events
        api.upload_events(batch)

    return send


def service(options):
    import grpc
    sys.path.insert(0, options.stubs)
    from datafly.delivery.v1 import delivery_service_pb2 as delivery
    from datafly.delivery.v1 import delivery_service_pb2_grpc as delivery_grpc
    from datafly.signal.v1 import event_pb2 as signal

    with open(options.ca, "rb") as ca:
        credentials = grpc.ssl_channel_credentials(ca.read())
    stub = delivery_grpc.DeliveryServiceStub(grpc.secure_channel(options.target, credentials))

    def send(count):
        request = delivery.DeliverEventsRequest(integration_id="bench")
        user = "user-%d" % next(ids)
        for _ in range(count):
            event = request.events.add(
                type=signal.EVENT_TYPE_TRACK, event="Logged In",
                message_id="event-%d" % next(ids), user_id=user)
            event.timestamp.FromNanoseconds(time.time_ns())
            event.context.ip = "203.0.113.50"
            event.properties.update(properties())
        for result in stub.DeliverEvents(request, timeout=10).results:
            if result.outcome != delivery.OUTCOME_ACCEPTED:
                raise RuntimeError(str(result))

    return send


def watched_seconds(pid):
    if pid is None:
        return 0
    with open("/proc/%d/stat" % pid) as stat:
        # Behind the name, which is in brackets.
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--by", choices=["sdk", "service"], required=True)
    parser.add_argument("--target", required=True, help="host:port")
    parser.add_argument("--ca", required=True, help="PEM")
    parser.add_argument("--watch", type=int, help="the other process")
    parser.add_argument("--stubs", help="the folder of the generated ones, for the service")
    parser.add_argument("--events", type=int, required=True, help="a call")
    parser.add_argument("--in-flight", type=int, required=True)
    parser.add_argument("--warm-up", type=float, required=True, help="seconds")
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    send = sdk(options) if options.by == "sdk" else service(options)
    calls = [0] * options.in_flight  # of each sender
    ends = threading.Event()

    def keep_sending(sender):
        try:
            while not ends.is_set():
                send(options.events)
                calls[sender] += 1
        except Exception as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)

    senders = [threading.Thread(target=keep_sending, args=[i]) for i in range(options.in_flight)]
    for sender in senders:
        sender.start()
    time.sleep(options.warm_up)
    before = sum(calls), time.process_time(), watched_seconds(options.watch)
    time.sleep(options.seconds)
    after = sum(calls), time.process_time(), watched_seconds(options.watch)
    ends.set()
    for sender in senders:
        sender.join()
    print(json.dumps(dict(zip(("calls", "cpu_seconds", "watched_seconds"),
                              (end - start for start, end in zip(before, after))))))


if __name__ == "__main__":
    main()
