// The workloads in jax-js on its Wasm backend: one jitted function per step, loss to optimizer.
//
// Convolutions are im2col and a matmul, pools a maximum over a reshaped array: the stock ones are
// plain loops on this backend, 25 times slower. Embeddings are one-hot matmuls, as fast as `take`.

import { batches, measure, oneHot } from "./common.mjs";

delete globalThis.SharedArrayBuffer; // else it starts a worker per processor
const jax = await import("/peers/node_modules/@jax-js/jax/dist/index.js");
const { numpy: np, nn, jit, valueAndGrad, tree } = jax;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];
const array = ({ data, shape }) => np.array(data.slice()).reshape(shape);
const crossEntropy = (logits, y) => nn.logSoftmax(logits, -1).mul(y).sum(-1).mean().mul(-1);

function squareError(output, y) {
  const error = output.sub(y);
  return error.ref.mul(error).mean();
}

// params: {name: np.Array}; xs, ys: the batches; firsts(n): the inputs of n rows.
function trainer({ params, forward, lossOf, xs, ys, rate, decay = 0, firsts }) {
  const names = Object.keys(params);
  const zeros = () => Object.fromEntries(names.map((name) => [name, np.zeros(params[name].shape)]));
  const update = jit((values, means, squares, correct1, correct2, x, y) => {
    const objective = (p, a, b) => lossOf(forward(p, a), b);
    const [loss, gradients] = valueAndGrad(objective)(tree.ref(values), x, y);
    const [nextValues, nextMeans, nextSquares] = [{}, {}, {}];
    for (const name of names) {
      const g = gradients[name];
      const m = means[name].mul(BETA1).add(g.ref.mul(1 - BETA1));
      const v = squares[name].mul(BETA2).add(g.ref.mul(g).mul(1 - BETA2));
      const matrix = params[name].shape.length >= 2;
      const p = decay && matrix ? values[name].mul(1 - rate * decay) : values[name];
      [nextMeans[name], nextSquares[name]] = [m.ref, v.ref];
      const root = np.sqrt(v.div(correct2.ref)).add(EPSILON);
      nextValues[name] = p.sub(m.div(correct1.ref).mul(rate).div(root));
    }
    correct1.dispose();
    correct2.dispose();
    return [nextValues, nextMeans, nextSquares, loss];
  });
  const run = jit((values, x) => forward(values, x));
  let [values, means, squares] = [params, zeros(), zeros()];
  return {
    async step(i) {
      const corrections = [BETA1, BETA2].map((beta) => np.array(1 - beta ** (i + 1)));
      const batch = [xs[i % xs.length].ref, ys[i % ys.length].ref];
      let loss;
      [values, means, squares, loss] = update(values, means, squares, ...corrections, ...batch);
      return (await loss.data())[0];
    },
    async infer(rows) {
      await run(tree.ref(values), firsts(rows).ref).data();
    },
  };
}

const arrays = (params) =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, array(value)]));

function mlp({ params, inputs, targets }) {
  const [xs, ys] = [batches(inputs).map(array), batches(targets).map(array)];
  const one = np.array(inputs.data.slice(0, 1)).reshape([1, 1]);
  const forward = (p, x) => {
    const hidden = nn.relu(np.matmul(x, p["0.weight"]).add(p["0.bias"]));
    return np.matmul(hidden, p["2.weight"]).add(p["2.bias"]);
  };
  const firsts = (rows) => (rows === 1 ? one : xs[0]);
  const rate = 1e-3;
  return trainer({ params: arrays(params), forward, lossOf: squareError, xs, ys, rate, firsts });
}

function convolve(x, weight, side) {
  const [rows, channels] = x.shape;
  const [outputs, end] = [weight.shape[0], side - 2];
  const parts = [];
  for (let i = 0; i < 3; i += 1) {
    for (let j = 0; j < 3; j += 1) {
      const part = x.ref.slice([], [], [i, i + end], [j, j + end]);
      parts.push(part.reshape([rows, channels, 1, end * end]));
    }
  }
  x.dispose();
  const patches = np.concatenate(parts, 2).reshape([rows, channels * 9, end * end]);
  const product = np.matmul(weight.reshape([1, outputs, channels * 9]), patches);
  return product.reshape([rows, outputs, end, end]);
}

function pool(x, side) {
  const even = side & ~1;
  const [rows, channels] = x.shape;
  const kept = even === side ? x : x.slice([], [], [0, even], [0, even]);
  return np.max(kept.reshape([rows, channels, even / 2, 2, even / 2, 2]), [3, 5]);
}

function cnn({ params, inputs, targets }) {
  const values = arrays(params);
  for (const name of ["0.bias", "3.bias"]) values[name] = values[name].reshape([-1, 1, 1]);
  const xs = batches(inputs).map(array);
  const ys = batches(targets).map(({ data }) =>
    np.array(oneHot(data, 10)).reshape([data.length, 10]),
  );
  const one = np.array(inputs.data.slice(0, 784)).reshape([1, 1, 28, 28]);
  const forward = (p, x) => {
    const rows = x.shape[0];
    let h = pool(nn.relu(convolve(x, p["0.weight"], 28).add(p["0.bias"])), 26);
    h = pool(nn.relu(convolve(h, p["3.weight"], 13).add(p["3.bias"])), 11);
    return np.matmul(h.reshape([rows, 1600]), p["7.weight"]).add(p["7.bias"]);
  };
  const firsts = (rows) => (rows === 1 ? one : xs[0]);
  return trainer({ params: values, forward, lossOf: crossEntropy, xs, ys, rate: 1e-3, firsts });
}

const [LENGTH, WIDTH, HEADS, VOCABULARY, LAYERS] = [64, 128, 4, 256, 2];

function normalize(x, gain, bias) {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(centred.ref.mul(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5))).mul(gain).add(bias);
}

function logits(p, x, mask) {
  const rows = x.shape[0] / LENGTH;
  const split = [rows, LENGTH, WIDTH];
  const tokens = np.matmul(x, p["tokens.weight"]).reshape(split);
  let h = tokens.add(p["positions.weight"]).reshape([rows * LENGTH, WIDTH]);
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const of = (name) => p[`blocks.${layer}.${name}`];
    const linear = (name, a) => np.matmul(a, of(`${name}.weight`)).add(of(`${name}.bias`));
    const norm = (name, a) => normalize(a, of(`${name}.weight`), of(`${name}.bias`));
    const heads = linear("qkv", norm("norm1", h.ref)).reshape([rows, LENGTH, 3, HEADS, 32]);
    const qkv = np.transpose(heads, [2, 0, 3, 1, 4]);
    const [q, k, v] = [qkv.ref.slice(0), qkv.ref.slice(1), qkv.slice(2)];
    const scores = np.matmul(q, np.matrixTranspose(k)).mul(1 / Math.sqrt(32)).add(mask.ref);
    const mixed = np.transpose(np.matmul(nn.softmax(scores, -1), v), [0, 2, 1, 3]);
    h = h.add(linear("project", mixed.reshape([rows * LENGTH, WIDTH])));
    const wide = nn.gelu(linear("widen", norm("norm2", h.ref)), { approximate: true });
    h = h.add(linear("narrow", wide));
  }
  return np.matmul(normalize(h, p["norm.weight"], p["norm.bias"]), p["head.weight"]);
}

function gpt({ params, inputs, targets }) {
  const encode = (data) => np.array(oneHot(data, VOCABULARY)).reshape([data.length, VOCABULARY]);
  const xs = batches(inputs).map(({ data }) => encode(data));
  const ys = batches(targets).map(({ data }) => encode(data));
  const one = encode(inputs.data.slice(0, LENGTH));
  const masked = Float32Array.from({ length: LENGTH * LENGTH }, (_, i) =>
    i % LENGTH > Math.floor(i / LENGTH) ? -1e9 : 0,
  );
  const mask = np.array(masked).reshape([1, 1, LENGTH, LENGTH]);
  const forward = (p, x) => logits(p, x, mask);
  const firsts = (rows) => (rows === 1 ? one : xs[0]);
  const [rate, decay] = [3e-4, 0.1];
  const lossOf = crossEntropy;
  return trainer({ params: arrays(params), forward, lossOf, xs, ys, rate, decay, firsts });
}

export async function run(job) {
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  return measure({ mlp, cnn, gpt }, job);
}
