#!/usr/bin/env node

// Runs a bundle with what V8 compiled of it before: at build time, or in an earlier run where the build's is of another
// Node. V8 refuses what it did not make of this very text, so that stale code only costs the time it would have saved.
const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');
const [word = '', ...more] = process.argv.slice(2);
// A word that is typed many times a day has a bundle of its own, and so has help.
const isHelp = more.length === 0 && /^(?:--help|--version|-[hvV])$/.test(word);
const quick = join(dist, isHelp ? 'help.cjs' : /^[a-z]+$/.test(word) ? `rapport-${word}.cjs` : '');
const filename = quick !== dist && existsSync(quick) ? quick : join(dist, 'rapport.cjs');
// The bundle is one function in ASCII, read as what takes no decoding; its first line names it.
const source = readFileSync(filename, 'latin1');
const name = `${source.slice(0, source.indexOf('\n'))} ${process.version} ${process.arch}`;

/** V8 crashes on code that was damaged: it stands twice in its file, behind the name of its bundle and its Node. */
function compile(bytes, origin) {
  const half = (bytes.length - name.length) / 2;
  if (!Number.isInteger(half) || half <= 0 || bytes.toString('latin1', 0, name.length) !== name)
    return undefined;
  const code = bytes.subarray(name.length, name.length + half);
  if (!code.equals(bytes.subarray(name.length + half))) return undefined;
  const script = new Script(source, { filename: origin, cachedData: code });
  return script.cachedDataRejected ? undefined : script;
}

const built = `${filename}.cache`;
let script = existsSync(built) ? compile(readFileSync(built), filename) : undefined;
let kept;
if (script === undefined) {
  kept = require('./kept-code.js').keptCode(filename);
  // By the same name V8 would give what it compiled when it refused the build's, and leave this unread.
  script = (kept.bytes && compile(kept.bytes, `${filename}?`)) ?? new Script(source, { filename });
}
const bundle = { exports: {} };
const load = (id) => require(id.startsWith('.') ? join(dist, id) : id);
script.runInThisContext()(bundle.exports, load, bundle, filename, dist);
bundle.exports.start().then((code) => {
  process.exitCode ||= code;
  if (code === 0 && script.cachedDataRejected !== false) {
    const made = script.createCachedData();
    kept.keep(Buffer.concat([Buffer.from(name), made, made]));
  }
  // Tidying up what ends with the process anyway takes longer than ending it.
  bundle.exports.endWhenDone();
});
