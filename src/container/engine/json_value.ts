import { bytes } from '../json.js';

/**
 * Readers of JSON whose shape nobody guarantees: what is absent or of another type gives the empty value.
 * Text comes out as byte strings.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

const NOTHING: JsonObject = {};

/** The object at a path of keys; an empty one if there is none. */
export function objectAt(value: unknown, ...keys: string[]): JsonObject {
  let at: unknown = value;
  for (const key of keys) at = isObject(at) ? at[key] : undefined;
  return isObject(at) ? at : NOTHING;
}

export function textAt(value: JsonObject, key: string): string {
  const text = value[key];
  return typeof text === 'string' ? bytes(text) : '';
}

export function numberAt(value: JsonObject, key: string): number {
  const number = value[key];
  return typeof number === 'number' && Number.isFinite(number) ? number : 0;
}

export function listAt(value: JsonObject, key: string): readonly unknown[] {
  const list = value[key];
  return Array.isArray(list) ? list : [];
}

/** The strings of a list. */
export function textsAt(value: JsonObject, key: string): string[] {
  return listAt(value, key)
    .filter((item) => typeof item === 'string')
    .map(bytes);
}

/** An object of strings. */
export function mapAt(value: JsonObject, key: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const [name, text] of Object.entries(objectAt(value, key))) {
    if (typeof text === 'string') map.set(bytes(name), bytes(text));
  }
  return map;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
