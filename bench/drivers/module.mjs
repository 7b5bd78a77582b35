// The protocol of a Delea module in V8, the same in node and in a page: `await execute(job, files)`.
//
// job = {seed, steps, regions, inferBatch?, inputRow?, outputRow?, outputDtype?, evaluate?, infer?,
//        keep?, rounds?, warmup?, inferSeconds?}
//   seed: 64 hex digits; regions: the manifest's, {state: {offset, length}, dataset, input, output};
//   keep: write the state after `steps`; infer: run the rows of `inputs` through the network;
//   rounds: how often to time `steps` more steps, after `warmup` rounds that are not counted;
//   inferSeconds: how long to time the inference of all rows.
// files = {read(name), write(name, bytes)}, names: module, dataset, state, inputs, stateOut, outputs.
// The answer: {losses, finite, evaluate?, ms, firstMs, inferMs?}; a float is the hex of its f32 bits,
// every NaN the same; `finite` is what the module says of the state after `steps`.
//
// `await executeAll(jobs, files)` runs several; the file `state` of number 3 is called `3.state`.

const CANONICAL_NAN = 0x7fc00000;
const [WARM_MS, SAMPLE_MS] = [500, 0.5];

function bitsOf(value) {
  if (Number.isNaN(value)) return CANONICAL_NAN.toString(16);
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0).toString(16).padStart(8, "0");
}

function seedWords(hex) {
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new Error(`a seed of 64 hex digits expected, got ${hex}`);
  }
  const view = new DataView(Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16)).buffer);
  return [0, 8, 16, 24].map((at) => view.getBigInt64(at, true));
}

// A fresh instance per request, as in the sandbox: nothing hidden may pass from one to the next.
function instantiate(module, job, contents) {
  const { exports } = new WebAssembly.Instance(module, {});
  const memory = new Uint8Array(exports.memory.buffer);
  for (const [name, bytes] of Object.entries(contents)) {
    const { offset, length } = job.regions[name];
    if (bytes.length > length) {
      throw new Error(`${name}: ${length} bytes expected, got ${bytes.length}`);
    }
    memory.set(bytes, offset);
  }
  return { exports, memory };
}

async function train(bytes, job, files) {
  const contents = { state: await files.read("state"), dataset: await files.read("dataset") };
  const started = performance.now();
  const module = await WebAssembly.compile(bytes);
  const { exports, memory } = instantiate(module, job, contents);
  exports.seed(...seedWords(job.seed));
  const losses = [bitsOf(exports.train_step())];
  const firstMs = performance.now() - started;
  while (losses.length < job.steps) losses.push(bitsOf(exports.train_step()));
  const finite = exports.is_finite() !== 0;
  if (job.keep) {
    const { offset, length } = job.regions.state;
    await files.write("stateOut", memory.slice(offset, offset + length));
  }
  return { losses, finite, firstMs, ms: time(exports, job) };
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

// Samples of as many calls as fill SAMPLE_MS, after WARM_MS of calls that are not counted.
function timeCalls(call, seconds) {
  const ms = [];
  let calls = 0;
  const began = performance.now();
  for (; performance.now() - began < WARM_MS; calls += 1) call();
  const often = Math.max(1, Math.round((SAMPLE_MS * calls) / WARM_MS));
  while (!ms.length || performance.now() - began < WARM_MS + seconds * 1e3) {
    const started = performance.now();
    for (let i = 0; i < often; i += 1) call();
    ms.push((performance.now() - started) / often);
  }
  return ms;
}

async function infer(module, job, files) {
  const { exports, memory } = instantiate(module, job, { state: await files.read("state") });
  const inputs = await files.read("inputs");
  const rows = inputs.length / job.inputRow;
  const outputs = new Uint8Array(rows * job.outputRow);
  const all = () => {
    for (let first = 0; first < rows; first += job.inferBatch) {
      const count = Math.min(job.inferBatch, rows - first);
      const chunk = inputs.subarray(first * job.inputRow, (first + count) * job.inputRow);
      memory.set(chunk, job.regions.input.offset);
      exports.infer(count);
      const { offset } = job.regions.output;
      const result = memory.subarray(offset, offset + count * job.outputRow);
      outputs.set(result, first * job.outputRow);
    }
  };
  all();
  const ms = job.inferSeconds ? timeCalls(all, job.inferSeconds) : [];
  if (job.outputDtype === "f32") {
    const words = new Uint32Array(outputs.buffer);
    new Float32Array(outputs.buffer).forEach((value, at) => {
      if (Number.isNaN(value)) words[at] = CANONICAL_NAN;
    });
  }
  await files.write("outputs", outputs);
  return ms;
}

async function judge(bytes, job, files) {
  const module = await WebAssembly.compile(bytes);
  const { exports } = instantiate(module, job, { state: await files.read("state") });
  return { losses: [], finite: exports.is_finite() !== 0, ms: [] };
}

export async function execute(job, files) {
  const bytes = await files.read("module");
  const answer = await (job.steps ? train : judge)(bytes, job, files);
  if (!job.evaluate && !job.infer) return answer;
  const module = await WebAssembly.compile(bytes);
  if (job.evaluate) {
    const contents = { state: await files.read("state"), dataset: await files.read("dataset") };
    answer.evaluate = bitsOf(instantiate(module, job, contents).exports.evaluate());
  }
  if (job.infer) answer.inferMs = await infer(module, job, files);
  return answer;
}

export async function executeAll(jobs, files) {
  const answers = [];
  for (const [number, job] of jobs.entries()) {
    const own = {
      read: (name) => files.read(`${number}.${name}`),
      write: (name, bytes) => files.write(`${number}.${name}`, bytes),
    };
    answers.push(await execute(job, own));
  }
  return answers;
}
