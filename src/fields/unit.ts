import { PT } from '../scap/events.generated.js';

/** What an amount is counted in. */
export type Unit = 'ns' | 'bytes' | 'kilobytes';

/** Fields that count memory in kB. */
export const IN_KB: ReadonlySet<string> = new Set([
  'proc.vmsize',
  'proc.vmrss',
  'proc.vmswap',
  'thread.vmsize',
  'thread.vmrss',
]);

/** Parameters that are numbers of bytes. */
const SIZES: ReadonlySet<string> = new Set(['size', 'length', 'len']);

/** The unit of an event's parameter; undefined if it is no amount. */
export function unitOfParam(name: string): Unit | undefined {
  return SIZES.has(name) ? 'bytes' : undefined;
}

/** The unit of a field's numbers; undefined if they are no amounts, or only a part of one (evt.latency.s). */
export function unitOfField(name: string, type: number): Unit | undefined {
  if (IN_KB.has(name)) return 'kilobytes';
  if (/^evt\.buflen(\.|$)/.test(name)) return 'bytes';
  return type === PT.RELTIME && !/\.n?s$/.test(name) ? 'ns' : undefined;
}

const BYTE_STEPS: readonly (readonly [size: number, name: string])[] = [
  [1024 ** 4, 'T'],
  [1024 ** 3, 'G'],
  [1024 ** 2, 'M'],
  [1024, 'KB'],
];

const TIME_STEPS: readonly (readonly [size: number, name: string])[] = [
  [86400e9, 'd'],
  [3600e9, 'h'],
  [60e9, 'min'],
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'us'],
];

/** An amount for people: `4.00KB`, `1.44M`, `17B`, `5.82ms`, `950ns`. Units as chisels write them. */
export function humanAmount(amount: number, unit: Unit): string {
  const bytes = unit === 'kilobytes' ? amount * 1024 : amount;
  const step = (unit === 'ns' ? TIME_STEPS : BYTE_STEPS).find(([size]) => bytes >= size);
  if (step === undefined) return `${bytes}${unit === 'ns' ? 'ns' : 'B'}`;
  return `${(bytes / step[0]).toFixed(2)}${step[1]}`;
}
