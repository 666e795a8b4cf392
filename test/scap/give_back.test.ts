import { describe, expect, it } from 'vitest';
import { giveBack } from '../../src/scap/give_back.js';

describe('giving memory back', () => {
  it('takes it away from large buffers, at once', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 50; i++) {
      const bytes = Buffer.allocUnsafeSlow(8 << 20);
      const part = bytes.subarray(100, 200);
      giveBack(part);
      expect(bytes.length).toBe(0);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });

  it('leaves small ones, which may share theirs, and shared memory', () => {
    const pooled = Buffer.from('abc');
    const shared = Buffer.from(new SharedArrayBuffer(1 << 20));
    for (const bytes of [pooled, shared]) {
      giveBack(bytes);
      expect(bytes.length).toBeGreaterThan(0);
    }
  });
});
