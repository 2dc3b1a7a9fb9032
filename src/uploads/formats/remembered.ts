/**
 * `read`, which is asked once for each of the few things that a file says again and again. At most `most` answers are
 * kept: a file of ever new ones starts afresh and holds no memory.
 */
export function remembered<Key, Value>(read: (key: Key) => Value, most: number): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      if (known.size >= most) known.clear();
      value = read(key);
      known.set(key, value);
    }
    return value;
  };
}
