#!/usr/bin/env node

// Runs the bundle with the code that V8 compiled for it at build time. The cache names the bundle it belongs to and
// V8 refuses one of another version, so that a stale cache only costs the time that it would have saved.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

const filename = join(__dirname, '..', 'dist', 'rapport.cjs');
// The bundle is one function in ASCII, read as what takes no decoding.
const source = readFileSync(filename, 'latin1');

function cachedCode() {
  try {
    const cache = readFileSync(`${filename}.cache`);
    const name = source.slice(0, source.indexOf('\n'));
    return cache.toString('latin1', 0, name.length) === name ? cache.subarray(name.length) : undefined;
  } catch {
    return undefined;
  }
}

const script = new Script(source, { filename, cachedData: cachedCode() });
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, createRequire(filename), bundle, filename, dirname(filename));
bundle.exports.start().then((code) => {
  process.exitCode ||= code;
});
