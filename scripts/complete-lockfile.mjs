import fs from 'node:fs';

// Run after each change of package-lock.json. Many packages carry their binaries in optional packages, one for each
// platform. npm leaves those out of the lockfile that it could not fetch where the lockfile was written, and `npm ci`
// then refuses the file. This adds an entry for each, which npm skips on every platform but its own.
const FILE = 'package-lock.json';
const SYSTEMS = {
  ...{ darwin: 'darwin', win32: 'win32', windows: 'win32', android: 'android', freebsd: 'freebsd' },
  ...{ netbsd: 'netbsd', openbsd: 'openbsd', openharmony: 'openharmony', sunos: 'sunos', aix: 'aix', linux: 'linux' },
};
const PROCESSORS = {
  ...{ arm64: 'arm64', aarch64: 'arm64', x64: 'x64', x86_64: 'x64', ia32: 'ia32', arm: 'arm', armv7: 'arm' },
  ...{ ppc64: 'ppc64', s390x: 's390x', riscv64: 'riscv64', loong64: 'loong64', mips64el: 'mips64el', wasm32: 'wasm32' },
};

const lock = JSON.parse(fs.readFileSync(FILE, 'utf8'));
const missing = Object.entries(lock.packages).flatMap(([location, entry]) => missingOptional(location, entry));
for (const { name, range, dev } of missing) {
  lock.packages[`node_modules/${name}`] = {
    version: range.replace(/^[\^~]/, ''),
    ...only('cpu', lookUp(PROCESSORS, name)),
    ...(dev ? { dev: true } : {}),
    optional: true,
    ...only('os', lookUp(SYSTEMS, name)),
  };
  console.log(`added ${name}`);
}
if (missing.length > 0) {
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  fs.writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
}

function missingOptional(location, entry) {
  return Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !placesOf(location, name).some((place) => place in lock.packages))
    .map(([name, range]) => ({ name, range, dev: entry.dev === true }));
}

/** Where Node would look for a package from another: beside it, then further and further up. */
function placesOf(location, name) {
  const places = [];
  for (
    let folder = location;
    folder !== '';
    folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))
  ) {
    places.push(`${folder}/node_modules/${name}`);
  }
  return [...places, `node_modules/${name}`];
}

function lookUp(names, text) {
  const words = text.split(/[^a-z0-9_]+/);
  const found = Object.keys(names).find((name) => words.some((word) => word === name || word === `${name}hf`));
  return found === undefined ? undefined : names[found];
}

function only(field, value) {
  return value === undefined ? {} : { [field]: [value] };
}
