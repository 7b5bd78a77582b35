// Inference in onnxruntime-web on its Wasm backend, one thread: {ms, outputs of the first row}.

import { load, time } from "./common.mjs";

const PACKAGE = "/peers/node_modules/onnxruntime-web/dist";
const WARM_CALLS = 5;

export async function run(job) {
  const ort = await import(`${PACKAGE}/ort.wasm.min.mjs`);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = `${PACKAGE}/`;
  const model = new Uint8Array(await (await fetch("/files/onnx")).arrayBuffer());
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const { inputs } = await load();
  const [, , ...row] = inputs.shape;
  const data = inputs.data.slice(0, job.infer * row.reduce((a, b) => a * b, 1));
  const kind = data instanceof Int32Array ? "int32" : "float32";
  const feeds = { input: new ort.Tensor(kind, data, [job.infer, ...row]) };
  const call = async () => Object.values(await session.run(feeds))[0].data;
  const outputs = Array.from(await call());
  for (let i = 0; i < WARM_CALLS; i += 1) await call();
  return { ms: await time(call, job.seconds), outputs: outputs.slice(0, outputs.length / job.infer) };
}
