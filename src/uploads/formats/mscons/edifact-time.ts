/** Instant of a DTM of format 203 (YYYYMMDDhhmm), 303 (with offset, `+01`) or 102 (a date), or null. Without an offset: UTC+1, the market's winter time. */
export function edifactTime(text: string, format: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d))?(?:\s*([+-])(\d\d)(\d\d)?)?(?:UTC|GMT)?$/.exec(
    text.trim(),
  );
  if (match === null || !['203', '303', '102'].includes(format)) return null;
  const [, year, month, day, hour = '00', minute = '00', sign, offsetHours = '01', offsetMinutes = '00'] =
    match;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  const date = new Date(local);
  if (date.getUTCDate() !== Number(day) || Number(hour) > 23 || Number(minute) > 59 || Number(year) < 2000)
    return null;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -1 : 1);
  return local - offset * 60_000;
}
