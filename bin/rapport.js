#!/usr/bin/env node

// Requires dist/ with what V8 compiled of it in an earlier run, kept in the user's cache folder, a file for each first
// word. What is not there, or of another build or Node, is compiled and kept by the next run that succeeds.
const fs = require('node:fs');
const { isAbsolute, join } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

const dist = join(__dirname, '..', 'dist');
const word = /^-{0,2}[a-z]{1,20}$/.test(process.argv[2]) ? process.argv[2] : 'others';

function cacheFolder({ XDG_CACHE_HOME = '', LOCALAPPDATA, HOME }) {
  if (process.platform === 'win32') return LOCALAPPDATA && join(LOCALAPPDATA, 'rapport-cache');
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'rapport');
  return HOME && join(HOME, process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'rapport');
}

/** In bytes. */
const sumLength = 4;

/** It is run as the program is: nobody else may have written it, nor its folder. */
const isOwn = ({ uid, mode }) => process.getuid === undefined || (uid === process.getuid() && !(mode & 0o22));

/** V8 crashes on damaged code: its checksum stands before it, and must agree. */
function readKept(folder) {
  let descriptor;
  try {
    if (!isOwn(fs.lstatSync(folder))) return Buffer.alloc(0);
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
    descriptor = fs.openSync(join(folder, word), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const about = fs.fstatSync(descriptor);
    const bytes = about.isFile() && isOwn(about) ? fs.readFileSync(descriptor) : Buffer.alloc(0);
    const code = bytes.subarray(sumLength);
    return code.length > 0 && crc32(code) === bytes.readUInt32LE() ? code : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** Each file's code, behind a line that says of which file and text it is, and how long. */
function* entriesOf(bytes) {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at);
    const [path, of, length] = JSON.parse(bytes.toString('utf8', at, end));
    at = end + 1 + length;
    yield [path, { of, code: bytes.subarray(end + 1, at) }];
  }
}

const folder = cacheFolder(process.env);
const kept = new Map(folder && entriesOf(readKept(folder)));
const modules = new Map();

// Joined as bytes: V8 would hold a joined text twice.
const opening = Buffer.from('(function (exports, require, module, __filename, __dirname) {');
const closing = Buffer.from('\n})');

function load(id) {
  if (!id.startsWith('./')) return require(id);
  const known = modules.get(id);
  if (known !== undefined) return known.exports;
  const path = join(dist, id);
  // V8 takes code for any text of the same length: this says which text it was made of.
  const { size, ino, mtimeMs, ctimeMs } = fs.statSync(path);
  const of = [size, ino, mtimeMs, ctimeMs, process.version, process.arch].join(' ');
  const source = Buffer.concat([opening, fs.readFileSync(path), closing]).toString();
  const found = kept.get(path);
  const script = new Script(source, {
    filename: path,
    cachedData: found?.of === of ? found.code : undefined,
  });
  const module = { exports: {}, path, script, of };
  modules.set(id, module);
  script.runInThisContext()(module.exports, load, module, path, dist);
  return module.exports;
}

/** Whole or not at all. What is kept of files that this run did not load stays, while they are there. */
function keep() {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isOwn(fs.lstatSync(folder))) return;
  for (const { path, script, of } of modules.values())
    kept.set(path, { of, code: script.createCachedData() });
  const all = [...kept].filter(([path]) => fs.existsSync(path));
  const parts = all.flatMap(([path, { of, code }]) => [JSON.stringify([path, of, code.length]), '\n', code]);
  const whole = Buffer.concat([Buffer.alloc(sumLength), ...parts.map((part) => Buffer.from(part))]);
  whole.writeUInt32LE(crc32(whole.subarray(sumLength)));
  const unfinished = join(folder, `${word}.${process.pid}`);
  try {
    fs.writeFileSync(unfinished, whole, { mode: 0o600, flag: 'wx' });
    fs.renameSync(unfinished, join(folder, word));
  } catch {
    fs.rmSync(unfinished, { force: true });
  }
}

const { start, endWhenDone } = load('./rapport.cjs');
start().then((code) => {
  process.exitCode ||= code;
  const isNew = ({ script }) => script.cachedDataRejected !== false;
  try {
    if (code === 0 && folder && [...modules.values()].some(isNew)) keep();
  } catch {
    // The next run compiles again: that is all there is to lose.
  }
  // Tidying up what ends with the process anyway takes longer than ending it.
  endWhenDone();
});
