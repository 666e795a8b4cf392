import { PT } from '../scap/events.generated.js';
import { type AddressBytes, type Network, parseAddress, parseNetwork } from './addresses.js';
import type { Operator } from './ast.js';
import { compileRegex } from './regex.js';
import { servicePort } from './services.js';
import { parseNumber, unitHint } from './units.js';

/** An address or network constant. */
export interface AddressValue {
  readonly text: string;
  /** Set for an address. */
  readonly address?: AddressBytes;
  /** Set for a network. */
  readonly network?: Network;
}

/** A constant in the form in which it is compared. Bytes in hexadecimal (bcontains) are already bytes. */
export type LiteralValue = number | bigint | boolean | string | AddressValue;

/** Why a constant does not fit. */
export interface LiteralError {
  readonly error: string;
}

/**
 * Converts a constant for the comparison `op` with a value of the class; `{ error }` says in one line why it does not fit.
 * `units`: durations and sizes are understood.
 */
export function convertLiteral(
  text: string,
  op: Operator,
  cls: string,
  type: number,
  fieldName: string,
  units: boolean,
): LiteralValue | LiteralError {
  if (op === 'bcontains' || op === 'bstartswith') {
    if (text === '' || text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
      return { error: `'${op}' wants an even number of hex digits, as in 48545450` };
    return Buffer.from(text, 'hex').latin1Slice();
  }
  if (op === 'regex') {
    try {
      compileRegex(text);
    } catch (error) {
      return { error: `bad regular expression: ${error instanceof Error ? error.message : String(error)}` };
    }
    return text;
  }
  switch (cls) {
    case 'bool':
      if (text === 'true' || text === 'false') return text === 'true';
      return { error: `${fieldName} is true or false, not '${text}'` };
    case 'ip':
    case 'net':
      return convertAddress(text, cls);
    case 'number':
      return convertNumber(text, type, fieldName, units);
    default:
      return text;
  }
}

function convertAddress(text: string, cls: string): LiteralValue | LiteralError {
  const network = parseNetwork(text);
  if (network !== undefined) return { text, network };
  const address = parseAddress(text);
  if (cls === 'ip')
    return address === undefined ? { error: `'${text}' is not an IP address` } : { text, address };
  if (address !== undefined)
    return {
      error: `the network lacks its length: write ${text}/${address.length * 8} for this address alone`,
    };
  return { error: `'${text}' is not a network such as 10.0.0.0/8 or fe80::/10` };
}

function convertNumber(
  text: string,
  type: number,
  fieldName: string,
  units: boolean,
): LiteralValue | LiteralError {
  const value = parseNumber(text, type, fieldName, units);
  if (value !== undefined) return value;
  if (type === PT.PORT) {
    if (text === '') return 0;
    const port = servicePort(text);
    return port ?? { error: `'${text}' is neither a port number nor a known service` };
  }
  if (text === '') return { error: `a number is missing: ${fieldName || 'this'} is a number` };
  return { error: `'${text}' is not a number${units ? unitHint(type) : ''}` };
}
