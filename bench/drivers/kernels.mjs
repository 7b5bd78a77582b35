// Time a module's exports in V8, interleaved: `node bench/drivers/kernels.mjs job.json`.
//
// job = {module, image, peak, peakRounds, parts: [{name, times}], rounds, warmup}
//   module, image, peak: paths (a memory image that is restored before each timing);
//   every export is called with `times` and so runs its kernel that often.
// One line of JSON comes out: {peak: [ms], <name>: [ms per run]}.

import { readFileSync } from "node:fs";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const load = (path) => new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), {});
const image = readFileSync(job.image);
const { exports } = load(job.module);
const { peak } = load(job.peak).exports;
const memory = new Uint8Array(exports.memory.buffer);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function time(run, times) {
  const started = performance.now();
  run(times);
  return (performance.now() - started) / times;
}

function round() {
  const ms = { peak: time(peak, job.peakRounds) };
  for (const { name, times } of job.parts) {
    memory.set(image);
    exports[name](1); // bring its data into the cache
    memory.set(image);
    ms[name] = time(exports[name], times);
  }
  return ms;
}

// Hot functions move to the optimising tier in the background; give them calls, then time.
for (let i = 0; i < job.warmup; i += 1) {
  for (const { name } of job.parts) for (let n = 0; n < 20; n += 1) exports[name](1);
  peak(job.peakRounds);
  await sleep(50);
}
const rounds = Array.from({ length: job.rounds }, round);
const names = ["peak", ...job.parts.map((part) => part.name)];
const table = Object.fromEntries(names.map((name) => [name, rounds.map((ms) => ms[name])]));
process.stdout.write(`${JSON.stringify(table)}\n`);
