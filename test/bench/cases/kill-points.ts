/** kill -9 at twelve points of an order, ten rounds each, with state, tokens and certificates in folders. */
import t from 'tap'
import { killAtEachPoint, sceneOptions } from '../fixtures/kill-points.ts'
import { setScene } from '../fixtures/scene.ts'

// Two lanes for two cores: a round is mostly starting processes.
t.jobs = 2
killAtEachPoint(t, {
  rounds: 10,
  async setStage(t) {
    const certificates = [{ name: 'book', domains: ['book.example.com'] }]
    const scene = await setScene(t, { ...sceneOptions, certificates })
    const { port80 } = scene
    return {
      ...scene,
      installed: async () => port80.installed('book'),
      wish: () => port80.wish('book', 'renew'),
    }
  },
})
