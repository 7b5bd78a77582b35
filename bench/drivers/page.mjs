// A job of module.mjs in a page: its files are fetched from the server, and sent back to it.

import { execute } from "./module.mjs";

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

export const run = (job) => execute(job, files);
