// check.js SCHEMA FILE...
//
// Validates every batch in the files against the schema. A file that ends in
// .json is a golden table (see tests/mapping/golden_test.cc); any other has one
// JSON object per line, whose `body` is what the sandbox took.
'use strict';

const fs = require('fs');
const path = require('path');
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;

function goldenBatches(file) {
  const batches = [];
  for (const golden of JSON.parse(fs.readFileSync(file, 'utf8'))) {
    golden.batches.forEach((body, i) => {
      batches.push({name: `${golden.rule} (batch ${i})`, body});
    });
  }
  return batches;
}

function recordedBatches(file) {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  const batches = [];
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const name = `line ${i + 1}`;
    try {
      const {body} = JSON.parse(line);
      batches.push(
          {name, body: typeof body === 'string' ? JSON.parse(body) : body});
    } catch (error) {
      batches.push({name, problem: `is not JSON: ${error.message}`});
    }
  });
  return batches;
}

// The validators of events, by event_type. The schema only says that an event
// must match one of them, and on failure why it is none of all 17.
function eventValidators(ajv, schema) {
  const validators = new Map();
  for (const [name, {properties}] of Object.entries(schema.definitions)) {
    const type = properties && properties.event_type;
    if (!type || !type.enum) continue;
    validators.set(
        type.enum[0], ajv.getSchema(`${schema.$id}#/definitions/${name}`));
  }
  return validators;
}

function textsOf(errors, start) {
  return errors.map(
      ({instancePath, message}) => `${start}${instancePath || '/'} ${message}`);
}

// What is wrong with the batch, line by line; nothing if it is valid.
function problemsOf(batch, validate, validateEvent) {
  if (batch.problem) return [batch.problem];
  if (typeof batch.body !== 'object' || batch.body === null) {
    return ['has no body that is an object'];
  }
  // mParticle's samples and its users carry it; the schema does not list it.
  const {schema_version: version, ...body} = batch.body;
  if (version !== 2) return ['/schema_version must be 2'];
  if (validate(body)) return [];

  const isOfEvent = ({instancePath}) => /^\/events\/\d/.test(instancePath);
  const problems = textsOf(validate.errors.filter((e) => !isOfEvent(e)), '');
  (validate.errors.some(isOfEvent) ? body.events : []).forEach((event, i) => {
    const ofType = validateEvent.get(event && event.event_type);
    if (!ofType) {
      problems.push(`/events/${i}/event_type is none that there is`);
    } else if (!ofType(event)) {
      problems.push(...textsOf(ofType.errors, `/events/${i}`));
    }
  });
  return problems.length > 0 ? [...new Set(problems)] :
                               ['does not match the schema'];
}

const [schemaFile, ...files] = process.argv.slice(2);
// The schema has keywords without a type, which Ajv's strict mode refuses.
const ajv = new Ajv({strict: false, allErrors: true});
addFormats(ajv);
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
const validate = ajv.compile(schema);
const validateEvent = eventValidators(ajv, schema);

let passed = 0;
let failed = 0;
for (const file of files) {
  const isGolden = file.endsWith('.json');
  for (const batch of isGolden ? goldenBatches(file) : recordedBatches(file)) {
    const problems = problemsOf(batch, validate, validateEvent);
    if (problems.length === 0) {
      ++passed;
      continue;
    }
    ++failed;
    console.log(`FAILED ${path.basename(file)}: ${batch.name}`);
    for (const problem of problems) console.log(`       ${problem}`);
  }
}
// Nothing to check is not the same as nothing wrong.
if (passed + failed === 0) console.log('check_schema: there are no batches');
console.log(`check_schema: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
