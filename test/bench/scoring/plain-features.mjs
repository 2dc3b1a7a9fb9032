/**
 * The yardstick for features on one thread: twelve plain features of a year's quarter of hourly load, as simple typed-array code
 * computes them, in three passes and without robustness. Mean, night to day, load factor, coefficient of variation, 5th percentile (of
 * a histogram) and its share of the mean, size and place of the one step that splits the days best, autocorrelation over 24 h, weekend to
 * weekday, maximum, correlation with the outdoor temperature.
 */
import { correlationOf } from '../../../dist/src/readings/domain/numeric.js';

const BINS = 4096;
const MOST_KW = 32.768;
const LEAST_DAYS_A_SIDE = 7;

const histogram = new Uint32Array(BINS);
let dailyKw = new Float64Array(0);
const features = new Float64Array(12);

/** @param hourlyKw NaN = missing @param temperatureC daily mean, NaN = unknown */
export function plainFeatures({ hourlyKw, days, firstDay }, temperatureC) {
  if (dailyKw.length < days) dailyKw = new Float64Array(days);
  histogram.fill(0);
  let count = 0;
  let sum = 0;
  let squares = 0;
  let most = 0;
  let night = 0;
  let nightHours = 0;
  for (let day = 0; day < days; day++) {
    let daySum = 0;
    let dayCount = 0;
    for (let hour = 0; hour < 24; hour++) {
      const kw = hourlyKw[day * 24 + hour];
      if (kw !== kw) continue;
      daySum += kw;
      dayCount++;
      squares += kw * kw;
      if (kw > most) most = kw;
      if (hour >= 1 && hour < 5) {
        night += kw;
        nightHours++;
      }
      histogram[Math.min(BINS - 1, (kw * (BINS / MOST_KW)) | 0)]++;
    }
    dailyKw[day] = dayCount > 0 ? daySum / dayCount : NaN;
    sum += daySum;
    count += dayCount;
  }
  const mean = sum / count;
  const variance = squares / count - mean * mean;
  const fifth = percentile(count * 0.05);
  const step = bestStep(days);
  features[0] = mean;
  features[1] = night / nightHours / ((sum - night) / (count - nightHours));
  features[2] = mean / most;
  features[3] = Math.sqrt(variance) / mean;
  features[4] = fifth;
  features[5] = fifth / mean;
  features[6] = step.kw;
  features[7] = step.day;
  features[8] = autocorrelation(hourlyKw, days * 24, mean) / variance;
  features[9] = weekendRatio(days, firstDay);
  features[10] = most;
  features[11] = correlation(days, temperatureC);
  return features;
}

function percentile(below) {
  let seen = 0;
  for (let bin = 0; bin < BINS; bin++) {
    seen += histogram[bin];
    if (seen > below) return ((bin + 0.5) * MOST_KW) / BINS;
  }
  return NaN;
}

/** The split of the days with the largest sum of squares between its sides. */
function bestStep(days) {
  let total = 0;
  let known = 0;
  for (let day = 0; day < days; day++) {
    if (dailyKw[day] !== dailyKw[day]) continue;
    total += dailyKw[day];
    known++;
  }
  let best = -1;
  const step = { kw: 0, day: -1 };
  let sum = 0;
  let before = 0;
  for (let day = 0; day < days; day++) {
    if (before >= LEAST_DAYS_A_SIDE && known - before >= LEAST_DAYS_A_SIDE) {
      const kw = (total - sum) / (known - before) - sum / before;
      const between = (kw * kw * before * (known - before)) / known;
      if (between > best) {
        best = between;
        step.kw = kw;
        step.day = day;
      }
    }
    if (dailyKw[day] !== dailyKw[day]) continue;
    sum += dailyKw[day];
    before++;
  }
  return step;
}

function autocorrelation(hourlyKw, hours, mean) {
  let sum = 0;
  let count = 0;
  for (let hour = 24; hour < hours; hour++) {
    const product = (hourlyKw[hour] - mean) * (hourlyKw[hour - 24] - mean);
    if (product !== product) continue;
    sum += product;
    count++;
  }
  return sum / count;
}

function weekendRatio(days, firstDay) {
  const sums = [0, 0];
  const counts = [0, 0];
  for (let day = 0; day < days; day++) {
    if (dailyKw[day] !== dailyKw[day]) continue;
    // 1970-01-01 was a Thursday.
    const isWeekend = Number((firstDay + day + 3) % 7 > 4);
    sums[isWeekend] += dailyKw[day];
    counts[isWeekend]++;
  }
  return sums[1] / counts[1] / (sums[0] / counts[0]);
}

function correlation(days, temperatureC) {
  let count = 0;
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let day = 0; day < days; day++) {
    const kw = dailyKw[day];
    const celsius = temperatureC[day];
    if (kw !== kw || celsius !== celsius) continue;
    count++;
    x += kw;
    y += celsius;
    xx += kw * kw;
    yy += celsius * celsius;
    xy += kw * celsius;
  }
  return correlationOf({ count, x, y, xx, yy, xy });
}
