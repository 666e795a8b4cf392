import { describe, expect, it } from 'vitest';
import { humanTime } from '../../src/fields/clock.js';
import { shortFloat } from '../../src/fields/number_text.js';

describe('shortFloat', () => {
  // As printf("%g") of the C library prints them.
  it.each([
    [0, '0'],
    [1e-9, '1e-09'],
    [9.99e-7, '9.99e-07'],
    [0.00001, '1e-05'],
    [0.0001, '0.0001'],
    [0.001, '0.001'],
    [0.123456789, '0.123457'],
    [1.5, '1.5'],
    [1000, '1000'],
    [1234.567890123, '1234.57'],
    [999999.5, '1e+06'],
    [1e6, '1e+06'],
    [18446744073.7, '1.84467e+10'],
  ])('%d is %s', (value, text) => {
    expect(shortFloat(value)).toBe(text);
  });
});

describe('humanTime', () => {
  it.each([
    [0, '0ns'],
    [999, '999ns'],
    [1000, '1.00us'],
    [1181, '1.18us'],
    [4456, '4.45us'],
    [10075, '10us'],
    [174239, '174us'],
    [5211194, '5.21ms'],
    [1000124752, '1.00s'],
    [61e9, '61s'],
  ])('%d ns is %s', (ns, text) => {
    expect(humanTime(ns)).toBe(text);
  });
});
