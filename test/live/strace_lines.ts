/** Reads what `strace -ff -o` writes: one call per line. */

export interface StraceCall {
  readonly name: string;
  readonly args: readonly string[];
  /** What stands behind the `=`: a number, `-1 ENOENT (…)`, `?`. */
  readonly result: string;
}

/** The calls of one thread's file, in order. Lines of signals and exits are left out. */
export function parseStrace(text: string): StraceCall[] {
  const calls = [];
  for (const line of text.split('\n')) {
    const match = /^(\w+)\((.*)\)\s+= (.+)$/.exec(line);
    if (match) calls.push({ name: match[1]!, args: splitArgs(match[2]!), result: match[3]! });
  }
  return calls;
}

/** Splits at the commas that are outside strings and brackets. */
export function splitArgs(text: string): string[] {
  const args: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if ('([{'.includes(c)) depth++;
    else if (')]}'.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      args.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  const last = text.slice(from).trim();
  if (last !== '') args.push(last);
  return args;
}

/** A string argument as the bytes it stands for, undefined when it is not a string. Cut strings (`"…"...`) too. */
export function straceString(arg: string): string | undefined {
  const match = /^"((?:[^"\\]|\\.)*)"(\.\.\.)?$/s.exec(arg);
  if (!match) return undefined;
  const escapes: Record<string, string> = {
    n: '\n',
    t: '\t',
    r: '\r',
    v: '\v',
    f: '\f',
    '"': '"',
    '\\': '\\',
  };
  return match[1]!.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gs, (_, e: string) =>
    e[0] === 'x' && e.length === 3
      ? String.fromCharCode(Number.parseInt(e.slice(1), 16))
      : /^[0-7]/.test(e)
        ? String.fromCharCode(Number.parseInt(e, 8))
        : (escapes[e] ?? e),
  );
}

/** A number argument (decimal, hex, octal, AT_FDCWD, NULL), undefined for anything else. */
export function straceNumber(arg: string): bigint | undefined {
  if (arg === 'NULL') return 0n;
  if (arg === 'AT_FDCWD') return -100n;
  if (/^-\d+$/.test(arg)) return -BigInt(arg.slice(1));
  if (/^0[0-7]+$/.test(arg)) return BigInt(`0o${arg.slice(1)}`);
  if (/^(0x[0-9a-f]+|\d+)$/.test(arg)) return BigInt(arg);
  return undefined;
}
