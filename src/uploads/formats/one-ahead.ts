/** The same items, each asked for while the one before it is worked on: what waits for the database decodes meanwhile. */
export async function* oneAhead<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let coming = iterator.next();
  try {
    for (;;) {
      const come = await coming;
      if (come.done === true) return;
      coming = iterator.next();
      // Awaited at the next turn; until then a failure must not count as unhandled.
      coming.catch(() => undefined);
      yield come.value;
    }
  } finally {
    await coming.catch(() => undefined);
    await iterator.return?.();
  }
}
