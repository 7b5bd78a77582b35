// Run jobs in headless Chromium, each in a fresh page: `node bench/drivers/chromium.mjs <executable>`.
// Further arguments are the browser's flags.
//
// Each line on standard input is a job {script, paths, ...}; each line out is {answer} or {error}.
// The end of standard input ends the browser, the server and this process.

import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openBrowser } from "./browser.mjs";

const drivers = dirname(fileURLToPath(import.meta.url));
const peers = join(dirname(drivers), "peers");
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const [executable, ...flags] = process.argv.slice(2);
const browser = await openBrowser({ executable, folders: { drivers, peers }, flags });
try {
  for await (const line of createInterface({ input: process.stdin })) {
    const job = JSON.parse(line);
    try {
      say({ answer: await browser.run(job.script, job) });
    } catch (fault) {
      say({ error: String(fault.message).split("\n")[0] });
    }
  }
} finally {
  await browser.close();
}
