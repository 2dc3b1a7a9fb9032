/*
 * Order statistics in WebAssembly (AssemblyScript): what JavaScript can't say, comparing without branches and several numbers
 * at once. A branch on whether a load is above another is guessed wrong half of the time. `npm run assembly` compiles this into
 * domain/order-statistics.wasm.ts; domain/order-statistics.ts is its other side.
 */

/** Most numbers at once; one place more for padding. */
const CAPACITY: i32 = 10_240;
// The first bytes are left to the compiler.
const NUMBERS: usize = 1_024;
const SPARE_BYTES: usize = (<usize>CAPACITY + 2) * 8;
const SPARE_A: usize = NUMBERS + SPARE_BYTES;
const SPARE_B: usize = SPARE_A + SPARE_BYTES;
const SPARE_C: usize = SPARE_B + SPARE_BYTES;
const HOURS: usize = SPARE_C + SPARE_BYTES;

/** Up to so many numbers each is compared with all others. */
const FEW: i32 = 16;
const HOURS_OF_DAY: usize = 24;
const ROW_BYTES: usize = HOURS_OF_DAY * 4;

/** Bytes from the start of the memory to the numbers (f64). */
export function numbersAt(): usize {
  return NUMBERS;
}

export function capacity(): i32 {
  return CAPACITY;
}

/** Bytes from the start of the memory to the table of hours: 24 counts (i32), then rows of 24 hours (f32), to the end of the memory. */
export function hoursAt(): usize {
  return HOURS;
}

/** The number after the one that `orderStatistic` found, in order of size; Infinity after the last. */
let following: f64 = Infinity;

/** Quantile `p` of the first `count` numbers (two or more), on the line between two (numpy's type 7). */
export function quantile(count: i32, p: f64): f64 {
  const place = <f64>(count - 1) * p;
  const rank = <i32>Math.floor(place);
  const lower = orderStatistic(count, rank);
  return place == <f64>rank ? lower : lower + (place - <f64>rank) * (following - lower);
}

/**
 * The number of rank `rank` (0 = lowest) among the first `count`. Quickselect: what is below and what is above a pivot goes
 * into a spare area each, every number being written to both and one of the two kept. The numbers themselves stay.
 */
export function orderStatistic(count: i32, rank: i32): f64 {
  let from = NUMBERS;
  let left = count;
  let k = rank;
  following = Infinity;
  while (left > FEW) {
    const pivot = likelyPivot(from, left, k);
    const lows = from == SPARE_A ? SPARE_B : SPARE_A;
    const highs = from == SPARE_C ? SPARE_B : SPARE_C;
    let low = lows;
    let high = highs;
    const end = from + ((<usize>left) << 3);
    for (let at = from; at < end; at += 8) {
      const value = load<f64>(at);
      store<f64>(low, value);
      low += (<usize>(value < pivot)) << 3;
      store<f64>(high, value);
      high += (<usize>(value > pivot)) << 3;
    }
    const below = <i32>((low - lows) >> 3);
    const above = <i32>((high - highs) >> 3);
    const notAbove = left - above;
    if (k < below) {
      following = pivot;
      from = lows;
      left = below;
    } else if (k < notAbove) {
      if (k + 1 < notAbove) following = pivot;
      else following = min(following, lowestOf(highs, above));
      return pivot;
    } else {
      from = highs;
      left = above;
      k -= notAbove;
    }
  }
  return selectOfFew(from, left, k);
}

/** Of five numbers spread over the part, nearly sorted, the one whose place is nearest to the rank. */
function likelyPivot(from: usize, count: i32, rank: i32): f64 {
  const step = (<usize>(count / 5)) << 3;
  const first = from + ((step >> 4) << 3);
  let a = load<f64>(first);
  let b = load<f64>(first + step);
  let c = load<f64>(first + 2 * step);
  let d = load<f64>(first + 3 * step);
  let e = load<f64>(first + 4 * step);
  let low = min(a, b);
  b = max(a, b);
  a = low;
  low = min(d, e);
  e = max(d, e);
  d = low;
  low = min(a, d);
  d = max(a, d);
  a = low;
  low = min(b, e);
  e = max(b, e);
  b = low;
  low = min(b, c);
  c = max(b, c);
  b = low;
  low = min(c, d);
  d = max(c, d);
  c = low;
  low = min(b, c);
  c = max(b, c);
  b = low;
  const fifth = (rank * 5) / count;
  return fifth == 0 ? a : fifth == 1 ? b : fifth == 2 ? c : fifth == 3 ? d : e;
}

/** The largest number that has at most `rank` others below it, found by counting them for each. */
function selectOfFew(from: usize, count: i32, rank: i32): f64 {
  const padding = from + ((<usize>count) << 3);
  const kept = load<f64>(padding);
  store<f64>(padding, Infinity);
  const pairsEnd = from + ((<usize>((count + 1) >> 1)) << 4);
  let found: f64 = -Infinity;
  let next: f64 = -Infinity;
  for (let at = from; at < padding; at += 8) {
    const value = load<f64>(at);
    const both = f64x2.splat(value);
    let lower = i64x2.splat(0);
    for (let pair = from; pair < pairsEnd; pair += 16) {
      lower = i64x2.sub(lower, f64x2.lt(v128.load(pair), both));
    }
    const below = <i32>(i64x2.extract_lane(lower, 0) + i64x2.extract_lane(lower, 1));
    found = max(found, select<f64>(value, -Infinity, below <= rank));
    next = max(next, select<f64>(value, -Infinity, below <= rank + 1));
  }
  store<f64>(padding, kept);
  if (rank + 1 < count) following = next;
  return found;
}

function lowestOf(from: usize, count: i32): f64 {
  let lowest: f64 = Infinity;
  const end = from + ((<usize>count) << 3);
  for (let at = from; at < end; at += 8) lowest = min(lowest, load<f64>(at));
  return lowest;
}

/**
 * Sorts the first `count` numbers, for some dozens of them: each goes to the place that says how many are below it, equal ones
 * before it included.
 */
export function sort(count: i32): void {
  const end = NUMBERS + ((<usize>count) << 3);
  store<f64>(end, Infinity);
  for (let at = NUMBERS; at < end; at += 8) {
    const value = load<f64>(at);
    const both = f64x2.splat(value);
    const own = NUMBERS + (((at - NUMBERS) >> 4) << 4);
    let lower = i64x2.splat(0);
    for (let pair = NUMBERS; pair < own; pair += 16) {
      lower = i64x2.sub(lower, f64x2.le(v128.load(pair), both));
    }
    for (let pair = own + 16; pair < end; pair += 16) {
      lower = i64x2.sub(lower, f64x2.lt(v128.load(pair), both));
    }
    const beside = at == own ? load<f64>(at + 8) < value : load<f64>(own) <= value;
    const place = <usize>(i64x2.extract_lane(lower, 0) + i64x2.extract_lane(lower, 1)) + <usize>beside;
    store<f64>(SPARE_A + (place << 3), value);
  }
  memory.copy(NUMBERS, SPARE_A, (<usize>count) << 3);
}

/**
 * Sorts the `rows` values of each of the 24 hours of a table, missing ones (NaN) last as Infinity, and counts those that are
 * there. Merge exchange (Batcher; Knuth 5.2.2, algorithm M): which places are compared does not depend on the values, so that four
 * hours go at once.
 */
export function sortHours(table: usize, rows: i32): void {
  const first = table + HOURS_OF_DAY * 4;
  countPresent(table, first, rows);
  if (rows < 2) return;
  let top = 1;
  while (top << 1 < rows) top <<= 1;
  for (let p = top; p > 0; p >>= 1) {
    let q = top;
    let r = 0;
    let distance = p;
    while (true) {
      for (let i = 0; i < rows - distance; i++) {
        if ((i & p) == r) exchange(first + <usize>i * ROW_BYTES, first + <usize>(i + distance) * ROW_BYTES);
      }
      if (q == p) break;
      distance = q - p;
      q >>= 1;
      r = p;
    }
  }
}

function countPresent(table: usize, first: usize, rows: i32): void {
  const missing = f32x4.splat(Infinity);
  for (let column: usize = 0; column < ROW_BYTES; column += 16) {
    let present = i32x4.splat(0);
    for (let row = 0; row < rows; row++) {
      const at = first + <usize>row * ROW_BYTES + column;
      const values = v128.load(at);
      const isPresent = f32x4.eq(values, values);
      present = i32x4.sub(present, isPresent);
      v128.store(at, v128.bitselect(values, missing, isPresent));
    }
    v128.store(table + column, present);
  }
}

/** By hour, the lower of two days' values into `low`, the higher into `high`. */
function exchange(low: usize, high: usize): void {
  for (let column: usize = 0; column < ROW_BYTES; column += 16) {
    const a = v128.load(low + column);
    const b = v128.load(high + column);
    v128.store(low + column, f32x4.pmin(a, b));
    v128.store(high + column, f32x4.pmax(a, b));
  }
}
