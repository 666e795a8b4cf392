import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../../dist/machine/young_generation.js', import.meta.url).href;

/** Megabytes that V8's young generation has grown by, in a process of its own, while objects were made that stay. */
function growth(how: string): number {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    import { whileYoungStaysSmall } from '${MODULE}';
    const size = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size;
    const kept = [];
    const make = () => { for (let i = 0; i < 400000; i++) kept.push({ a: i, b: i, c: [i] }); };
    const before = size();
    ${how}
    console.log(size() - before);
  `;
  return (
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) / 1e6
  );
}

describe("V8's young generation", () => {
  it('stays as it is while threads are made, and grows as always before and after', () => {
    const usual = growth('make();');
    expect(usual).toBeGreaterThan(4);
    expect(growth('whileYoungStaysSmall(make);')).toBeLessThan(usual / 4);
    expect(growth('whileYoungStaysSmall(() => {}); make();')).toBeGreaterThan(usual / 2);
  });
});
