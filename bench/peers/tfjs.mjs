// The workloads in TensorFlow.js on its Wasm backend, one thread.
//
// Stock tfjs cannot train two of them there: the filter gradient of a convolution and the gradient
// of a gather have no Wasm kernel. So gradients of convolutions are made of matmuls and a transposed
// convolution, embeddings are one-hot matmuls; matmul gradients transpose first, which is faster.

import { batches, measure } from "./common.mjs";

const PACKAGES = "/peers/node_modules/@tensorflow";
let tf;

function script(src) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    Object.assign(element, { src, onload: resolve, onerror: () => reject(new Error(src)) });
    document.head.append(element);
  });
}

function turn(x) {
  const axes = [...x.shape.keys()];
  axes.push(...axes.splice(-2).reverse());
  return tf.transpose(x, axes);
}

function multiply(a, b) {
  return tf.customGrad((x, y, save) => {
    save([x, y]);
    const gradFunc = (dy, [left, right]) => [tf.matMul(dy, turn(right)), tf.matMul(turn(left), dy)];
    return { value: tf.matMul(x, y), gradFunc };
  })(a, b);
}

function convolve(input, weight, needsGradient) {
  return tf.customGrad((x, w, save) => {
    save([x, w]);
    const gradFunc = (dy, [images, filters]) => {
      const [rows, , , channels] = images.shape;
      const [, height, width, outputs] = dy.shape;
      const parts = [];
      for (let i = 0; i < 3; i += 1) {
        for (let j = 0; j < 3; j += 1) {
          const part = images.slice([0, i, j, 0], [rows, height, width, channels]);
          parts.push(part.reshape([rows * height * width, channels]));
        }
      }
      const columns = dy.reshape([rows * height * width, outputs]);
      const dw = tf.matMul(tf.transpose(tf.concat(parts, 1)), columns).reshape(filters.shape);
      const dx = needsGradient
        ? tf.conv2dTranspose(dy, filters, images.shape, 1, "valid")
        : tf.zerosLike(images);
      return [dx, dw];
    };
    return { value: tf.conv2d(x, w, 1, "valid"), gradFunc };
  })(input, weight);
}

const tensor = ({ data, shape }) =>
  tf.tensor(data.slice(), shape, data instanceof Int32Array ? "int32" : "float32");
const variables = (params) =>
  Object.fromEntries(Object.entries(params).map(([name, v]) => [name, tf.variable(tensor(v))]));
const crossEntropy = (logits, y) => tf.neg(tf.logSoftmax(logits).mul(y).sum(1).mean());

function trainer({ values, forward, lossOf, xs, ys, rate, decay = 0, firsts }) {
  const optimizer = tf.train.adam(rate, 0.9, 0.999, 1e-8);
  const all = Object.values(values);
  const shrunk = decay ? all.filter((value) => value.rank >= 2) : [];
  return {
    async step(i) {
      const loss = tf.tidy(() => {
        const objective = () => lossOf(forward(xs[i % xs.length]), ys[i % ys.length]);
        const { value, grads } = tf.variableGrads(objective, all);
        for (const matrix of shrunk) matrix.assign(matrix.mul(1 - rate * decay));
        optimizer.applyGradients(grads);
        return value;
      });
      const [number] = await loss.data();
      loss.dispose();
      return number;
    },
    async infer(rows) {
      const output = tf.tidy(() => forward(firsts(rows)));
      await output.data();
      output.dispose();
    },
  };
}

function mlp({ params, inputs, targets }) {
  const values = variables(params);
  const [xs, ys] = [batches(inputs).map(tensor), batches(targets).map(tensor)];
  const one = xs[0].slice(0, 1);
  const forward = (x) => {
    const hidden = multiply(x, values["0.weight"]).add(values["0.bias"]).relu();
    return multiply(hidden, values["2.weight"]).add(values["2.bias"]);
  };
  const lossOf = (output, y) => output.sub(y).square().mean();
  const firsts = (rows) => (rows === 1 ? one : xs[0]);
  return trainer({ values, forward, lossOf, xs, ys, rate: 1e-3, firsts });
}

function cnn({ params, inputs, targets }) {
  const turned = variables(params);
  const last = turned["7.weight"].reshape([64, 5, 5, 10]).transpose([1, 2, 0, 3]);
  const values = {
    ...turned,
    "0.weight": tf.variable(turned["0.weight"].transpose([2, 3, 1, 0])),
    "3.weight": tf.variable(turned["3.weight"].transpose([2, 3, 1, 0])),
    "7.weight": tf.variable(last.reshape([1600, 10])),
  };
  const images = { ...inputs, shape: [8, 64, 28, 28, 1] };
  const xs = batches(images).map(tensor);
  const ys = batches(targets).map((y) => tf.oneHot(tensor(y), 10).toFloat());
  const one = xs[0].slice(0, 1);
  const forward = (x) => {
    let h = convolve(x, values["0.weight"], false).add(values["0.bias"]).relu();
    h = tf.maxPool(h, 2, 2, "valid");
    h = convolve(h, values["3.weight"], true).add(values["3.bias"]).relu();
    h = tf.maxPool(h, 2, 2, "valid").reshape([x.shape[0], 1600]);
    return multiply(h, values["7.weight"]).add(values["7.bias"]);
  };
  const firsts = (rows) => (rows === 1 ? one : xs[0]);
  return trainer({ values, forward, lossOf: crossEntropy, xs, ys, rate: 1e-3, firsts });
}

const [LENGTH, WIDTH, HEADS, VOCABULARY, LAYERS] = [64, 128, 4, 256, 2];

function normalize(x, gain, bias) {
  const { mean, variance } = tf.moments(x, -1, true);
  return x.sub(mean).mul(tf.rsqrt(variance.add(1e-5))).mul(gain).add(bias);
}

function gelu(x) {
  const inner = x.add(x.square().mul(x).mul(0.044715)).mul(0.7978845608);
  return x.mul(0.5).mul(tf.tanh(inner).add(1));
}

function logits(p, x, mask) {
  const rows = x.size / LENGTH;
  const tokens = multiply(tf.oneHot(x.flatten(), VOCABULARY).toFloat(), p["tokens.weight"]);
  let h = tokens.reshape([rows, LENGTH, WIDTH]).add(p["positions.weight"]);
  h = h.reshape([rows * LENGTH, WIDTH]);
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const of = (name) => p[`blocks.${layer}.${name}`];
    const linear = (name, a) => multiply(a, of(`${name}.weight`)).add(of(`${name}.bias`));
    const norm = (name, a) => normalize(a, of(`${name}.weight`), of(`${name}.bias`));
    const heads = linear("qkv", norm("norm1", h)).reshape([rows, LENGTH, 3, HEADS, 32]);
    const [q, k, v] = tf.unstack(heads.transpose([2, 0, 3, 1, 4]), 0);
    const scores = multiply(q, tf.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(32)).add(mask);
    const mixed = multiply(tf.softmax(scores), v).transpose([0, 2, 1, 3]);
    h = h.add(linear("project", mixed.reshape([rows * LENGTH, WIDTH])));
    h = h.add(linear("narrow", gelu(linear("widen", norm("norm2", h)))));
  }
  return multiply(normalize(h, p["norm.weight"], p["norm.bias"]), p["head.weight"]);
}

function gpt({ params, inputs, targets }) {
  const values = variables(params);
  const xs = batches(inputs).map(tensor);
  const ys = batches(targets).map((y) => tf.oneHot(tensor(y).flatten(), VOCABULARY).toFloat());
  const one = xs[0].slice(0, 1);
  const masked = Float32Array.from({ length: LENGTH * LENGTH }, (_, i) =>
    i % LENGTH > Math.floor(i / LENGTH) ? -1e9 : 0,
  );
  const mask = tf.tensor(masked, [1, 1, LENGTH, LENGTH]);
  const forward = (x) => logits(values, x, mask);
  const firsts = (rows) => (rows === 1 ? one : xs[0]);
  const [rate, decay] = [3e-4, 0.1];
  return trainer({ values, forward, lossOf: crossEntropy, xs, ys, rate, decay, firsts });
}

export async function run(job) {
  await script(`${PACKAGES}/tfjs/dist/tf.min.js`);
  await script(`${PACKAGES}/tfjs-backend-wasm/dist/tf-backend-wasm.min.js`);
  tf = globalThis.tf;
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  tf.wasm.setWasmPaths(`${PACKAGES}/tfjs-backend-wasm/dist/`);
  await tf.setBackend("wasm");
  await tf.ready();
  return measure({ mlp, cnn, gpt }, job);
}
