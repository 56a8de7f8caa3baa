// After the bundler: compresses what is served, and fails when the first load is too heavy.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const BUDGET = 300_000;
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const gzipped = new Map();

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  // index.html is filled in by the server at run time.
  if (!entry.isFile() || !/\.(js|css|svg|json)$/.test(path) || path.includes(".vite")) continue;
  const text = readFileSync(path);
  const gzip = gzipSync(text, { level: 9 });
  gzipped.set(path.slice(dist.length), gzip.length);
  if (text.length < 512) continue;
  writeFileSync(`${path}.gz`, gzip);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
  writeFileSync(`${path}.br`, brotliCompressSync(text, { params }));
}

// What a browser loads for the heaviest screen opened first: the entry, that screen, and what both import.
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
function files(key, seen = new Set()) {
  if (seen.has(key)) return [];
  seen.add(key);
  const chunk = manifest[key];
  return [chunk.file, ...(chunk.css ?? []), ...(chunk.imports ?? []).flatMap((name) => files(name, seen))];
}
const weight = (keys) => [...new Set(keys.flatMap((key) => files(key)))].reduce((sum, file) => sum + (gzipped.get(file) ?? 0), 0);
const loads = Object.keys(manifest[("index.html")].dynamicImports ? manifest : {})
  .filter((key) => manifest[key].isDynamicEntry)
  .map((key) => [key, weight(["index.html", key])])
  .sort((a, b) => b[1] - a[1]);
const [name, heaviest] = loads[0] ?? ["index.html", weight(["index.html"])];
console.log(`first load, gzip: shell ${weight(["index.html"])} bytes; heaviest screen ${name}: ${heaviest} bytes (at most ${BUDGET})`);
rmSync(join(dist, ".vite"), { recursive: true });
if (heaviest > BUDGET) {
  console.error("the first load is too heavy: load what the screen does not need at once with import()");
  process.exit(1);
}
