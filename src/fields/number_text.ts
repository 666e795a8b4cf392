import type { LineBuffer } from './line_buffer.js';

/** A signed 64-bit value at `off`, in decimal. */
export function writeI64(out: LineBuffer, dv: DataView, off: number): void {
  const high = dv.getInt32(off + 4, true);
  if (high >= -2097152 && high < 2097152) out.dec(high * 4294967296 + dv.getUint32(off, true));
  else out.text(String(dv.getBigInt64(off, true)));
}

/** A signed 64-bit value: a double where that is exact. */
export function readI64(dv: DataView, off: number): number | bigint {
  const high = dv.getInt32(off + 4, true);
  if (high >= -2097152 && high < 2097152) return high * 4294967296 + dv.getUint32(off, true);
  return dv.getBigInt64(off, true);
}

/** An unsigned 64-bit value: a double where that is exact. */
export function readU64(dv: DataView, off: number): number | bigint {
  const high = dv.getUint32(off + 4, true);
  if (high < 2097152) return high * 4294967296 + dv.getUint32(off, true);
  return dv.getBigUint64(off, true);
}

/** As C's `%g`: six significant digits, no trailing zeros, an exponent below 1e-4 and from 1e6. */
export function shortFloat(value: number): string {
  if (value === 0) return '0';
  const [mantissa, exponentText] = value.toExponential(5).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const size = Math.abs(exponent);
    return `${trimZeros(mantissa)}e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`;
  }
  return trimZeros(value.toFixed(5 - exponent));
}

function trimZeros(text: string): string {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  if (text.charCodeAt(end - 1) === 46) end--;
  return text.slice(0, end);
}
