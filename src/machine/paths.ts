/**
 * `name` as seen from directory `dir`, without `.`, `..`, doubled and trailing slashes. A relative name in an
 * unknown directory ('') stays relative. Byte strings; control bytes read as `.`, as sysdig shows them.
 */
export function joinPath(dir: string, name: string): string {
  const absolute = name.charCodeAt(0) === SLASH;
  if (absolute && isCleanPath(name)) return name;
  const whole = absolute
    ? name
    : dir === '' || dir === UNKNOWN_DIRECTORY || dir.charCodeAt(dir.length - 1) === SLASH
      ? dir + name
      : `${dir}/${name}`;
  return isCleanPath(whole) ? whole : normalize(whole);
}

/** Stands, joined without a slash, for the directory of a path whose directory fd is not known. */
export const UNKNOWN_DIRECTORY = '<UNKNOWN>';

const SLASH = 47;
const DOT = 46;

/** Whether a path is as `joinPath` would make it. One look at each byte. */
export function isCleanPath(path: string): boolean {
  let previous = 0;
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i);
    if (c < 32 || c === 127) return false;
    if ((c === SLASH || c === DOT) && previous === SLASH) return false;
    previous = c;
  }
  return path.charCodeAt(0) === SLASH && (previous !== SLASH || path.length === 1);
}

function normalize(path: string): string {
  const absolute = path.charCodeAt(0) === SLASH;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part.replace(CONTROL, '.'));
  }
  return (absolute ? '/' : '') + parts.join('/');
}

const CONTROL = /[\x00-\x1f\x7f]/g;

/** The directory part as fd.directory shows it: `/` for a file in the root, '' without any slash. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : slash === 0 ? '/' : path.slice(0, slash);
}

/** The part behind the last slash. */
export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
