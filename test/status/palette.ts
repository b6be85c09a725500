import t from 'tap'
import { dark, light, markPairs, textPairs, type Palette } from '../../src/status/palette.ts'

/** WCAG 2.2, "relative luminance" of #rrggbb. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

t.test('the measure itself', async (t) => {
  t.equal(contrast('#000000', '#ffffff'), 21)
  t.equal(contrast('#777777', '#777777'), 1)
})

for (const [name, palette] of Object.entries({ light, dark })) {
  t.test(`${name}: text can be read and marks can be told apart`, async (t) => {
    const check = (pairs: readonly (readonly [keyof Palette, keyof Palette])[], least: number) => {
      for (const [front, back] of pairs) {
        const found = contrast(palette[front], palette[back])
        t.ok(found >= least, `${front} on ${back}: ${found.toFixed(2)}, at least ${least}`)
      }
    }
    check(textPairs, 4.5)
    check(markPairs, 3)
  })
}
