// A job of module.mjs or profile.mjs in a page, or {jobs} for module.mjs; files are fetched from the
// server and sent to it.

import { execute, executeAll } from "./module.mjs";
import { profile } from "./profile.mjs";

const files = {
  read: async (name) => {
    const response = await fetch(`/files/${name}`);
    if (!response.ok) throw new Error(`${name}: a file expected, got status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  write: async (name, body) => {
    const response = await fetch(`/files/${name}`, { method: "PUT", body });
    if (!response.ok) throw new Error(`${name}: not written, status ${response.status}`);
  },
};

export function run(job) {
  if (job.jobs) return executeAll(job.jobs, files);
  return job.parts ? profile(job, files) : execute(job, files);
}
