/** One line on stderr while something takes long; none when stderr is no terminal, so that logs stay clean. */
import type { Io } from './io.ts'

export interface Progress {
  say(text: string): void
  end(): void
}

export function progress(io: Io): Progress {
  if (!io.terminal) return { say: () => undefined, end: () => undefined }
  const startedAt = io.now()
  let text = ''
  const draw = () => {
    const seconds = ((io.now() - startedAt) / 1000).toFixed(0)
    io.err(`\r\x1b[2K${`${text} (${seconds} s)`.slice(0, io.width - 1)}`)
  }
  const timer = setInterval(draw, 500)
  timer.unref()
  return {
    say(next) {
      text = next
      draw()
    },
    end() {
      clearInterval(timer)
      io.err('\r\x1b[2K')
    },
  }
}
