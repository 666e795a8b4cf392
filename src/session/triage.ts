import { Verdict } from '../event/scan_codes.js';
import { areWatchable, type WatchedTexts } from '../event/watched_texts.js';
import { GENERIC_TYPES } from '../filter/type_table.js';
import { namingTypes, Passing } from '../machine/passing.js';
import { RereadFiles } from '../machine/reread_files.js';
import { RuledFiles } from '../machine/ruled_files.js';
import type { SessionOptions } from './session_options.js';

// What of a run may be passed over, decided before it begins.

/**
 * Whether events that the filter rules out may be passed over: nobody looks at every event, and it is not live capture, where
 * what is known of containers comes at any time.
 */
export function rulesOut({ source, sinks, filter, suppression }: SessionOptions): boolean {
  const whole = source.kind === 'live' || sinks.some((sink) => sink.onAny || sink.onBefore);
  return filter?.ruling != null && !whole && suppression === undefined;
}

/** For a filter that rules out paths; null: it does not, or the source cannot be read again. */
export function ruledFilesOf(options: SessionOptions): RuledFiles | null {
  const { source, filter } = options;
  if (!rulesOut(options) || !filter?.ruling?.byPath || filter.ruling.scope !== 'fd') return null;
  const readAgain = source.readAgain?.bind(source);
  return readAgain === undefined ? null : new RuledFiles(new RereadFiles(readAgain));
}

/** For a filter that lets nothing pass until some text has occurred in the capture; null: it does not, or it is asked of threads anyway. */
export function watchedTextsOf(options: SessionOptions): WatchedTexts | null {
  const { filter, machine, source } = options;
  const texts = filter?.ruling?.scope === 'fd' ? filter.ruling.texts : null;
  if (texts === null || source.watch === undefined || !rulesOut(options) || !areWatchable(texts)) return null;
  return { texts, types: namingTypes(machine) };
}

/** The table of wanted types with those marked that may be passed over; undefined: all are wanted as they are. */
export function triageOf(options: SessionOptions, passing: Uint8Array): Uint8Array | undefined {
  const { wantedTypes } = options;
  if (!rulesOut(options)) return wantedTypes;
  const triage = wantedTypes?.slice() ?? new Uint8Array(2 * 65536).fill(1);
  for (let type = 0; type < passing.length; type++)
    if (passing[type] !== Passing.NO && triage[type] === 1) triage[type] = passing[type];
  if (GENERIC_TYPES.some((type) => passing[type] === Passing.PLAIN && triage[type] === Verdict.BY_CODE))
    markCodes(triage.subarray(65536));
  return triage;
}

/** Marks the calls that are wanted as plain. Most codes are of no call, and wanted. */
function markCodes(codes: Uint8Array): void {
  const unwanted = codes.lastIndexOf(0);
  for (let code = 0; code < unwanted; code++) codes[code] *= Verdict.PLAIN;
  codes.fill(Verdict.PLAIN, unwanted + 1);
}
