/** A bound on what is asked of many: what has not ended when time is up is answered by something else. */

/**
 * The act's own result, or `otherwise` once `late` has aborted. What goes on afterwards is nobody's; give it the signal, too.
 * Rejects as the act does, before that.
 */
export async function inTime<T>(act: Promise<T>, late: AbortSignal, otherwise: () => T): Promise<T> {
  const { promise: end, resolve } = Promise.withResolvers<undefined>()
  const over = () => resolve(undefined)
  late.addEventListener('abort', over, { once: true })
  if (late.aborted) over()
  try {
    const first = await Promise.race([act.then((result) => ({ result })), end])
    return first ? first.result : otherwise()
  } catch (error) {
    if (late.aborted) return otherwise()
    throw error
  } finally {
    late.removeEventListener('abort', over)
  }
}
