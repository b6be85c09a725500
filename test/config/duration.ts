import t from 'tap'
import { formatDuration, parseDuration } from '../../src/config/duration.ts'
t.equal(parseDuration('12h'), 43_200_000)
t.equal(formatDuration(43_200_000), '12h')
