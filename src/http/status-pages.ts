/** The pages of the status on the admin port, by path. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { renderBudgetPage } from '../status/budget-page.ts'
import { renderCertificatePage } from '../status/certificate-page.ts'
import { statusPolicy, type PageOptions } from '../status/document.ts'
import { renderFindingsPage } from '../status/findings-page.ts'
import { renderStatusPage } from '../status/page.ts'
import { renderRedirectsPage } from '../status/redirects-page.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import { nameOfSegment } from '../status/views.ts'

type Render = (snapshot: StatusSnapshot, options: PageOptions) => string

const pages: Readonly<Record<string, Render>> = {
  '/status': renderStatusPage,
  '/status/findings': renderFindingsPage,
  '/status/budget': renderBudgetPage,
  '/status/redirects': renderRedirectsPage,
}

export interface StatusPagesDeps {
  /** Undefined: it cannot be had now. */
  readonly snapshot: () => Promise<StatusSnapshot | undefined>
  readonly unavailable: (reply: FastifyReply) => FastifyReply
}

export function addStatusPages(app: FastifyInstance, { snapshot, unavailable }: StatusPagesDeps): void {
  const send = (reply: FastifyReply, page: string) =>
    reply.header('content-security-policy', statusPolicy).type('text/html; charset=utf-8').send(page)
  for (const [path, render] of Object.entries(pages)) {
    app.get(path, async (request, reply) => {
      const seen = await snapshot()
      return seen ? send(reply, render(seen, optionsOf(seen, request))) : unavailable(reply)
    })
  }
  app.get<{ Params: { name: string } }>('/status/certificates/:name', async (request, reply) => {
    const seen = await snapshot()
    if (!seen) return unavailable(reply)
    const page = renderCertificatePage(nameOfSegment(request.params.name), seen, optionsOf(seen, request))
    if (page !== undefined) return send(reply, page)
    return reply
      .code(404)
      .type('text/plain; charset=utf-8')
      .send('There is no certificate of that name; /status names all.\n')
  })
}

function optionsOf(seen: StatusSnapshot, request: FastifyRequest): PageOptions {
  const { refresh } = request.query as { readonly refresh?: unknown }
  return { now: seen.at, refresh: refresh !== 'off' }
}
