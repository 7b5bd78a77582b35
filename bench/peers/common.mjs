// What every peer does: read the workload, give its first losses, time steps and inference.
//
// job = {workload, steps?, seconds?, infer?}; files: spec (JSON), data (its arrays, little endian).
// A peer makes a workload of {params, inputs, targets}: {step(i), infer(rows)}, both read results back.

const WARM_STEPS = 3;
const WARM_CALLS = 5;
const LEAST = 3;

async function read(name) {
  const response = await fetch(`/files/${name}`);
  if (!response.ok) throw new Error(`${name}: a file expected, got status ${response.status}`);
  return response;
}

// {params: {name: {shape, data}}, inputs, targets}; inputs and targets hold 8 batches.
export async function load() {
  const spec = await (await read("spec")).json();
  const buffer = await (await read("data")).arrayBuffer();
  const view = ({ shape, dtype, offset }) => {
    const Kind = dtype === "int32" ? Int32Array : Float32Array;
    return { shape, data: new Kind(buffer, offset, shape.reduce((a, b) => a * b, 1)) };
  };
  const params = Object.fromEntries(spec.params.map(({ name, ...rest }) => [name, view(rest)]));
  return { params, inputs: view(spec.inputs), targets: view(spec.targets) };
}

export async function time(call, seconds) {
  const ms = [];
  const began = performance.now();
  while (ms.length < LEAST || performance.now() - began < seconds * 1e3) {
    const started = performance.now();
    await call();
    ms.push(performance.now() - started);
  }
  return ms;
}

// Batch `i` of an array with 8: the same each 8 steps.
export function batches({ shape: [count, ...shape], data }) {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => ({
    shape,
    data: data.slice(i * size, (i + 1) * size),
  }));
}

export function oneHot(labels, classes) {
  const data = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    data[row * classes + label] = 1;
  });
  return data;
}

export async function measure(makers, job) {
  const { step, infer } = await makers[job.workload](await load());
  if (job.infer) {
    for (let i = 0; i < WARM_CALLS; i += 1) await infer(job.infer);
    return { ms: await time(() => infer(job.infer), job.seconds) };
  }
  const losses = [];
  while (losses.length < job.steps) losses.push(await step(losses.length));
  if (!job.seconds) return { losses };
  let i = losses.length;
  for (const end = i + WARM_STEPS; i < end; i += 1) await step(i);
  return { losses, ms: await time(() => step(i++), job.seconds) };
}
