// Run a Delea module in node: `node bench/drivers/node.mjs job.json` (or the job on standard input).
//
// The job is that of module.mjs, with the paths of its files: module, dataset, state, stateOut?,
// inputs?, outputs?. One line of JSON comes out: module.mjs's answer. Of {jobs, paths} the answers.

import { readFileSync, writeFileSync } from "node:fs";
import { execute, executeAll } from "./module.mjs";

const job = JSON.parse(readFileSync(process.argv[2] ?? 0, "utf8"));
const paths = job.paths ?? job;
const files = {
  read: (name) => readFileSync(paths[name]),
  write: (name, bytes) => writeFileSync(paths[name], bytes),
};
const flags = { keep: "stateOut" in job, infer: "inputs" in job };
const answer = await (job.jobs
  ? executeAll(job.jobs, files)
  : execute({ ...job, ...flags }, files));
process.stdout.write(`${JSON.stringify(answer)}\n`);
