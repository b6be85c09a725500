/** The colours of the status page, light and dark; test/status/palette.ts holds every pair to WCAG 2.2 AA. Pure. */

export interface Palette {
  readonly page: string
  readonly card: string
  readonly ink: string
  readonly quiet: string
  readonly line: string
  readonly link: string
  readonly good: string
  readonly goodSoft: string
  readonly busy: string
  readonly busySoft: string
  readonly warn: string
  readonly warnSoft: string
  readonly bad: string
  readonly badSoft: string
  readonly track: string
  readonly lived: string
  readonly window: string
  readonly chosen: string
}

export const light: Palette = {
  page: '#f5f6f8',
  card: '#ffffff',
  ink: '#1b2330',
  quiet: '#566275',
  line: '#dde2e9',
  link: '#1a56c4',
  good: '#146534',
  goodSoft: '#e4f4ea',
  busy: '#1a4fb8',
  busySoft: '#e6eefc',
  warn: '#854700',
  warnSoft: '#fdf0d9',
  bad: '#b0221a',
  badSoft: '#fdeae8',
  track: '#e6eaef',
  lived: '#b7c3d3',
  window: '#9fd8c8',
  chosen: '#0c6b5f',
}

export const dark: Palette = {
  page: '#11151b',
  card: '#191f27',
  ink: '#e7ebf1',
  quiet: '#9dabbd',
  line: '#2d3641',
  link: '#8db9ff',
  good: '#7fe0a6',
  goodSoft: '#143222',
  busy: '#9fc3ff',
  busySoft: '#182a49',
  warn: '#f4c97f',
  warnSoft: '#38290f',
  bad: '#ffa49c',
  badSoft: '#43191a',
  track: '#2a323d',
  lived: '#4c5a6c',
  window: '#23685a',
  chosen: '#5fdcc0',
}

/** Text colour and what it stands on; each pair needs a contrast of 4.5. */
export const textPairs: readonly (readonly [keyof Palette, keyof Palette])[] = [
  ['ink', 'page'],
  ['ink', 'card'],
  ['quiet', 'page'],
  ['quiet', 'card'],
  ['link', 'page'],
  ['link', 'card'],
  ['good', 'goodSoft'],
  ['busy', 'busySoft'],
  ['warn', 'warnSoft'],
  ['bad', 'badSoft'],
  ['ink', 'badSoft'],
  ['ink', 'warnSoft'],
]

/** Marks of the bar and what they stand on; each pair needs a contrast of 3. */
export const markPairs: readonly (readonly [keyof Palette, keyof Palette])[] = [
  ['chosen', 'track'],
  ['chosen', 'lived'],
  ['chosen', 'window'],
  ['chosen', 'card'],
  ['ink', 'track'],
  ['ink', 'lived'],
  ['ink', 'card'],
]
