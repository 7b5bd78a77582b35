// Run a Delea module in V8: `node bench/drivers/node.mjs job.json` (or the job on standard input).
//
// job = {module, dataset?, state, seed, steps, regions, inferBatch?, inputRow?, outputRow?, outputDtype?,
//        stateOut?, evaluate?, inputs?, outputs?, rounds?, warmup?}
//   paths: module, dataset, state, stateOut, inputs, outputs; seed: 64 hex digits;
//   regions: the manifest's, {state: {offset, length}, dataset, input, output};
//   rounds: how often to time `steps` more steps, after `warmup` rounds that are not counted.
// One line of JSON comes out: {losses, finite, evaluate, ms}; a float is the hex of its f32 bits.

import { readFileSync, writeFileSync } from "node:fs";

const CANONICAL_NAN = 0x7fc00000;

function bitsOf(value) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0).toString(16).padStart(8, "0");
}

function seedWords(hex) {
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new Error(`a seed of 64 hex digits expected, got ${hex}`);
  }
  const view = new DataView(Uint8Array.from(Buffer.from(hex, "hex")).buffer);
  return [0, 8, 16, 24].map((at) => view.getBigInt64(at, true));
}

// A fresh instance per request, as in the sandbox: nothing hidden may pass from one to the next.
function instantiate(module, job, { dataset }) {
  const { exports } = new WebAssembly.Instance(module, {});
  const memory = new Uint8Array(exports.memory.buffer);
  const put = (name, path) => {
    const bytes = readFileSync(path);
    if (bytes.length > job.regions[name].length) {
      throw new Error(`${name}: ${job.regions[name].length} bytes expected, got ${bytes.length}`);
    }
    memory.set(bytes, job.regions[name].offset);
  };
  put("state", job.state);
  if (dataset) put("dataset", job.dataset);
  return { exports, memory };
}

function train(module, job) {
  const { exports, memory } = instantiate(module, job, { dataset: true });
  exports.seed(...seedWords(job.seed));
  const losses = [];
  for (let step = 0; step < job.steps; step += 1) {
    losses.push(bitsOf(exports.train_step()));
  }
  const finite = exports.is_finite() !== 0;
  if (job.stateOut) {
    const { offset, length } = job.regions.state;
    writeFileSync(job.stateOut, memory.subarray(offset, offset + length));
  }
  return { losses, finite, ms: time(exports, job) };
}

function time(exports, job) {
  const ms = [];
  const warmup = job.warmup ?? 1;
  for (let round = 0; round < warmup + (job.rounds ?? 0) && job.rounds; round += 1) {
    const started = performance.now();
    for (let step = 0; step < job.steps; step += 1) exports.train_step();
    if (round >= warmup) ms.push((performance.now() - started) / job.steps);
  }
  return ms;
}

function infer(module, job) {
  const { exports, memory } = instantiate(module, job, { dataset: false });
  const inputs = readFileSync(job.inputs);
  const rows = inputs.length / job.inputRow;
  const outputs = new Uint8Array(rows * job.outputRow);
  for (let first = 0; first < rows; first += job.inferBatch) {
    const count = Math.min(job.inferBatch, rows - first);
    const chunk = inputs.subarray(first * job.inputRow, (first + count) * job.inputRow);
    memory.set(chunk, job.regions.input.offset);
    exports.infer(count);
    const { offset } = job.regions.output;
    const result = memory.subarray(offset, offset + count * job.outputRow);
    outputs.set(result, first * job.outputRow);
  }
  if (job.outputDtype === "f32") {
    const words = new Uint32Array(outputs.buffer);
    new Float32Array(outputs.buffer).forEach((value, at) => {
      if (Number.isNaN(value)) words[at] = CANONICAL_NAN;
    });
  }
  writeFileSync(job.outputs, outputs);
}

const job = JSON.parse(readFileSync(process.argv[2] ?? 0, "utf8"));
const module = new WebAssembly.Module(readFileSync(job.module));
const answer = job.steps ? train(module, job) : { losses: [], finite: true, ms: [] };
if (job.evaluate) {
  answer.evaluate = bitsOf(instantiate(module, job, { dataset: true }).exports.evaluate());
}
if (job.inputs) infer(module, job);
process.stdout.write(`${JSON.stringify(answer)}\n`);
