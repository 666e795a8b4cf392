import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Rotation, type RotationOptions } from '../../src/scap/rotation.js';
import { strftime } from '../../src/scap/strftime.js';

/** Writes events of 100 bytes, one per second, and tells which ones begin a file. */
function run(
  options: RotationOptions,
  events: number,
  base = 'out',
): { name: string; first: number; remove?: string }[] {
  const rotation = new Rotation(base, options);
  const files: { name: string; first: number; remove?: string }[] = [];
  let size = 0;
  for (let n = 1; n <= events; n++) {
    if (files.length === 0 || rotation.due(size, 1000 + n)) {
      files.push({ ...rotation.next(1000 + n), first: n });
      size = 0;
    }
    size += 100_000;
    rotation.wrote();
  }
  return files;
}

describe('rotation', () => {
  it('is wanted by -C, -G and -e, not by -W alone', () => {
    expect(Rotation.wanted(undefined)).toBe(false);
    expect(Rotation.wanted({ files: 3 })).toBe(false);
    for (const options of [{ megabytes: 1 }, { seconds: 1 }, { events: 1 }])
      expect(Rotation.wanted(options)).toBe(true);
  });

  it('by size: when the limit is exceeded', () => {
    // 10 events are exactly a million bytes: that is not yet too much.
    expect(run({ megabytes: 1 }, 34).map((f) => [f.name, f.first])).toEqual([
      ['out0', 1],
      ['out1', 12],
      ['out2', 23],
      ['out3', 34],
    ]);
  });

  it('by number of events: the first file has one less', () => {
    expect(run({ events: 10 }, 31).map((f) => f.first)).toEqual([1, 10, 20, 30]);
    expect(run({ events: 1 }, 3).map((f) => f.first)).toEqual([1, 2, 3]);
  });

  it('by seconds of event time', () => {
    expect(run({ seconds: 5 }, 14).map((f) => [f.name, f.first])).toEqual([
      ['out0', 1],
      ['out1', 6],
      ['out2', 11],
    ]);
  });

  it('goes round at -W, with an index of as many digits only for -C', () => {
    expect(run({ megabytes: 1, files: 100 }, 12).map((f) => f.name)).toEqual(['out000', 'out001']);
    expect(run({ megabytes: 1, files: 3 }, 40).map((f) => f.name)).toEqual(['out0', 'out1', 'out2', 'out0']);
    expect(run({ events: 2, files: 10 }, 3).map((f) => f.name)).toEqual(['out0', 'out1']);
  });

  it('takes names from the time, and removes what falls out of the ring', () => {
    const files = run({ seconds: 5, files: 2 }, 20, 'x-%s.scap');
    expect(files.map((f) => [f.name, f.remove])).toEqual([
      ['x-1001.scap', undefined],
      ['x-1006.scap', undefined],
      ['x-1011.scap', 'x-1001.scap'],
      ['x-1016.scap', 'x-1006.scap'],
    ]);
  });
});

describe('strftime', () => {
  const conversions = 'Y C y m d e H k I l M S p P j a A b h B u w U W V G g s F T R r D n t %'.split(' ');
  it.each([0, 951_782_400, 1_230_768_000, 1_704_067_199, 1_709_164_800, 1_735_689_600, 1_795_244_813])(
    'says the same as date(1) for %i',
    (second) => {
      for (const letter of conversions) {
        const format = `%${letter}`;
        const expected = execFileSync('date', ['-u', '-d', `@${second}`, `+<${format}>`], {
          env: { ...process.env, LC_ALL: 'C' },
          encoding: 'utf8',
        });
        expect(`${letter}<${strftime(format, new Date(second * 1000))}>\n`).toBe(`${letter}${expected}`);
      }
    },
  );

  it('leaves what it does not know', () => {
    expect(strftime('%Q a% %', new Date(0))).toBe('%Q a% %');
  });
});
