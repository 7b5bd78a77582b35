// Time a module's exports in node: `node bench/drivers/kernels.mjs job.json`.
//
// The job is profile.mjs's, with paths: module, image, peak. One line of JSON comes out.

import { readFileSync } from "node:fs";
import { profile } from "./profile.mjs";

const job = JSON.parse(readFileSync(process.argv[2] ?? 0, "utf8"));
const answer = await profile(job, { read: (name) => readFileSync(job.paths[name]) });
process.stdout.write(`${JSON.stringify(answer)}\n`);
