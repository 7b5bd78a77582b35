// Time a module's exports in V8, interleaved, in node and in a page: `await profile(job, files)`.
//
// job = {peakRounds, probes, parts: [{name, times}], rounds, warmup}; files.read: module, image, peak.
// Every export is called with `times` and so runs its kernel that often, from `image`, the memory
// that is restored before each timing. The answer: {peak: [ms], <name>: [ms per run]}.

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const BASELINE_CALLS_MS = 50;

function time(run, times) {
  const started = performance.now();
  run(times);
  return (performance.now() - started) / times;
}

// Call for a while at most: hot functions move to the optimising tier in the background.
function heat(run) {
  const started = performance.now();
  for (let n = 0; n < 20 && performance.now() - started < BASELINE_CALLS_MS; n += 1) run(1);
}

export async function profile(job, files) {
  const load = async (name) => {
    const module = await WebAssembly.compile(await files.read(name));
    return new WebAssembly.Instance(module, {}).exports;
  };
  const [exports, { peak }] = [await load("module"), await load("peak")];
  const image = await files.read("image");
  const memory = new Uint8Array(exports.memory.buffer);

  function round() {
    const probes = Array.from({ length: job.probes }, () => time(peak, job.peakRounds));
    const ms = { peak: Math.min(...probes) };
    for (const { name, times } of job.parts) {
      memory.set(image);
      exports[name](1); // bring its data into the cache
      memory.set(image);
      ms[name] = time(exports[name], times);
    }
    return ms;
  }

  for (let i = 0; i < job.warmup; i += 1) {
    for (const { name } of job.parts) heat(exports[name]);
    peak(job.peakRounds);
    await sleep(50);
  }
  const rounds = Array.from({ length: job.rounds }, round);
  const names = ["peak", ...job.parts.map((part) => part.name)];
  return Object.fromEntries(names.map((name) => [name, rounds.map((ms) => ms[name])]));
}
