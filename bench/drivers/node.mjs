// Run a Delea module in node: `node bench/drivers/node.mjs job.json` (or the job on standard input).
//
// The job is that of module.mjs, with the paths of its files: module, dataset, state, stateOut?,
// inputs?, outputs?. One line of JSON comes out: module.mjs's answer.

import { readFileSync, writeFileSync } from "node:fs";
import { execute } from "./module.mjs";

const job = JSON.parse(readFileSync(process.argv[2] ?? 0, "utf8"));
const files = {
  read: (name) => readFileSync(job[name]),
  write: (name, bytes) => writeFileSync(job[name], bytes),
};
const flags = { keep: "stateOut" in job, infer: "inputs" in job };
const answer = await execute({ ...job, ...flags }, files);
process.stdout.write(`${JSON.stringify(answer)}\n`);
