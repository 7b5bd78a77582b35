// Time the parts of an instrumented module in V8, in node and in a page, by the rules of
// src/delea/runtime/stopwatch.py: `await profile(job, files)`.
//
// job = {regions: {state, dataset}, parts: [{export, changed: [{offset, length}]}], rounds,
//        warmRounds, warmSteps, warmSeconds, sampleMs, maxTimes, maxTimesChanged}
// Each export takes how often to run its part. The first part is the whole; the others follow in the
// order of the work. files.read: module, state, dataset. The answer: for each round, the milliseconds
// of one run of each part.

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const BASELINE_CALLS_MS = 50;
const TICK_MS = 0.005; // of a page's clock

export async function profile(job, files) {
  const module = await WebAssembly.compile(await files.read("module"));
  const { exports } = new WebAssembly.Instance(module, {});
  const memory = new Uint8Array(exports.memory.buffer);
  memory.set(await files.read("dataset"), job.regions.dataset.offset);
  memory.set(await files.read("state"), job.regions.state.offset);
  const { offset, length } = job.regions.state;
  const state = memory.subarray(offset, offset + length);
  const times = job.parts.map(() => 0);

  function run(name, count) {
    const started = performance.now();
    exports[name](count);
    return performance.now() - started;
  }

  // Find out how often to run a part for one sample; return the milliseconds of so many runs.
  function choose(number, most) {
    const name = job.parts[number].export;
    for (let count = 1; ; ) {
      const ms = Math.max(run(name, count), TICK_MS);
      if (ms >= job.sampleMs || count === most) {
        times[number] = count;
        return ms;
      }
      count = Math.min(most, Math.max(2 * count, Math.floor((count * job.sampleMs) / ms)));
    }
  }

  // The milliseconds of one run; memory is left as one run leaves it.
  function time(number) {
    const { export: name, changed } = job.parts[number];
    const kept = changed.map((at) => memory.slice(at.offset, at.offset + at.length));
    const most = changed.length ? job.maxTimesChanged : job.maxTimes;
    const ms = times[number] ? run(name, times[number]) : choose(number, most);
    if (changed.length && times[number] > 1) {
      changed.forEach((at, i) => memory.set(kept[i], at.offset));
      exports[name](1);
    }
    return ms / times[number];
  }

  function round(first) {
    state.set(first);
    const whole = time(0);
    state.set(first);
    return [whole, ...job.parts.slice(1).map((_, i) => time(i + 1))];
  }

  // Call each part for a while: hot functions move to the optimising tier in the background.
  async function heat(first) {
    for (const part of job.parts) {
      state.set(first);
      const started = performance.now();
      for (let n = 0; n < 20 && performance.now() - started < BASELINE_CALLS_MS; n += 1) {
        exports[part.export](1);
      }
    }
    await sleep(BASELINE_CALLS_MS);
  }

  const started = performance.now();
  for (let n = 0; n < job.warmSteps && performance.now() - started < 1e3 * job.warmSeconds; n += 1) {
    exports[job.parts[0].export](1);
  }
  const first = state.slice();
  for (let n = 0; n < job.warmRounds; n += 1) await heat(first);
  round(first);
  return Array.from({ length: job.rounds }, () => round(first));
}
