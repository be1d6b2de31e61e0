import { expect, test } from 'vitest';
import { median, percentile } from './statistics.ts';

test('the median of an odd count is the middle value, whatever the order', () => {
  expect(median([9, 1, 5])).toBe(5);
});

test('the median of an even count is the mean of the two in the middle', () => {
  expect(median([10, 2, 4, 100])).toBe(7);
});

test('the median sorts numbers, not their spelling', () => {
  expect(median([10, 9, 100])).toBe(10);
});

test('a percentile is a value that occurred, at the nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile(values, 1)).toBe(100);
  expect(percentile([7], 0.99)).toBe(7);
});

test('of nothing there is no median and no percentile', () => {
  expect(median([])).toBeNaN();
  expect(percentile([], 0.5)).toBeNaN();
});
