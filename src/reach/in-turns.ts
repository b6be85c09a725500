/** Acts side by side, so many at once; in the order of the items. Rejects with the first failure, and begins no more then. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  let failed = false
  const lane = async () => {
    for (const [index, item] of left) {
      if (failed) return
      try {
        results[index] = await act(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane))
  return results
}
