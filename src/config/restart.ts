/** Which changed settings the running process cannot take up. Pure. */
import type { Config } from './schema.ts'

/**
 * Paths of the changed settings that take effect at the next start only: sockets and their limits are opened once, and
 * the lock and every record are in the store. Empty when everything of the change is in force.
 */
export function restartNeeded(before: Config, after: Config): string[] {
  const { public: openBefore, admin: adminBefore, stop: stopBefore } = before.listeners
  const { public: openAfter, admin: adminAfter, stop: stopAfter } = after.listeners
  return [
    ...changed('listeners.public', openBefore, openAfter),
    ...changed('listeners.admin', adminBefore, adminAfter),
    ...changed('listeners.stop', stopBefore, stopAfter),
    ...changed('store', before.store, after.store),
  ]
}

/** The new configuration with the running values of those settings: what is really in force after the change. */
export function inForce(before: Config, after: Config): Config {
  return { ...after, listeners: before.listeners, store: before.store }
}

function changed<Section extends object>(path: string, before: Section, after: Section): string[] {
  const keys = Object.keys(before) as (keyof Section & string)[]
  return keys.filter((key) => before[key] !== after[key]).map((key) => `${path}.${key}`)
}
