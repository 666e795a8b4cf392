import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChiselError } from './engine.js';

/** Endings that a chisel's name may go without, in the order in which they are tried. */
const ENDINGS = ['.lua', '.js', '.mjs', '.ts', '.mts', ''];

/** The folder of the chisels that come with tsdig. */
export function shippedChiselDir(): string {
  // src/chisel and dist/chisel stand equally deep in the package.
  return join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'chisels');
}

/**
 * A folder in the working directory is searched only if it belongs to the user or root and others cannot write
 * into it: a chisel is code, and one that lies in somebody else's folder is not run by its bare name.
 */
function trusted(dir: string): boolean {
  try {
    const s = statSync(dir);
    const uid = process.getuid?.();
    if (!s.isDirectory()) return false;
    if (uid === undefined) return true;
    // A group of one's own, as distributions give each user, is nobody else.
    const othersWrite = (s.mode & 0o002) !== 0 || ((s.mode & 0o020) !== 0 && s.gid !== process.getgid?.());
    return (s.uid === uid || s.uid === 0) && !othersWrite;
  } catch {
    return false;
  }
}

function fromEnvironment(name: string): string[] {
  const dirs = (process.env[name] ?? '').split(';').filter((d) => d !== '');
  // Each is put in front of the ones before it.
  return dirs.reverse();
}

/** Directories in which chisels are looked for, first match wins. `extra` come first. */
export function chiselDirs(extra: readonly string[] = []): string[] {
  const dirs = [...extra, ...fromEnvironment('TSDIG_CHISEL_DIR'), ...fromEnvironment('SYSDIG_CHISEL_DIR')];
  if (trusted('chisels')) dirs.push('chisels');
  dirs.push(join(homedir(), '.chisels'), shippedChiselDir());
  return [...new Set(dirs)];
}

/**
 * Folders in which `require` of a chisel's file looks, each with its slash: beside the file, the chisel directories,
 * and last the stand-ins for modules that chisels written for sysdig require.
 */
export function moduleDirs(file: string, dirs: readonly string[]): string[] {
  const own = file.slice(0, file.lastIndexOf('/') + 1) || './';
  const folders = [...dirs, join(shippedChiselDir(), 'compat')];
  return [own, ...folders.map((dir) => (dir.endsWith('/') ? dir : `${dir}/`))];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The file of a chisel: a path as it stands (with or without its ending), a bare name in each directory in turn.
 * @throws ChiselError when there is none.
 */
export function findChisel(name: string, extra: readonly string[] = []): string {
  if (name.includes('/') || isAbsolute(name)) {
    for (const ending of ENDINGS) if (isFile(name + ending)) return name + ending;
    throw new ChiselError(`no chisel at ${name}: there is no such file`);
  }
  const dirs = chiselDirs(extra);
  for (const ending of ENDINGS) {
    for (const dir of dirs) {
      const path = join(dir, name + ending);
      if (isFile(path)) return path;
    }
  }
  if (isFile(name) && /\.(lua|js|mjs|ts|mts)$/.test(name)) {
    throw new ChiselError(`no chisel named ${name}: to run the file of the working directory type ./${name}`);
  }
  const close = nearest(name, dirs);
  const hint = close === undefined ? '' : `, did you mean ${close}?`;
  throw new ChiselError(`no chisel named ${name}${hint} (tsdig -cl lists them)`);
}

function nearest(name: string, dirs: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, name.length / 3);
  for (const dir of dirs) {
    if (!existsSync(dir)) continue;
    for (const file of readdirSync(dir)) {
      if (!file.endsWith('.lua')) continue;
      const candidate = file.slice(0, -4);
      const d = distance(name, candidate);
      if (d < bestDistance) {
        best = candidate;
        bestDistance = d;
      }
    }
  }
  return best;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
