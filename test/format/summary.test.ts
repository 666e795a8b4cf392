import { describe, expect, it } from 'vitest';
import { EventSummary } from '../../src/format/summary.js';
import { PPME } from '../../src/scap/events.generated.js';
import { builtEvent, bytes } from '../fields/built_event.js';

describe('EventSummary', () => {
  it('counts by direction and name, generic calls by their own', () => {
    const summary = new EventSummary();
    const generic = builtEvent(PPME.GENERIC_E, [bytes.u16(0), bytes.u16(39)]);
    for (let i = 0; i < 3; i++) summary.add(builtEvent(PPME.SYSCALL_CLOSE_X, [bytes.i64(0)]));
    for (let i = 0; i < 2; i++) summary.add(generic);
    summary.add(builtEvent(PPME.SYSCALL_CLOSE_E, [bytes.i64(1)]));
    expect(summary.render()).toBe(
      [
        '----------------------',
        'Event           #Calls',
        '----------------------',
        '< close           3',
        '> getpid          2',
        '> close           1',
        '',
      ].join('\n'),
    );
  });
});
