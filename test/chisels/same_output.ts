/** How two outputs of one chisel relate: 'same', 'ties' when only rows of equal value stand in another order, or what differs first. */
export function compareOutput(want: string, have: string): string {
  if (want === have) return 'same';
  const a = want.split('\n');
  const b = have.split('\n');
  if (a.length === b.length && sameUpToTies(a, b)) return 'ties';
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== b[i]) return `line ${i + 1}: sysdig ${JSON.stringify(a[i])}, tsdig ${JSON.stringify(b[i])}`;
  }
  return 'same';
}

/** The value that rows are sorted by: the first column of tables, the last of `name<tab>count` lists. */
function rankOf(line: string): string {
  const tab = line.lastIndexOf('\t');
  return tab > 0 ? line.slice(tab + 1) : line.split(' ', 1)[0];
}

/**
 * sysdig leaves rows of equal value in the order of a hash table, and cuts the list among them as it likes: all
 * values must agree line by line, and all rows but those of the last value as a set.
 */
function sameUpToTies(a: readonly string[], b: readonly string[]): boolean {
  const isTable = a[1]?.startsWith('-----') === true;
  if (isTable && (a[0] !== b[0] || a[1] !== b[1])) return false;
  if (!isTable && !a[0].includes('\t')) return false;
  const from = isTable ? 2 : 0;
  const rowsA = a.slice(from).filter((line) => line !== '');
  const rowsB = b.slice(from).filter((line) => line !== '');
  if (rowsA.length !== rowsB.length || rowsA.some((row, i) => rankOf(row) !== rankOf(rowsB[i]))) return false;
  const last = rankOf(rowsA.at(-1) ?? '');
  const sorted = (rows: readonly string[], all: boolean): string =>
    rows
      .filter((row) => all || rankOf(row) !== last)
      .sort()
      .join('\n');
  return sorted(rowsA, true) === sorted(rowsB, true) || sorted(rowsA, false) === sorted(rowsB, false);
}
