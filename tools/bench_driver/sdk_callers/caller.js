// Sends events for some seconds, by mParticle's own SDK for Node or to the
// service, and prints what that took of this process's CPU and of another's. The
// events say the same in both forms; making them is part of what is measured.
// Nothing may fail.
"use strict";
const fs = require("fs");
const { parseArgs } = require("util");

const options = parseArgs({
  options: {
    by: { type: "string" }, // sdk or service
    target: { type: "string" }, // host:port
    ca: { type: "string" }, // PEM
    watch: { type: "string" }, // the other process, or none
    proto: { type: "string" }, // the folder of the service's .proto files
    events: { type: "string" }, // a call
    "in-flight": { type: "string" },
    "warm-up": { type: "string" }, // seconds
    seconds: { type: "string" },
  },
}).values;

// New ones each time, so that nothing can be answered from memory.
let nextId = Date.now() * 1000;

function properties() {
  const made = {};
  for (let i = 0; i < 20; i++) {
    made[`property_${i}`] = [`some text of usual length ${i}`, i, i + 0.99, i % 8 === 3][i % 4];
  }
  return made;
}

// This and service() each return a function that makes a call of so many events
// and sends it. Its promise is kept once they are taken.
function sdk() {
  const mParticle = require("mparticle");
  const api = new mParticle.EventsApi(new mParticle.Configuration("benchmark-key", "benchmark-secret"));
  api.apiClient.basePath = `https://${options.target}/v2`;
  return (count) => {
    const batch = new mParticle.Batch(mParticle.Batch.Environment.development);
    batch.user_identities = new mParticle.UserIdentities();
    batch.user_identities.customerid = `user-${nextId}`;
    batch.ip = "203.0.113.50";
    for (let i = 0; i < count; i++) {
      const event = new mParticle.AppEvent(mParticle.AppEvent.CustomEventType.other, "Logged In");
      event.source_message_id = `event-${nextId++}`;
      event.timestamp_unixtime_ms = Date.now();
      event.custom_attributes = properties();
      batch.addEvent(event);
    }
    return new Promise((resolve, reject) => {
      api.uploadEvents(batch, (error) => (error ? reject(error) : resolve()));
    });
  };
}

function service() {
  const grpc = require("@grpc/grpc-js");
  const loaded = require("@grpc/proto-loader").loadSync("datafly/delivery/v1/delivery_service.proto", {
    keepCase: true,
    enums: String,
    includeDirs: [options.proto],
  });
  const { DeliveryService } = grpc.loadPackageDefinition(loaded).datafly.delivery.v1;
  const client = new DeliveryService(
    options.target, grpc.credentials.createSsl(fs.readFileSync(options.ca)));
  const KINDS = { string: "string_value", number: "number_value", boolean: "bool_value" };
  const struct = (object) => ({
    fields: Object.fromEntries(
      Object.entries(object).map(([name, value]) => [name, { [KINDS[typeof value]]: value }])),
  });
  return (count) => {
    const user = `user-${nextId}`;
    const events = [];
    for (let i = 0; i < count; i++) {
      const now = Date.now();
      events.push({
        type: "EVENT_TYPE_TRACK",
        event: "Logged In",
        message_id: `event-${nextId++}`,
        user_id: user,
        timestamp: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1e6 },
        context: { ip: "203.0.113.50" },
        properties: struct(properties()),
      });
    }
    const deadline = Date.now() + 10000;
    return new Promise((resolve, reject) => {
      client.DeliverEvents({ integration_id: "bench", events }, { deadline }, (error, response) => {
        if (error) return reject(error);
        const other = response.results.find((result) => result.outcome !== "OUTCOME_ACCEPTED");
        return other ? reject(new Error(JSON.stringify(other))) : resolve();
      });
    });
  };
}

// Of the watched process: user and system time, in ticks of 10 ms.
function watchedSeconds() {
  if (!options.watch) return 0;
  const stat = fs.readFileSync(`/proc/${options.watch}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function main() {
  const send = options.by === "sdk" ? sdk() : service();
  let calls = 0;
  let ends = false;
  const keepSending = async () => {
    while (!ends) {
      await send(Number(options.events));
      calls++;
    }
  };
  const senders = Array.from({ length: Number(options["in-flight"]) }, keepSending);
  // One that fails is heard of at once.
  const pass = (seconds) =>
    Promise.race([new Promise((resolve) => setTimeout(resolve, 1000 * seconds)), ...senders]);
  await pass(options["warm-up"]);
  const before = { calls, cpu: process.cpuUsage(), watched: watchedSeconds() };
  await pass(options.seconds);
  const cpu = process.cpuUsage(before.cpu);
  const measured = {
    calls: calls - before.calls,
    cpu_seconds: (cpu.user + cpu.system) / 1e6,
    watched_seconds: watchedSeconds() - before.watched,
  };
  ends = true;
  await Promise.all(senders);
  console.log(JSON.stringify(measured));
  process.exit(0);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
