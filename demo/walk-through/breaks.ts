/** The mistakes of `npm start -- --break WHAT`. */
import { doorBreaks } from '../gateway/front-door.ts'

/** `dns`: the names lead elsewhere. The others are of the front door. */
export const breaks = [...doorBreaks, 'dns'] as const
export type Break = (typeof breaks)[number]
