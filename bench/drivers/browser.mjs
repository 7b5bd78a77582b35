// A headless Chromium and the server of its pages, both on this machine only.
//
// `openBrowser({executable, folders, flags})` gives {run(script, job), close()}; `run` opens a fresh
// page, imports `script` there, calls its `run(job)` and gives what that returns. Pages are isolated,
// so that their clock is fine. A page reads `/folder/...` of `folders` and, by name, the files in
// `job.paths` (GET and PUT /files/<name>).

import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { chromium } from "playwright-core";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];
const TYPES = { ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm" };
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};
const PAGE = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Delea</title>';

function pathOf(url, folders) {
  const [, first, ...rest] = decodeURIComponent(url.pathname).split("/");
  const root = folders[first];
  const path = root && join(root, ...rest);
  return path?.startsWith(root + sep) ? path : undefined;
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function serve(request, response, folders, paths) {
  const url = new URL(request.url, "http://127.0.0.1");
  if (url.pathname === "/") return response.setHeader("Content-Type", "text/html").end(PAGE);
  const [, first, name] = url.pathname.split("/");
  const path = first === "files" ? paths[name] : pathOf(url, folders);
  if (!path) return response.writeHead(404).end();
  if (request.method === "PUT" && first === "files") {
    await writeFile(path, await bodyOf(request));
    return response.writeHead(204).end();
  }
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  return response.setHeader("Content-Type", type).end(await readFile(path));
}

export async function openBrowser({ executable, folders, flags }) {
  let paths = {};
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    serve(request, response, folders, paths).catch((fault) => {
      response.writeHead(404).end(String(fault));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}/`;
  const args = [...ARGUMENTS, ...flags];
  const browser = await chromium.launch({ executablePath: executable, args });

  async function run(script, job) {
    paths = job.paths ?? {};
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(origin);
      return await page.evaluate(
        async ([source, work]) => {
          if (!crossOriginIsolated) throw new Error("an isolated page expected");
          return (await import(source)).run(work);
        },
        [script, job],
      );
    } finally {
      await context.close();
    }
  }

  async function close() {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }

  return { run, close };
}
