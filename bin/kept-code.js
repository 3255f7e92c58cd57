// What V8 compiled of a bundle, kept for this user and this Node in the platform's cache folder: for an installation
// that came without it, or whose Node is another by now.
const fs = require('node:fs');
const { basename, join } = require('node:path');

function cacheFolder({ XDG_CACHE_HOME, LOCALAPPDATA, HOME }) {
  if (process.platform === 'win32') return LOCALAPPDATA;
  if (XDG_CACHE_HOME?.startsWith('/')) return XDG_CACHE_HOME;
  return HOME && join(HOME, ...(process.platform === 'darwin' ? ['Library', 'Caches'] : ['.cache']));
}

/** It is run as the program is: nobody else may have written it, nor the folder. */
const isOwn = ({ uid, mode }) => process.getuid === undefined || (uid === process.getuid() && !(mode & 0o22));

function read(folder, file) {
  let descriptor;
  try {
    if (!isOwn(fs.lstatSync(folder))) return undefined;
    descriptor = fs.openSync(
      file,
      fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0),
    );
    const about = fs.fstatSync(descriptor);
    return about.isFile() && isOwn(about) ? fs.readFileSync(descriptor) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) fs.closeSync(descriptor);
  }
}

/** Whole or not at all, and in place of what was kept for another Node. */
function write(folder, file, bundle, bytes) {
  const unfinished = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOwn(fs.lstatSync(folder))) return;
    fs.writeFileSync(unfinished, bytes, { mode: 0o600, flag: 'wx' });
    fs.renameSync(unfinished, file);
    for (const other of fs.readdirSync(folder))
      if (other.startsWith(`${bundle}-v`) && join(folder, other) !== file) fs.rmSync(join(folder, other));
  } catch {
    // The next run compiles again: that is all there is to lose.
    fs.rmSync(unfinished, { force: true });
  }
}

exports.keptCode = (filename) => {
  const home = cacheFolder(process.env);
  if (!home) return { bytes: undefined, keep: () => undefined };
  const folder = join(home, 'rapport');
  const bundle = basename(filename, '.cjs');
  const file = join(folder, `${bundle}-${process.version}-${process.arch}`);
  return { bytes: read(folder, file), keep: (bytes) => write(folder, file, bundle, bytes) };
};
