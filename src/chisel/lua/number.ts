/** Numbers as text and back, as Lua 5.1 does it: doubles only, printed with %.14g. */

/** `%.14g`: what tostring and concatenation give. */
export function numberToText(n: number): string {
  if (Number.isInteger(n) && n < 1e14 && n > -1e14) return Object.is(n, -0) ? '-0' : String(n);
  return formatG(n, 14, false);
}

/** nan and infinities as C prints them; undefined for finite numbers. */
export function nonFinite(n: number): string | undefined {
  if (Number.isNaN(n)) return 'nan';
  if (n === Infinity) return 'inf';
  if (n === -Infinity) return '-inf';
  return undefined;
}

/** C's %e. */
export function formatE(n: number, precision: number): string {
  const text = n.toExponential(Math.min(precision, 100));
  const e = text.indexOf('e');
  const digits = text.slice(e + 2);
  const sign = text[e + 1];
  return (
    (Object.is(n, -0) ? '-' : '') +
    text.slice(0, e) +
    'e' +
    sign +
    (digits.length < 2 ? '0' + digits : digits)
  );
}

/** C's %f: exact digits also beyond 1e21, where toFixed changes to exponents. */
export function formatF(n: number, precision: number): string {
  const minus = Object.is(n, -0) ? '-' : '';
  if (Math.abs(n) < 1e21) return minus + n.toFixed(Math.min(precision, 100));
  return BigInt(n).toString() + (precision > 0 ? '.' + '0'.repeat(precision) : '');
}

/** C's %g: `keepZeros` is the `#` flag. */
export function formatG(n: number, precision: number, keepZeros: boolean): string {
  const special = nonFinite(n);
  if (special !== undefined) return special;
  const p = precision === 0 ? 1 : Math.min(precision, 100);
  if (n === 0) return Object.is(n, -0) ? '-0' : keepZeros ? '0.' + '0'.repeat(p - 1) : '0';
  const exp = n.toExponential(p - 1);
  const e = Number(exp.slice(exp.indexOf('e') + 1));
  let text: string;
  if (e < -4 || e >= p) {
    text = formatE(n, p - 1);
    if (keepZeros) return text;
    const at = text.indexOf('e');
    return stripZeros(text.slice(0, at)) + text.slice(at);
  }
  text = formatF(n, Math.max(0, p - 1 - e));
  return keepZeros ? text : stripZeros(text);
}

function stripZeros(text: string): string {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  if (text.charCodeAt(end - 1) === 46) end--;
  return text.slice(0, end);
}

const DECIMAL = /^[ \t-\r]*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)[ \t-\r]*$/;
const HEX = /^[ \t-\r]*([-+]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([-+]?\d+))?[ \t-\r]*$/;
const SPECIAL = /^[ \t-\r]*([-+]?)(nan|inf(?:inity)?)[ \t-\r]*$/i;

/** The number that a text spells, undefined if none: decimal, hexadecimal, nan and inf, spaces around allowed. */
export function textToNumber(text: string): number | undefined {
  const dec = DECIMAL.exec(text);
  if (dec !== null) return Number(dec[1]);
  const hex = HEX.exec(text);
  if (hex !== null && (hex[2].length > 0 || (hex[3] ?? '').length > 0)) {
    let n = 0;
    for (const c of hex[2]) n = n * 16 + Number.parseInt(c, 16);
    let scale = 1;
    for (const c of hex[3] ?? '') {
      scale /= 16;
      n += Number.parseInt(c, 16) * scale;
    }
    if (hex[4] !== undefined) n *= 2 ** Number(hex[4]);
    return hex[1] === '-' ? -n : n;
  }
  const special = SPECIAL.exec(text);
  if (special !== null) {
    const n = special[2][0] === 'n' || special[2][0] === 'N' ? Number.NaN : Infinity;
    return special[1] === '-' ? -n : n;
  }
  return undefined;
}

/** tonumber(text, base) for bases 2..36: a whole number, or undefined. */
export function textToInteger(text: string, base: number): number | undefined {
  const m = /^[ \t-\r]*(-?)([0-9a-zA-Z]+)[ \t-\r]*$/.exec(base === 16 ? text.replace(/0[xX]/, '') : text);
  if (m === null) return undefined;
  let n = 0;
  for (const c of m[2]) {
    const digit = Number.parseInt(c, 36);
    if (digit >= base) return undefined;
    n = n * base + digit;
  }
  return m[1] === '-' ? -n : n;
}
