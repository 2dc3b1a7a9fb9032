/** Bytes of a value as most files write most of theirs, `0.851`, and of the one behind it. */
export const PLAIN_VALUE_BYTES = 6;

const ZERO = 0x30;
/**
 * `0.00` as the bytes of a little-endian number: what is left of four bytes without them is the digits of `1.23`, each in a byte, and
 * no other bit.
 */
const ZERO_POINT_ZERO_ZERO = 0x30302e30;
/** Carries every byte beyond 9 into its upper half. */
const SIX_EACH = 0x06060006;
const NO_DIGITS = 0xf0f0fff0;

/**
 * The energy in Wh that stands at `at` as `0.851` kWh with the byte `end` behind it; −1 where anything else does. Four bytes are
 * looked at once, and two: {@link PLAIN_VALUE_BYTES} must be there.
 */
export function plainValue(view: DataView, at: number, end: number): number {
  const digits = view.getInt32(at, true) ^ ZERO_POINT_ZERO_ZERO;
  const behind = view.getUint16(at + 4, true);
  const thousandths = (behind & 0xff) - ZERO;
  const isPlain =
    (((digits + SIX_EACH) | digits) & NO_DIGITS) === 0 &&
    thousandths >= 0 &&
    thousandths <= 9 &&
    behind >>> 8 === end;
  if (!isPlain) return -1;
  return (digits & 0xff) * 1000 + ((digits >>> 16) & 0xff) * 100 + (digits >>> 24) * 10 + thousandths;
}
